# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Synaptic operations counted from spikes: cases worked out by hand and, with the path of trispike_prove_additions as
argument, those that the runtime executed for the committed models."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import count_synaptic_operations as tool  # noqa: E402

# trispike_prove_additions, behind the emulator that a foreign one needs.
PROVE, sys.argv[1:] = sys.argv[1:], []
POOL = {"type": "avg_pool", "kernel": 2, "stride": 2, "padding": 0, "ceil_mode": True, "count_padding": False}
ONES = [[1] * 3 for _ in range(3)]


def network(*layers):
    """A neuron layer called 0 and layers 1, 2, ... each of which reads the one before."""
    chain = [{"type": "neuron", "name": "0", "inputs": []}]
    for number, layer in enumerate(layers, 1):
        chain.append({**layer, "name": str(number), "inputs": [str(number - 1)]})
    return {"layers": chain}


class ByHand(unittest.TestCase):
    def test_convolution_sees_no_padding(self):
        conv = {"type": "conv", "kernel": 3, "stride": 1, "padding": 1, "out_channels": 5}
        # Of a 3x3 map: corners are seen by 4 windows, sides by 6, the centre by 9.
        self.assertEqual(tool.count(network(conv), {"0": ONES}, False), {"1": (16 + 24 + 9) * 5})
        self.assertEqual(tool.count(network(conv), {"0": [[0, 0, 0], [0, 2, 0], [0, 0, 1]]}, False), {"1": 22 * 5})

    def test_pool_with_windows_of_4_2_2_and_1_positions(self):
        linear = {"type": "linear", "out_features": 10}
        self.assertEqual(tool.count(network(POOL, linear), {"0": ONES}, False), {"2": 90})
        # D = 4, so every window counts 4: its positions times D / d.
        self.assertEqual(tool.count(network(POOL, linear), {"0": ONES}, True), {"2": 160})
        corner = [[0, 0, 0], [0, 0, 0], [0, 0, 1]]
        self.assertEqual(tool.count(network(POOL, linear), {"0": corner}, True), {"2": 40})

    def test_pools_in_a_row_multiply(self):
        halves = {**POOL, "kernel": 2, "stride": 1, "ceil_mode": False, "padding": 1}
        # Windows over 3x3 with padding: 1, 2, 2, 1 positions along an axis, D = 4; over the 4x4 behind, 4 in all.
        layers = network(halves, {**POOL, "ceil_mode": False}, {"type": "scale"})
        self.assertEqual(tool.count(layers, {"0": ONES}, True), {"3": 16 * 4})
        self.assertEqual(tool.count(layers, {"0": ONES}, False), {"3": 36})

    def test_padding_that_counts_makes_all_windows_equal(self):
        pool = {**POOL, "kernel": 3, "padding": 1, "ceil_mode": False, "count_padding": True}
        for quantised in (False, True):
            self.assertEqual(tool.count(network(pool, {"type": "scale"}), {"0": ONES}, quantised), {"2": 16})

    def test_real_numbers_are_no_events(self):
        pixels = {"layers": [{"type": "input", "kind": "static", "name": "0", "inputs": []}]}
        pixels["layers"].append({"type": "linear", "name": "1", "inputs": ["0"], "out_features": 2})
        self.assertEqual(tool.count(pixels, {}, False), {"1": 0})


@unittest.skipUnless(PROVE, "no trispike_prove_additions given")
class AsExecuted(unittest.TestCase):
    def test_committed_models(self):
        # Their last pool goes from 7x7 to 4x4: windows of 4, 2, 2 and 1 positions.
        samples = ROOT / "tests/golden/integer/fashion-mnist-resnet8.safetensors"
        for model in ("fashion-mnist-resnet8", "fashion-mnist-resnet8-integer"):
            with self.subTest(model), tempfile.TemporaryDirectory() as folder:
                proof = pathlib.Path(folder, "proof.safetensors")
                subprocess.run([*PROVE, ROOT / f"models/{model}.safetensors", samples, proof], check=True)
                self.assertEqual(tool.main(proof), 0)


if __name__ == "__main__":
    unittest.main()
