#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Counts synaptic operations from spikes alone, without the runtime, and compares.

    trispike_prove_additions MODEL INPUT proof.safetensors    (built with the tests)
    python tools/count_synaptic_operations.py proof.safetensors

For each layer that reads spikes or input events: |s|, summed over every window of the pools on the way, convolved with a
kernel of ones. A quantised network has one weight for all windows of a pool, divided by the least common multiple D of
the numbers of positions that they average: a spike in a window of d positions is added D / d times (docs/integer.md).
The answer must be the number of additions that the runtime executed. Needs nothing but Python.
"""

import array
import json
import math
import struct
import sys

# A map is a list of rows of whole numbers. Layers treat all samples, time steps and channels alike, so their maps are
# summed before anything else.


def read_proof(path):
    """Metadata, and the map of |s| of each tensor, which is [N, T, C, H, W]."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    maps = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        numbers = array.array({"I8": "b", "I64": "q"}[entry["dtype"]], data[begin:end])
        if sys.byteorder == "big":
            numbers.byteswap()
        height, width = entry["shape"][-2:]
        total = [0] * (height * width)
        for at in range(0, len(numbers), len(total)):
            total = [sum_ + abs(s) for sum_, s in zip(total, numbers[at : at + len(total)])]
        maps[name] = [total[y * width : (y + 1) * width] for y in range(height)]
    return metadata, maps


def total_of(values):
    return sum(map(sum, values))


def positions(size, layer):
    """How many places a sliding window has along an axis."""
    room = size + 2 * layer["padding"] - layer["kernel"]
    if not layer.get("ceil_mode"):
        return room // layer["stride"] + 1
    count = -(-max(room, 0) // layer["stride"]) + 1
    return count if (count - 1) * layer["stride"] < size + layer["padding"] else count - 1


def windows(values, layer):
    """Sums of a map over sliding windows: a convolution with ones."""
    height, width = len(values), len(values[0])

    def inside(place, size):
        begin = place * layer["stride"] - layer["padding"]
        return slice(max(0, begin), max(0, min(size, begin + layer["kernel"])))

    columns = [inside(x, width) for x in range(positions(width, layer))]
    return [
        [sum(sum(row[x]) for row in values[inside(y, height)]) for x in columns]
        for y in range(positions(height, layer))
    ]


def pooled(values, layer, quantised):
    """How often the numbers of a map are added for each cell of an average pool."""
    sums = windows(values, layer)
    if not quantised or layer["count_padding"]:
        return sums
    averaged = windows([[1] * len(values[0]) for _ in values], layer)
    common = math.lcm(*(count for row in averaged for count in row))
    return [[s * (common // count) for s, count in zip(*rows)] for rows in zip(sums, averaged)]


def arriving(layers, name, spikes, quantised):
    """How many spikes reach each cell of the output of a layer; None if it is real-valued."""
    layer = layers[name]
    if layer["type"] == "neuron" or layer.get("kind") == "events":
        return spikes.get(name)
    if layer["type"] not in ("avg_pool", "global_avg_pool"):
        return None
    events = arriving(layers, layer["inputs"][0], spikes, quantised)
    if events is None:
        return None
    if layer["type"] == "global_avg_pool":
        return [[total_of(events)]]
    return pooled(events, layer, quantised)


def operations(layer, events):
    """Additions that events cause in a layer with weights."""
    if layer["type"] == "scale":
        return total_of(events)
    if layer["type"] == "linear":
        return total_of(events) * layer["out_features"]
    return total_of(windows(events, layer)) * layer["out_channels"]


def count(network, spikes, quantised):
    """Synaptic operations of each layer with weights, by name."""
    layers = {layer["name"]: layer for layer in network["layers"]}
    counts = {}
    for name, layer in layers.items():
        if layer["type"] in ("conv", "linear", "scale"):
            events = arriving(layers, layer["inputs"][0], spikes, quantised)
            counts[name] = 0 if events is None else operations(layer, events)
    return counts


def main(path):
    metadata, spikes = read_proof(path)
    counts = count(json.loads(metadata["network"]), spikes, metadata["stage"] == "quantised")
    wrong = 0
    for name, counted in counts.items():
        executed = int(metadata["synaptic_operations." + name])
        if counted != executed:
            wrong += 1
            print(f"{name}: counted {counted}, executed {executed}")
    print(f"{sum(counts.values())} synaptic operations counted from spikes; {wrong} layers disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
