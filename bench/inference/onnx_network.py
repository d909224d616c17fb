# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""The equivalent ANN of a folded trispike model as ONNX: the same convolutions, pools and head with the
model's weights, ReLU for each neuron layer, plain additions for shortcuts. With and without int8 (QDQ)."""
import json
import struct

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def read_model(path):
    """The network (its layers) and the tensors of a folded model file, as float32 arrays."""
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    kinds = {"F32": np.float32, "F64": np.float64}
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__" or info["dtype"] not in kinds:
            continue
        begin, end = info["data_offsets"]
        array = np.frombuffer(data[begin:end], kinds[info["dtype"]]).reshape(info["shape"])
        tensors[name] = array.astype(np.float32)
    return json.loads(header["__metadata__"]["trispike.network"]), tensors


def ann(network, tensors):
    """An ONNX model with the input `x` [N, C, H, W]; the batch size is free."""
    nodes, constants, output = [], [], {}

    def add(kind, inputs, name, **attributes):
        nodes.append(helper.make_node(kind, inputs, [name], name="node_" + name, **attributes))

    def constant(name):
        constants.append(numpy_helper.from_array(tensors[name], name))
        return name

    for layer in network["layers"]:
        name, kind = layer["name"], layer["type"]
        inputs = [output[source] for source in layer["inputs"]]
        output[name] = name
        if kind == "input":
            output[name] = "x"
            shape = ["N", layer["channels"], layer["height"], layer["width"]]
        elif kind == "conv":
            weights = [constant(name + ".weight")] + ([constant(name + ".bias")] if layer["bias"] else [])
            add("Conv", inputs + weights, name, kernel_shape=[layer["kernel"]] * 2,
                strides=[layer["stride"]] * 2, pads=[layer["padding"]] * 4)
        elif kind == "linear":
            add("Flatten", inputs, name + ".flat")
            weights = [constant(name + ".weight")] + ([constant(name + ".bias")] if layer["bias"] else [])
            add("Gemm", [name + ".flat"] + weights, name, transB=1)
        elif kind == "neuron":
            add("Relu", inputs, name)
        elif kind == "scale":  # an identity in the ANN
            output[name] = inputs[0]
        elif kind == "add":
            add("Add", inputs, name)
        elif kind == "avg_pool":
            add("AveragePool", inputs, name, kernel_shape=[layer["kernel"]] * 2, strides=[layer["stride"]] * 2,
                pads=[layer["padding"]] * 4, ceil_mode=int(layer["ceil_mode"]),
                count_include_pad=int(layer["count_padding"]))
        elif kind == "global_avg_pool":
            add("GlobalAveragePool", inputs, name)
        else:
            raise ValueError(f"{name}: layers of type {kind} have no equivalent here")
    last = output[network["layers"][-1]["name"]]
    graph = helper.make_graph(nodes, "ann", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(last, TensorProto.FLOAT, None)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    model.ir_version = 9
    model = onnx.shape_inference.infer_shapes(model)
    onnx.checker.check_model(model)
    return model, shape[1:]


def write(path, folded):
    """Writes PATH.onnx and PATH_int8.onnx; returns the input's shape [C, H, W]."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    model, shape = ann(*read_model(folded))
    onnx.save(model, path + ".onnx")

    class Noise(CalibrationDataReader):
        def __init__(self):
            random = np.random.default_rng(1)
            self.batches = iter([{"x": random.normal(0, 1, (4, *shape)).astype(np.float32)} for _ in range(4)])

        def get_next(self):
            return next(self.batches, None)

    quantize_static(path + ".onnx", path + "_int8.onnx", Noise(), quant_format=QuantFormat.QDQ,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True)
    return shape
