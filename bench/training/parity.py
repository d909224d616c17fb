# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Checks the transcription of the authors' computation (networks.Authors) against what their published code computes:
tests/golden/official-parity. Ends with 1 and the first difference if there is one."""
import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

import networks

GOLDEN = pathlib.Path(__file__).parents[2] / "tests/golden/official-parity/resnet20-ternary-t2.json"
TOLERANCE = 1e-8  # relative, float64


def uniform(stream, count):
    """Numbers in [-1, 1) of SplitMix64, as the golden file's README defines them."""
    mask = np.uint64
    with np.errstate(over="ignore"):
        z = (mask(stream + 1) << mask(32)) + np.arange(count, dtype=np.uint64) + mask(0x9E3779B97F4A7C15)
        z = (z ^ (z >> mask(30))) * mask(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> mask(27))) * mask(0x94D049BB133111EB)
        z ^= z >> mask(31)
    return 2 * (z >> mask(40)).astype(np.float64) * 2.0**-24 - 1


def weight(name, shape, stream):
    r = uniform(stream, math.prod(shape))
    role = name.rsplit(".", 1)[1]
    if role == "running_mean":
        r = 0.2 * r
    elif role == "running_var":
        r = 1 + 0.5 * r
    elif len(shape) == 4:
        r = r * math.sqrt(3) * math.sqrt(2 / (shape[2] * shape[3] * shape[0]))
    elif len(shape) == 2:
        r = r * math.sqrt(3) / math.sqrt(shape[1])
    elif name.startswith("model.fc"):
        r = 0.1 * r
    else:
        r = 1 + 0.25 * r if role == "weight" else 0.2 * r
    return torch.from_numpy(r.astype(np.float32).astype(np.float64).reshape(shape))


def differences(case):
    network = networks.ResNet20(networks.Authors(), case["time_steps"], case["num_classes"]).double()
    ours = [name for name in network.state_dict() if not name.endswith("num_batches_tracked")]
    theirs = [name for name, _ in case["keys"]]
    values = {mine: weight(name, shape, k) for k, (mine, (name, shape)) in enumerate(zip(ours, case["keys"]))}
    network.load_state_dict(values, strict=False)
    shape = case["input"]["shape"]

    def picture(stream, batch):
        return torch.from_numpy(1.5 * uniform(stream, batch * math.prod(shape)).reshape(batch, *shape))

    def compare(what, value, expected, scale=0.0):
        if abs(value - expected) > TOLERANCE * max(abs(expected), scale):
            yield f"{what} is {value!r}, expected {expected!r}"

    network.eval()
    with torch.no_grad():
        logits = network(picture(case["input"]["seed"], case["input"]["batch"]))
    for value, expected in zip(logits.flatten().tolist(), np.array(case["eval"]["logits"]).flatten().tolist()):
        yield from compare("a logit", value, expected, 1.0)
    network.train()
    train = case["train"]
    labels = torch.arange(train["batch"]) % case["num_classes"]
    loss = F.cross_entropy(network(picture(train["seed"], train["batch"])), labels)
    loss.backward()
    yield from compare("the loss", loss.item(), train["loss"])
    tensors = {**{name: p.grad for name, p in network.named_parameters()}, **dict(network.named_buffers())}
    for mine, name in zip(ours, theirs):
        expected = train["gradients"].get(name) or train["running_statistics_after"].get(name)
        if expected is None:
            yield f"{name} is not among the expected results"
        else:
            # Two numbers that stand for the whole tensor: the norm, and the sum measured by it.
            yield from compare(f"the norm of {name}", tensors[mine].norm().item(), expected["l2"])
            scale = expected["l2"] * math.sqrt(tensors[mine].numel())
            yield from compare(f"the sum of {name}", tensors[mine].sum().item(), expected["sum"], scale)


if __name__ == "__main__":
    found = list(differences(json.loads(GOLDEN.read_text())))
    for line in found[:5]:
        print("parity:", line, file=sys.stderr)
    if found:
        sys.exit(1)
    print("parity: the transcription computes what the authors' code does (logits, loss, norms and sums of gradients and statistics)")
