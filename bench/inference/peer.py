# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""usage: peer.py PEER MODEL BATCH THREADS SECONDS

Times one peer in a process of its own; prints the milliseconds of each run as JSON. MODEL is the path of
onnx_network.write(), for pytorch-eager that of a folded model file."""
import json
import sys
import time

import numpy as np


def onnxruntime_run(path, batch, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    shape = [batch, *session.get_inputs()[0].shape[1:]]
    binding.bind_cpu_input("x", np.random.default_rng(0).normal(0, 1, shape).astype(np.float32))
    binding.bind_output(session.get_outputs()[0].name)
    return lambda: session.run_with_iobinding(binding)


def openvino_run(path, batch, threads):
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    shape = [batch] + [d.get_length() for d in list(model.inputs[0].partial_shape)[1:]]
    model.reshape(shape)
    compiled = core.compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32", "ENABLE_CPU_PINNING": False})
    request = compiled.create_infer_request()
    numbers = np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)
    request.set_input_tensor(openvino.Tensor(numbers, shared_memory=True))
    return request.infer


def pytorch_run(path, batch, threads):
    """The spiking network itself, time steps folded into the batch where layers have no state."""
    import torch
    import torch.nn.functional as F

    from onnx_network import read_model

    torch.set_num_threads(threads)
    network, arrays = read_model(path)
    weights = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    steps = network["time_steps"]

    def lif(layer, current):
        current = current.view(steps, batch, *current.shape[1:])
        u = torch.zeros_like(current[0])
        spikes = []
        for t in range(steps):
            u = layer["decay"] * u + current[t]
            spike = (u >= layer["threshold"]).float() - (u <= -layer["threshold"]).float()
            u = u * (1 - spike.abs())
            spikes.append(spike)
        return torch.stack(spikes).flatten(0, 1)

    def forward(x):
        values = {}
        for layer in network["layers"]:
            name, kind = layer["name"], layer["type"]
            inputs = [values[source] for source in layer["inputs"]]
            weight, bias = weights.get(name + ".weight"), weights.get(name + ".bias")
            if kind == "input":
                value = x.repeat(steps, 1, 1, 1)
            elif kind == "conv":
                value = F.conv2d(inputs[0], weight, bias, layer["stride"], layer["padding"])
            elif kind == "linear":
                value = F.linear(inputs[0].flatten(1), weight, bias)
            elif kind == "neuron":
                value = lif(layer, inputs[0])
            elif kind == "scale":
                value = inputs[0] * weight.view(1, -1, 1, 1)
            elif kind == "add":
                value = inputs[0] + inputs[1]
            elif kind == "avg_pool":
                value = F.avg_pool2d(inputs[0], layer["kernel"], layer["stride"], layer["padding"],
                                     layer["ceil_mode"], layer["count_padding"])
            elif kind == "global_avg_pool":
                value = inputs[0].mean((2, 3), keepdim=True)
            values[name] = value
        return value.view(steps, batch, -1).mean(0)

    source = network["layers"][0]
    x = torch.randn(batch, source["channels"], source["height"], source["width"])

    def run():
        with torch.inference_mode():
            forward(x)

    return run


def measure(run, seconds):
    run()
    run()
    times = []
    start = time.perf_counter()
    while time.perf_counter() - start < seconds or len(times) < 5:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e3)
    return times


if __name__ == "__main__":
    peer, model, batch, threads, seconds = sys.argv[1:6]
    makers = {"onnxruntime": onnxruntime_run, "openvino": openvino_run, "pytorch": pytorch_run}
    runner = makers[peer.split("-")[0]](model, int(batch), int(threads))
    print(json.dumps(measure(runner, float(seconds))))
