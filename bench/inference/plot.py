# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""usage: plot.py JSON SVG

Draws what run.py measured: ratios to the peers, and, if there are curves, milliseconds against firing rate,
time steps, batch and threads."""
import json
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import matplotlib.ticker

plt.rcParams.update({"svg.hashsalt": "trispike", "font.size": 9, "axes.spines.top": False,
                     "axes.spines.right": False})
BLUE, ORANGE, GREY = "#2b6cb0", "#dd6b20", "#718096"


def ratios(axes, rows):
    """One bar per peer, network and density: batch 1."""
    rows = [row for row in rows if row["batch"] == row["threads"] == 1 and row["mode"] == "fastest"]
    labels = [f"{row['peer']}\n{row['network']}, {100 * row['density']:.0f} % firing"
              + (f", T = {row['time_steps']}" if row["time_steps"] != 2 else "")
              + (f", {row['weight_bits']} bits" if row["weight_bits"] != 8 else "")
              + (", trained" if row["spikes"] == "trained" else "") for row in rows]
    values = [row["ratio"] for row in rows]
    places = range(len(rows))[::-1]
    # From 1: to the right trispike is faster.
    axes.barh(places, [value - 1 for value in values], left=1,
              color=[BLUE if value >= 1 else ORANGE for value in values])
    axes.axvline(1, color=GREY, linewidth=0.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(matplotlib.ticker.FormatStrFormatter("%g"))
    axes.set_yticks(places, labels, fontsize=6)
    for place, value in zip(places, values):
        axes.text(max(value, 1), place, f" {value:.2f}", va="center", fontsize=7)
    axes.set_xlabel("peer's time / trispike's, batch 1, one thread")


def against_density(axes, points, peers):
    for mode, color in (("fastest", BLUE), ("event-driven", ORANGE)):
        chosen = [point for point in points if point["mode"] == mode]
        axes.plot([100 * point["density"] for point in chosen],
                  [point["milliseconds_per_image"] for point in chosen], "o-", color=color, markersize=3,
                  label="trispike, " + ("all kernels" if mode == "fastest" else "spikes are only added"))
    for peer, milliseconds in peers.items():
        axes.axhline(milliseconds, color=GREY, linewidth=0.8, linestyle="--")
        axes.text(70, milliseconds, f"{peer}, the ANN", fontsize=7, color=GREY, ha="right", va="bottom")
    axes.set_xlabel("neurons that fire per time step, %")
    axes.set_ylabel("ms per picture, batch 1")
    axes.set_ylim(bottom=0, top=1.08 * axes.get_ylim()[1])
    axes.legend(frameon=False, fontsize=7)


def against(axes, points, key, label, color=BLUE, name=None):
    axes.plot([point[key] for point in points], [point["milliseconds_per_image"] for point in points], "o-",
              color=color, markersize=3, label=name)
    axes.set_xlabel(label)
    axes.set_ylabel("ms per picture")
    axes.set_ylim(bottom=0, top=1.08 * axes.get_ylim()[1])
    axes.set_xticks(sorted({point[key] for point in points}))


def write(result, path):
    networks = result.get("curves", {})
    network = next(iter(networks), None)
    bars = max(3.0, 0.24 * len([row for row in result["rows"] if row["batch"] == 1 and row["mode"] == "fastest"]))
    height = bars + (7 if network else 1)
    figure = plt.figure(figsize=(9, height))
    first = figure.add_axes([0.25, 1 - (bars + 0.6) / height, 0.7, bars / height])
    ratios(first, result["rows"])
    if network:
        axes = figure.subplots(2, 2, gridspec_kw={"left": 0.08, "right": 0.97, "bottom": 0.5 / height,
                                                  "top": 5.3 / height, "hspace": 0.35, "wspace": 0.22})
        curves = networks[network]
        peers = {row["peer"]: row["peer_ms"] for row in result["rows"]
                 if row["network"] == network and row["batch"] == 1 and row["peer"].endswith("int8")}
        against_density(axes[0][0], curves["density"], peers)
        against(axes[0][1], curves["time_steps"], "time_steps", "time steps")
        against(axes[1][0], curves["batch"], "batch", "batch")
        for batch, color in ((1, ORANGE), (16, BLUE)):
            against(axes[1][1], [point for point in curves["threads"] if point["batch"] == batch], "threads",
                    "threads", color, f"batch {batch}")
        axes[1][1].legend(frameon=False, fontsize=7)
    machine = result["machine"]
    figure.suptitle(f"{machine['cpu']}, {machine['target']}", fontsize=9, y=1 - 0.15 / height)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    with open(sys.argv[1]) as source:
        write(json.load(source), sys.argv[2])
