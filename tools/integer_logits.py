#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""The logits of a quantised model by naive integer arithmetic, without the runtime.

    pip install numpy==2.4.6 safetensors==0.7.0
    python tools/integer_logits.py MODEL INPUT [GOLDEN]

MODEL is a model file of stage `quantised`; INPUT holds one tensor `input`, as `trispike predict --tensor`
takes it. Prints the logits of each sample, or writes them to GOLDEN with their inputs and the number of
spikes of each layer (tests/golden/integer). What it computes is written down in docs/integer.md.
"""

import json
import math
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def positions(size, kernel, stride, padding, ceil_mode):
    room = size + 2 * padding - kernel
    if not ceil_mode:
        return room // stride + 1
    count = -(-max(room, 0) // stride) + 1
    return count if (count - 1) * stride < size + padding else count - 1


def windows(maps, layer, ceil_mode=False):
    """The maps [C, H, W] as seen by each cell of a sliding window: yields (cell, [C, rows, columns])."""
    kernel, stride, padding = layer["kernel"], layer["stride"], layer["padding"]
    rows, columns = (positions(size, kernel, stride, padding, ceil_mode) for size in maps.shape[1:])
    far = kernel + stride * max(rows, columns)
    padded = np.pad(maps, [(0, 0), (padding, far), (padding, far)])
    for y in range(kernel):
        for x in range(kernel):
            yield (y, x), padded[:, y : y + stride * rows : stride, x : x + stride * columns : stride]


def conv(layer, weight, maps):
    return sum(
        np.einsum("oc,chw->ohw", weight[:, :, y, x], seen) for (y, x), seen in windows(maps, layer)
    )


def average_pool(layer, maps):
    """Sums in units of 1 / D, with D the least common multiple of what the windows divide by."""
    ceil_mode = layer["ceil_mode"]
    inside = sum(seen[0] for _, seen in windows(np.ones_like(maps[:1]), layer, ceil_mode))
    if layer["count_padding"]:
        inside = np.full_like(inside, layer["kernel"] ** 2)
    common = math.lcm(*(int(size) for size in np.unique(inside)))
    return sum(seen for _, seen in windows(maps, layer, ceil_mode)) * (common // inside)


class Network:
    def __init__(self, path):
        with safe_open(path, "numpy") as file:
            metadata = file.metadata()
            if metadata["trispike.stage"] != "quantised":
                sys.exit(f"{path}: stage {metadata['trispike.stage']}, expected quantised")
            spec = json.loads(metadata["trispike.network"])
            self.tensors = {
                name: file.get_tensor(name).astype(np.float64 if name.endswith(".scale") else np.int64)
                for name in file.keys()
            }
        self.layers = {layer["name"]: layer for layer in spec["layers"]}
        self.time_steps = spec["time_steps"]

    def tensor(self, layer, role):
        return self.tensors.get(f"{layer['name']}.{role}")

    def number(self, layer, role):
        return self.tensor(layer, role)[0]

    def weigh(self, layer, maps):
        weight, bias = self.tensor(layer, "weight"), self.tensor(layer, "bias")
        if layer["type"] == "scale":
            return maps * weight[:, None, None]
        if layer["type"] == "linear":
            sums = (weight @ maps.reshape(-1))[:, None, None]
        else:
            sums = conv(layer, weight, maps)
        return sums if bias is None else sums + bias[:, None, None]

    def current(self, membrane, sums):
        """Both kinds of sums, of events and with the input's numbers, in the membrane's unit."""
        events, products = sums
        if products is None:
            return events
        shift = self.number(membrane, "input_shift")
        return events + ((products + ((1 << shift) >> 1)) >> shift)

    def fire(self, layer, current, u):
        threshold = self.tensor(layer, "threshold")[:, None, None]
        u = np.floor(u * layer["decay"]).astype(np.int64) + current
        spikes = (u >= threshold).astype(np.int64)
        if layer["kind"] != "binary":
            spikes -= u <= -threshold
        if layer["reset"] == "hard":
            u = np.where(spikes != 0, 0, u)
        elif layer["reset"] == "soft":
            u = u - spikes * threshold
        return spikes, np.clip(u, -(2**30), 2**30)

    def run(self, sample):
        """Mean logits and spikes per layer of one sample, [C, H, W] or, for frames and events,
        [T, C, H, W]."""
        potentials, counts, logits = {}, {}, 0.0
        for t in range(self.time_steps):
            values = {}
            for name, layer in self.layers.items():
                sources = [values[source] for source in layer["inputs"]]
                kind = layer["type"]
                if kind == "input":
                    numbers = sample if layer["kind"] == "static" else sample[t]
                    if layer["kind"] != "events":
                        unit = 2.0 ** self.number(layer, "fraction_bits")
                        numbers = np.clip(np.rint(numbers.astype(np.float64) * unit), -32767, 32767)
                    values[name] = (numbers.astype(np.int64), None)
                elif kind == "neuron":
                    current = self.current(layer, sources[0])
                    u = potentials.get(name, np.zeros_like(current))
                    spikes, potentials[name] = self.fire(layer, current, u)
                    counts[name] = counts.get(name, 0) + int(np.abs(spikes).sum())
                    values[name] = (spikes, None)
                elif kind == "add":
                    products = [p for _, p in sources if p is not None]
                    values[name] = (sources[0][0] + sources[1][0], sum(products) if products else None)
                elif kind == "avg_pool":
                    values[name] = (average_pool(layer, sources[0][0]), None)
                elif kind == "global_avg_pool":
                    values[name] = (sources[0][0].sum((1, 2), keepdims=True), None)
                elif self.layers[layer["inputs"][0]].get("kind") in ("static", "frames"):
                    sums = self.weigh(layer, sources[0][0])
                    bias = self.tensor(layer, "bias")
                    bias = np.zeros(len(sums), np.int64) if bias is None else bias
                    values[name] = (
                        np.broadcast_to(bias[:, None, None], sums.shape),
                        sums - bias[:, None, None],
                    )
                else:
                    values[name] = (self.weigh(layer, sources[0][0]), None)
            last = list(self.layers.values())[-1]
            sums = self.current(last, values[last["name"]]).reshape(-1)
            logits = logits + self.number(last, "scale") * sums.astype(np.float64)
        return logits / self.time_steps, counts


def main(model, inputs, golden=None):
    with safe_open(inputs, "numpy") as file:
        samples = file.get_tensor("input")
    network = Network(model)
    answers = [network.run(sample) for sample in samples]
    logits = np.stack([logits for logits, _ in answers])
    if golden is None:
        print("\n".join(" ".join(map(repr, map(float, row))) for row in logits))
        return
    spikes = np.array([list(counts.values()) for _, counts in answers], np.int32)
    save_file(
        {"input": samples, "logits": logits, "spikes": spikes},
        golden,
        {"spiking_layers": json.dumps(list(answers[0][1]))},
    )


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
