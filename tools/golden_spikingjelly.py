#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/spikingjelly/expected.json: names, shapes and answers of networks in SpikingJelly.

    pip install spikingjelly==2.0.0 torch==2.11.0 numpy==2.4.6
    python tools/golden_spikingjelly.py > tests/golden/spikingjelly/expected.json

The cases called spiking_resnet* are SpikingJelly's own networks, only their maximum pool replaced by the mean
that trispike's have; the others are those of examples/spikingjelly. Weights and input are those of
tests/golden/official-parity/README.md, tensors numbered in the order of the state dict (counters of batches
left out), everything computed in float64 on one image.
"""
import json
import math
import pathlib
import sys

import numpy as np
import torch
from spikingjelly.activation_based import functional, layer, neuron
from spikingjelly.activation_based.model import spiking_resnet

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "examples/spikingjelly"))
import networks  # noqa: E402

TIME_STEPS = 2
CLASSES = 10


def uniform(k, count):
    with np.errstate(over="ignore"):
        z = np.uint64((k + 1) << 32) + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return 2 * (z >> np.uint64(40)).astype(np.float64) * 2.0**-24 - 1


def value(name, shape, r):
    if name.endswith("running_mean"):
        return 0.2 * r
    if name.endswith("running_var"):
        return 1 + 0.5 * r
    if name.endswith("amplitude"):
        return 1 + 0.3 * r
    if name == "fc.bias":
        return 0.1 * r
    if name == "fc.weight":
        return r * math.sqrt(3) / math.sqrt(shape[1])
    if len(shape) == 4:
        return r * math.sqrt(3) * math.sqrt(2 / (shape[2] * shape[3] * shape[0]))
    return 1 + 0.25 * r if name.endswith("weight") else 0.2 * r


def run(network, shape):
    state = {k: v for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}
    for k, (name, tensor) in enumerate(state.items()):
        size = list(tensor.shape)
        values = value(name, size, uniform(k, tensor.numel())).astype(np.float32)
        state[name] = torch.from_numpy(values.reshape(size))
    network.load_state_dict(state, strict=True)  # the counters need not be there
    functional.set_step_mode(network, "m")
    image = 1.5 * uniform(1000, math.prod(shape)).reshape(1, *shape)
    answer = networks.logits(network.double().eval(), TIME_STEPS, torch.from_numpy(image))
    return {"keys": [[name, list(tensor.shape)] for name, tensor in state.items()], "logits": answer[0].tolist()}


def main():
    cases = {}
    settings = dict(tau=4 / 3, decay_input=False, v_threshold=0.5, v_reset=0.0)
    for name, builder, kind, node in [
        ("spiking_resnet18-binary", "spiking_resnet18", "binary", neuron.LIFNode),
        ("spiking_resnet18-ternary", "spiking_resnet18", "ternary", neuron.TernaryLIFNode),
        ("spiking_resnet34-ternary", "spiking_resnet34", "ternary", neuron.TernaryLIFNode),
    ]:
        network = getattr(spiking_resnet, builder)(spiking_neuron=node, num_classes=CLASSES, **settings)
        network.maxpool = layer.AvgPool2d(3, 2, 1)
        options = {"network": builder.removeprefix("spiking_"), "kind": kind, "strict": False, "width": 64}
        cases[name] = options | {"input": [3, 32, 32]} | run(network, [3, 32, 32])
    for name, kind, strict, shape in [
        ("resnet20", "trainable_ternary", False, [3, 16, 16]),
        ("resnet19", "ternary", False, [3, 12, 12]),
        ("resnet8", "binary", True, [1, 14, 14]),
        ("resnet34", "trainable_ternary", False, [3, 48, 48]),
    ]:
        make_neuron = networks.neuron_factory(kind, 0.5, 0.25, strict, "hard")
        network = networks.ResNet(name, shape[0], 8, CLASSES, make_neuron)
        options = {"network": name, "kind": kind, "strict": strict, "width": 8, "input": shape}
        cases[f"{name}-{kind}"] = options | run(network, shape)
    print(json.dumps({"time_steps": TIME_STEPS, "cases": cases}, indent=None, separators=(",", ":")))


if __name__ == "__main__":
    main()
