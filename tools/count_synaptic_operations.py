#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Counts synaptic operations from spikes alone, without the runtime, and compares.

    trispike_prove_additions MODEL INPUT proof.safetensors    (built with the tests)
    pip install numpy==2.4.6 safetensors==0.7.0
    python tools/count_synaptic_operations.py proof.safetensors

For each layer that reads spikes or input events: |s|, summed over every window of the pools on the way, convolved with a
kernel of ones. The answer must be the number of additions that the runtime executed.
"""

import json
import sys

import numpy as np
from safetensors import safe_open


def windows(maps, kernel, stride, padding, ceil_mode=False):
    """Sums of maps [..., H, W] over sliding windows: a convolution with ones."""
    height, width = maps.shape[-2:]

    def positions(size):
        room = size + 2 * padding - kernel
        if not ceil_mode:
            return room // stride + 1
        count = -(-max(room, 0) // stride) + 1
        return count if (count - 1) * stride < size + padding else count - 1

    rows, columns = positions(height), positions(width)
    far = kernel + stride * max(rows, columns)
    padded = np.pad(maps, [(0, 0)] * (maps.ndim - 2) + [(padding, far)] * 2)
    total = np.zeros(maps.shape[:-2] + (rows, columns), np.int64)
    for y in range(kernel):
        for x in range(kernel):
            total += padded[..., y : y + stride * rows : stride, x : x + stride * columns : stride]
    return total


def arriving(layers, name, spikes):
    """How many spikes reach each cell of the output of a layer; None if it is real-valued."""
    layer = layers[name]
    if layer["type"] == "neuron" or layer.get("kind") == "events":
        events = spikes.get(name)
        return None if events is None else np.abs(events.astype(np.int64))
    if layer["type"] not in ("avg_pool", "global_avg_pool"):
        return None
    events = arriving(layers, layer["inputs"][0], spikes)
    if events is None:
        return None
    if layer["type"] == "global_avg_pool":
        return events.sum((-2, -1), keepdims=True)
    return windows(events, layer["kernel"], layer["stride"], layer["padding"], layer["ceil_mode"])


def operations(layer, events):
    """Additions that `events` [N, T, C, H, W] cause in a layer with weights."""
    if layer["type"] == "scale":
        return int(events.sum())
    if layer["type"] == "linear":
        return int(events.sum()) * layer["out_features"]
    over_channels = events.sum(-3)
    seen = windows(over_channels, layer["kernel"], layer["stride"], layer["padding"])
    return int(seen.sum()) * layer["out_channels"]


def main(path):
    with safe_open(path, "numpy") as proof:
        metadata = proof.metadata()
        spikes = {name: proof.get_tensor(name) for name in proof.keys()}
    layers = {layer["name"]: layer for layer in json.loads(metadata["network"])["layers"]}
    total, wrong = 0, 0
    for layer in layers.values():
        if layer["type"] not in ("conv", "linear", "scale"):
            continue
        events = arriving(layers, layer["inputs"][0], spikes)
        counted = 0 if events is None else operations(layer, events)
        executed = int(metadata["synaptic_operations." + layer["name"]])
        total += counted
        if counted != executed:
            wrong += 1
            print(f"{layer['name']}: counted {counted}, executed {executed}")
    print(f"{total} synaptic operations counted from spikes; {wrong} layers disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
