# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""The paper's ResNet-20 for CIFAR in the peers' own layers: one topology, one class of parts per framework.

Maps are [T, B, C, H, W]. A framework gives conv(i, o, kernel, stride), norm(channels, stem), neuron(), pool(size),
over_time(layer) and, where its neurons keep their potential between calls, reset(network)."""
import torch
import torch.nn as nn


class OverTime(nn.Module):
    """A layer without state on all time steps at once."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


class NormOverTime(nn.Module):
    """Batch norm whose statistics are means over time, batch and positions."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm3d(channels)

    def forward(self, x):
        return self.norm(x.permute(1, 2, 0, 3, 4)).permute(2, 0, 1, 3, 4)


class NormEachStep(nn.Module):
    """Batch norm applied to one time step after the other."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        return torch.stack([self.norm(step) for step in x])


class TernaryNeuron(nn.Module):
    """u = u / 4 + x; the spike is the sign of u where |u| >= 0.5, its gradient that of clamp(u, -1, 1); hard reset
    that gradients flow through."""

    def forward(self, x):
        u = torch.zeros_like(x[0])
        spikes = []
        for current in x:
            u = 0.25 * u + current
            clamped = u.clamp(-1, 1)
            fired = (u >= 0.5).to(u.dtype) - (u <= -0.5).to(u.dtype)
            spike = (fired - clamped).detach() + clamped
            u = u * (1 - spike.abs())
            spikes.append(spike)
        return torch.stack(spikes)


class Authors:
    """The published computation in plain PyTorch, one operation after the other."""

    def conv(self, i, o, kernel, stride):
        return OverTime(nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False))

    def norm(self, channels, stem=False):
        return NormEachStep(channels) if stem else NormOverTime(channels)

    def neuron(self):
        return TernaryNeuron()

    def pool(self, size):
        return OverTime(nn.AvgPool2d(size, size, ceil_mode=True, count_include_pad=False))

    def over_time(self, layer):
        return OverTime(layer)

    def reset(self, network):
        pass


class SpikingJelly(Authors):
    """Its multi-step layers. It has no ternary neuron: binary spikes, the same decay, hard reset."""

    def __init__(self):
        from spikingjelly.activation_based import functional, layer, neuron, surrogate

        self.layer, self.functional = layer, functional
        # v (1 - 1 / tau) + x with tau = 4 / 3
        self.neuron = lambda: neuron.LIFNode(tau=4.0 / 3.0, decay_input=False, v_threshold=1.0, v_reset=0.0,
                                             surrogate_function=surrogate.ATan(), step_mode="m")

    def conv(self, i, o, kernel, stride):
        return self.layer.Conv2d(i, o, kernel, stride, kernel // 2, bias=False, step_mode="m")

    def norm(self, channels, stem=False):
        return self.layer.BatchNorm2d(channels, step_mode="m")

    def pool(self, size):
        return self.layer.AvgPool2d(size, size, step_mode="m")

    def reset(self, network):
        self.functional.reset_net(network)


class SnnTorchNeuron(nn.Module):
    def __init__(self):
        super().__init__()
        import snntorch

        self.cell = snntorch.Leaky(beta=0.25, reset_mechanism="zero")

    def forward(self, x):
        potential = self.cell.init_leaky()
        spikes = []
        for current in x:
            spike, potential = self.cell(current, potential)
            spikes.append(spike)
        return torch.stack(spikes)


class NorseNeuron(nn.Module):
    """Its leaky neuron without a synaptic current, v += dt / tau (x - v) with dt / tau = 0.75."""

    def __init__(self):
        super().__init__()
        import norse.torch

        self.cell = norse.torch.LIFBoxCell(norse.torch.LIFBoxParameters(tau_mem_inv=torch.tensor(750.0)))

    def forward(self, x):
        state = None
        spikes = []
        for current in x:
            spike, state = self.cell(current, state)
            spikes.append(spike)
        return torch.stack(spikes)


class WithNeuron(Authors):
    """PyTorch's layers and another framework's neuron; batch norm over all time steps at once."""

    def __init__(self, neuron):
        self.neuron = neuron

    def norm(self, channels, stem=False):
        return OverTime(nn.BatchNorm2d(channels))


FRAMEWORKS = {"authors": Authors, "spikingjelly": SpikingJelly, "snntorch": lambda: WithNeuron(SnnTorchNeuron),
              "norse": lambda: WithNeuron(NorseNeuron)}


class Block(nn.Module):
    def __init__(self, parts, i, o, stride):
        super().__init__()
        self.main = nn.Sequential(parts.conv(i, o, 3, stride), parts.norm(o), parts.neuron(), parts.conv(o, o, 3, 1),
                                  parts.norm(o))
        self.shortcut = nn.Identity() if stride == 1 and i == o else nn.Sequential(
            parts.pool(stride), parts.conv(i, o, 1, 1), parts.norm(o))
        self.neuron = parts.neuron()

    def forward(self, x):
        return self.neuron(self.main(x) + self.shortcut(x))


class ResNet20(nn.Module):
    """Three convolutions, four stages of two blocks; logits are the mean over time. `x` is [B, 3, H, W]."""

    def __init__(self, parts, time_steps, classes=10):
        super().__init__()
        self.parts, self.time_steps = parts, time_steps
        layers, width = [], 3
        for _ in range(3):
            layers += [parts.conv(width, 64, 3, 1), parts.norm(64, stem=True), parts.neuron()]
            width = 64
        layers.append(parts.pool(2))
        for out, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
            layers += [Block(parts, width, out, stride), Block(parts, out, out, 1)]
            width = out
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        maps = self.layers(x.unsqueeze(0).repeat(self.time_steps, 1, 1, 1, 1))
        logits = self.head(maps.mean((3, 4))).mean(0)
        self.parts.reset(self)
        return logits
