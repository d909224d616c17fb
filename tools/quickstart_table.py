#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Prints the table of scripts/quickstart from the JSON answers of trispike eval and count.

usage: quickstart_table.py DIR NEURON...    reads DIR/NEURON/{libtorch,runtime,count}.json
"""

import json
import pathlib
import sys

HEADS = (
    "neuron", "accuracy, LibTorch", "accuracy, runtime", "firing rate",
    "synaptic operations", "MACs", "energy", "latency",
)


def scaled(value: float) -> str:
    """A count with three digits and a prefix: 1234567 is 1.23 M."""
    for prefix in ("", " k", " M", " G"):
        if value < 999.5:
            return f"{value:.3g}{prefix}"
        value /= 1000
    return f"{value:.3g} T"


def energy(count: dict) -> str:
    """Energy of one image under the paper's model, in microjoules."""
    (entry,) = [entry for entry in count["energy"] if entry["model"] == "paper"]
    return f"{entry['energy_pj'] / 1e6:.3g} uJ"


def row(folder: pathlib.Path) -> tuple[str, ...]:
    libtorch, runtime, count = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("libtorch", "runtime", "count")
    )
    spiking = bool(count["neuron_layers"])
    return (
        folder.name.replace("_", " ") if spiking else "none (ANN twin)",
        f"{100 * libtorch['accuracy']:.2f} %",
        f"{100 * runtime['accuracy']:.2f} %",
        f"{100 * count['firing_rate']:.1f} %" if spiking else "-",
        scaled(count["total"]["synaptic_operations"]),
        scaled(count["total"]["macs"]),
        energy(count),
        f"{runtime['median_latency_ms']:.3g} ms",
    )


def table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEADS))]
    lines = []
    for cells in rows:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))
        lines.append("  ".join([first, *rest]))
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(arguments[0])
    try:
        print(table([HEADS] + [row(folder / neuron) for neuron in arguments[1:]]))
    except (OSError, KeyError, ValueError) as error:
        print(f"quickstart_table.py: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(
        "\nOperations, energy and latency are those of one image: counted while the test set was classified,"
        "\nthe paper's 12.5 pJ per MAC, 77 fJ per synaptic operation and 3.7 pJ per sign, median on one core."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
