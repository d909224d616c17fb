# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""The table of scripts/quickstart, from answers of `trispike eval` and `trispike count`."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).parents[2] / "tools" / "quickstart_table.py"


def write_answers(folder: pathlib.Path, neuron_layers: list) -> None:
    folder.mkdir()
    answers = {
        "libtorch": {"accuracy": 0.9123},
        "runtime": {"accuracy": 0.9118, "median_latency_ms": 0.23456},
        "count": {
            "firing_rate": 0.1234,
            "neuron_layers": neuron_layers,
            "total": {"synaptic_operations": 1234567.8, "macs": 999499.0},
            "energy": [
                {"model": "horowitz45nm", "energy_pj": 5.0},
                {"model": "paper", "energy_pj": 50140000.0},
            ],
        },
    }
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))


class QuickstartTable(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.out = pathlib.Path(holder.name)

    def run_tool(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-B", TOOL, *arguments], capture_output=True, text=True, check=False
        )

    def test_prints_one_row_per_network(self):
        write_answers(self.out / "trainable_ternary", [{"layer": "stem"}])
        write_answers(self.out / "relu", [])
        result = self.run_tool(str(self.out), "trainable_ternary", "relu")
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = result.stdout.splitlines()
        cells = [part.strip() for part in lines[2].split("  ") if part.strip()]
        self.assertEqual(
            cells,
            ["trainable ternary", "91.23 %", "91.18 %", "12.3 %", "1.23 M", "999 k", "50.1 uJ", "0.235 ms"],
        )
        self.assertTrue(lines[3].startswith("none (ANN twin) "))
        self.assertIn(" - ", lines[3])
        self.assertEqual(len(lines[0]), len(lines[2]))

    def test_names_the_file_that_is_missing(self):
        result = self.run_tool(str(self.out), "binary")
        self.assertEqual(result.returncode, 1)
        self.assertIn(str(self.out / "binary" / "libtorch.json"), result.stderr)

    def test_names_the_key_that_is_missing(self):
        write_answers(self.out / "binary", [])
        (self.out / "binary" / "runtime.json").write_text("{}")
        result = self.run_tool(str(self.out), "binary")
        self.assertEqual(result.returncode, 1)
        self.assertIn("accuracy", result.stderr)

    def test_explains_itself_without_arguments(self):
        result = self.run_tool()
        self.assertEqual(result.returncode, 2)
        self.assertIn("usage:", result.stderr)


if __name__ == "__main__":
    unittest.main()
