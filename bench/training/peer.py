# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""usage: peer.py step PEER TIME_STEPS THREADS SECONDS
       peer.py layer PEER THREADS SECONDS
       peer.py gpu PEER TIME_STEPS BATCH SECONDS

Times a peer's training in a process of its own: iterations of ResNet-20 with SGD on a batch of 32 made-up pictures, or
forward and backward of one layer of neurons [4, 32, 64, 32, 32]. PEER is FRAMEWORK-PRECISION, as authors-fp32; bf16 and
fp16 are PyTorch's autocast, fp16 with its gradient scaler. On a GPU PyTorch's own settings hold, but that fp32 is kept
from becoming TF32. Prints the milliseconds of each iteration and the peak memory of the process as JSON."""
import json
import sys
import time

import torch
import torch.nn.functional as F

import networks

BATCH = 32
WARM_UP, LEAST = 2, 3


def step(framework, bf16, time_steps):
    network = networks.ResNet20(networks.FRAMEWORKS[framework](), time_steps)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    images, labels = torch.randn(BATCH, 3, 32, 32), torch.randint(10, (BATCH,))

    def run():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = F.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()

    return run


def step_on_gpu(framework, precision, time_steps, batch):
    torch.backends.cudnn.allow_tf32 = False
    network = networks.ResNet20(networks.FRAMEWORKS[framework](), time_steps).cuda()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    scaler = torch.amp.GradScaler("cuda", enabled=precision == "fp16")
    images = torch.randn(batch, 3, 32, 32, device="cuda")
    labels = torch.randint(10, (batch,), device="cuda")
    low = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(precision)

    def run():
        optimizer.zero_grad()
        with torch.autocast("cuda", low, enabled=low is not None):
            loss = F.cross_entropy(network(images), labels)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        torch.cuda.synchronize()

    return run


def layer(framework):
    parts = networks.FRAMEWORKS[framework]()
    neuron = parts.neuron()
    current = torch.randn(4, BATCH, 64, 32, 32, requires_grad=True)
    gradient = torch.randn(4, BATCH, 64, 32, 32)

    def run():
        current.grad = None
        neuron(current).backward(gradient)
        parts.reset(neuron)

    return run


def measure(run, seconds):
    for _ in range(WARM_UP):
        run()
    times, start = [], time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < LEAST:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e3)
    return times


def peak_mebibytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024


if __name__ == "__main__":
    what, peer, *numbers = sys.argv[1:]
    framework, precision = peer.rsplit("-", 1)
    torch.manual_seed(0)
    if what == "gpu":
        runner = step_on_gpu(framework, precision, int(numbers[0]), int(numbers[1]))
    else:
        torch.set_num_threads(int(numbers[-2]))
        runner = layer(framework) if what == "layer" else step(framework, precision == "bf16", int(numbers[0]))
    answer = {"milliseconds": measure(runner, float(numbers[-1])), "peak_mebibytes": peak_mebibytes()}
    if what == "gpu":
        answer["peak_device_mebibytes"] = torch.cuda.max_memory_allocated() / 2**20
    print(json.dumps(answer))
