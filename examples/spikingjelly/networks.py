# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""The networks of trispike in SpikingJelly, with weights from `trispike export --layout spikingjelly`.

    pip install spikingjelly==2.0.0 safetensors
    python networks.py weights.safetensors input.safetensors

prints the logits of each sample of the tensor `input`, [N, C, H, W]. Names and shapes are those of SpikingJelly's
own spiking_resnet; the settings of the neurons come from the file's metadata.
"""
import json
import sys

import torch
from spikingjelly.activation_based import functional, layer, neuron
from torch import nn

# Per network: convolutions, kernel and stride of the stem; its pool; blocks per stage; is a shortcut that gets
# smaller pooled, or its convolution strided?
NETWORKS = {
    "resnet20": (3, 3, 1, dict(kernel_size=2, ceil_mode=True), [2, 2, 2, 2], True),
    "resnet19": (1, 3, 1, None, [3, 3, 2], False),
    "resnet18": (1, 7, 2, dict(kernel_size=3, stride=2, padding=1), [2, 2, 2, 2], False),
    "resnet34": (1, 7, 2, dict(kernel_size=3, stride=2, padding=1), [3, 4, 6, 3], False),
    "resnet8": (1, 3, 1, dict(kernel_size=2, ceil_mode=True), [1, 1, 1], True),
}


class ScaledTernaryLIFNode(neuron.TernaryLIFNode):
    """A ternary neuron whose spikes are worth one trained number."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.amplitude = nn.Parameter(torch.tensor(1.0))

    def forward(self, *inputs):
        return self.amplitude * super().forward(*inputs)


KINDS = {
    "binary": neuron.LIFNode,
    "ternary": neuron.TernaryLIFNode,
    "trainable_ternary": ScaledTernaryLIFNode,
}


def neuron_factory(kind, threshold, decay, strict, reset):
    """What makes one neuron layer out of trispike's settings."""
    if not 0 <= decay < 1:
        raise ValueError(f"SpikingJelly's LIF neurons cannot decay by {decay}, only by a number in [0, 1)")
    if reset == "none" or (reset == "soft" and kind != "binary"):
        raise ValueError(f"SpikingJelly's {kind} neuron has no reset like trispike's '{reset}'")
    if strict:  # fires above the threshold: from the next number on
        threshold = torch.nextafter(torch.tensor(threshold), torch.tensor(torch.inf)).item()
    settings = dict(
        tau=1 / (1 - decay),
        decay_input=False,
        v_threshold=threshold,
        v_reset=None if reset == "soft" else 0.0,
    )
    return lambda: KINDS[kind](**settings)


def conv(inputs, outputs, kernel, stride):
    return layer.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, pooled, make_neuron):
        super().__init__()
        self.conv1 = conv(inputs, outputs, 3, stride)
        self.bn1 = layer.BatchNorm2d(outputs)
        self.sn1 = make_neuron()
        self.conv2 = conv(outputs, outputs, 3, 1)
        self.bn2 = layer.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            pool = [layer.AvgPool2d(stride, ceil_mode=True, count_include_pad=False)] if pooled else []
            shortcut = conv(inputs, outputs, 1, 1 if pooled else stride)
            self.downsample = nn.Sequential(*pool, shortcut, layer.BatchNorm2d(outputs))
        self.sn2 = make_neuron()

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        x = self.sn1(self.bn1(self.conv1(x)))
        return self.sn2(self.bn2(self.conv2(x)) + identity)


class ResNet(nn.Module):
    """Reads and gives [T, N, ...] (step mode `m`)."""

    def __init__(self, name, channels, width, classes, make_neuron):
        super().__init__()
        stems, kernel, stride, pool, blocks, pooled = NETWORKS[name]
        stem = []
        for i in range(stems):
            inputs = channels if i == 0 else width
            stem += [conv(inputs, width, kernel, stride), layer.BatchNorm2d(width), make_neuron()]
        if stems == 1:
            self.conv1, self.bn1, self.sn1 = stem
        else:
            self.conv1 = nn.Sequential(*stem)
        self.pool = layer.AvgPool2d(**pool) if pool else nn.Identity()
        inputs = width
        for number, count in enumerate(blocks):
            outputs = width * 2**number
            stage = []
            for i in range(count):
                stage.append(Block(inputs, outputs, 2 if number > 0 and i == 0 else 1, pooled, make_neuron))
                inputs = outputs
            self.add_module(f"layer{number + 1}", nn.Sequential(*stage))
        self.stages = len(blocks)
        self.avgpool = layer.AdaptiveAvgPool2d(1)
        self.fc = layer.Linear(inputs, classes)
        functional.set_step_mode(self, "m")

    def forward(self, x):
        x = self.conv1(x)
        if hasattr(self, "bn1"):
            x = self.sn1(self.bn1(x))
        x = self.pool(x)
        for number in range(self.stages):
            x = getattr(self, f"layer{number + 1}")(x)
        return self.fc(self.avgpool(x).flatten(2))


def load(path):
    """The network of a file, and its number of time steps."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        spec = json.loads(file.metadata()["trispike.network"])
        weights = {name: file.get_tensor(name) for name in file.keys()}
    layers = {entry["name"]: entry for entry in spec["layers"]}
    spike = next(entry for entry in spec["layers"] if entry["type"] == "neuron")
    make_neuron = neuron_factory(*(spike[key] for key in ("kind", "threshold", "decay", "strict", "reset")))
    width = layers["stem.0.conv"]["out_channels"]
    network = ResNet(spec["name"], layers["input"]["channels"], width, layers["head"]["out_features"], make_neuron)
    network.load_state_dict(weights, strict=True)
    return network.eval(), spec["time_steps"]


def logits(network, time_steps, images):
    """[N, classes] of [N, C, H, W], the mean over the time steps."""
    functional.reset_net(network)
    with torch.no_grad():
        return network(images.repeat(time_steps, 1, 1, 1, 1)).mean(0)


def main():
    from safetensors.torch import load_file

    network, time_steps = load(sys.argv[1])
    images = load_file(sys.argv[2])["input"].double()
    for row in logits(network.double(), time_steps, images).tolist():
        print(json.dumps(row))


if __name__ == "__main__":
    main()
