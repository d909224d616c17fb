#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/torch: small files of torch.save, and what PyTorch itself reads from them.

    pip install torch==2.11.0 numpy==2.4.6
    python tools/golden_torch.py tests/golden/torch [--data FOLDER]

expected.json holds
  read     file -> name of a tensor -> dtype, shape and the bytes of its numbers (hexadecimal, row-major,
           little-endian; float16 widened to F32, bool as U8)
  refused  file -> what the refusal must name
  real     path below FOLDER (the test data) -> number of tensors and their SHA-256, as docs/file-format.md defines
           it. Kept from the old file if --data is not given.
"""
import argparse
import hashlib
import json
import pathlib
import warnings
import zipfile

import numpy as np
import torch

DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
}


def described(tensor):
    tensor = tensor.detach().cpu()
    if tensor.dtype == torch.float16:
        tensor = tensor.to(torch.float32)
    if tensor.dtype == torch.bool:
        tensor = tensor.to(torch.uint8)
    data = tensor.contiguous().reshape(-1).view(torch.uint8) if tensor.numel() else torch.empty(0)
    return {
        "dtype": DTYPES[tensor.dtype],
        "shape": list(tensor.shape),
        "bytes": data.numpy().tobytes().hex(),
    }


def dtypes():
    half = torch.tensor([0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x3555, 0x7BFF, 0xFC00], dtype=torch.int32)
    return {
        "f64": torch.tensor([[1.0, -1e-300], [float("inf"), 0.1]], dtype=torch.float64),
        "f32": torch.tensor([0.1, -3.4e38, 1e-45], dtype=torch.float32),
        "f16": half.to(torch.int16).view(torch.float16),
        "bf16": torch.tensor([0.1, -2.5e30], dtype=torch.bfloat16),
        "i64": torch.tensor([-(2**63), 2**63 - 1]),
        "i32": torch.tensor([[-(2**31)], [7]], dtype=torch.int32),
        "i16": torch.tensor([-32768, 300], dtype=torch.int16),
        "i8": torch.tensor([-128, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
    }


def windows():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    half = torch.arange(6, dtype=torch.float16).reshape(2, 3)
    return {
        "whole": base,  # all up to here share one storage
        "transposed": base.transpose(0, 2),
        "every_other": base[:, ::2, 1:4:2],
        "tail": base[1, 2],
        "repeated": base[:, :, :1].expand(2, 3, 5),
        "half_transposed": half.t(),
        "channels_last": torch.arange(24.0).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
        "scalar": torch.tensor(2.5),
        "scalar_inside": base[1, 0, 3],
        "empty": torch.empty(0, 3),
        "one": torch.arange(4.0)[2:3].reshape(1, 1),
    }


def module():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3, bias=False), torch.nn.BatchNorm2d(2))
    net(torch.randn(2, 1, 4, 4))
    return net


def checkpoint():
    net = torch.nn.DataParallel(module())
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    net(torch.randn(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "arch": "resnet20",
        "state_dict": net.state_dict(),
        "best_acc1": torch.tensor(91.5),
        "optimizer": optimizer.state_dict(),
        "args": [0.1, None, True, {"lr": 1e-3}],
    }


class Evil:
    def __reduce__(self):
        return print, ("executed",)


@torch.jit.script
def script(x):
    return x + 1


def rewritten(source, target, compression=zipfile.ZIP_STORED, change=lambda name, data: data):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", compression) as new:
        for entry in old.infolist():
            # A fixed date: the same script writes the same bytes.
            info = zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            info.compress_type = compression
            with new.open(info, "w", force_zip64=True) as stream:
                stream.write(change(entry.filename, old.read(entry)))


def golden(folder):
    read, refused = {}, {}

    def keep(name, contents, expected=None, **options):
        torch.save(contents, folder / name, **options)
        tensors = expected if expected is not None else contents
        read[name] = {key: described(tensor) for key, tensor in tensors.items()}

    keep("dtypes.pth", dtypes())
    keep("windows.pth", windows())
    keep("protocol4.pth", dtypes(), pickle_protocol=4)
    keep("protocol5.pth", windows(), pickle_protocol=5)
    keep("parameters.pth", {"w": torch.nn.Parameter(torch.arange(3.0)), "frozen": torch.ones(1)})
    net = module()
    keep("module.pth", net.state_dict())
    keep("data_parallel.pth", torch.nn.DataParallel(net).state_dict(), net.state_dict())
    saved = checkpoint()
    inner = {key.removeprefix("module."): tensor for key, tensor in saved["state_dict"].items()}
    keep("checkpoint.pth", saved, inner)
    rewritten(folder / "dtypes.pth", folder / "deflated.pth", zipfile.ZIP_DEFLATED)
    read["deflated.pth"] = read["dtypes.pth"]
    for name in read:  # what stands here as expected is what PyTorch reads
        loaded = torch.load(folder / name, weights_only=False)  # with True it knows no protocol 4
        loaded = loaded.get("state_dict", loaded)
        assert {k.removeprefix("module."): described(t) for k, t in loaded.items()} == read[name], name

    def refuse(name, contents, message, **options):
        torch.save(contents, folder / name, **options)
        refused[name] = message

    one = {"w": torch.zeros(1)}
    refuse("legacy.pth", one, "PyTorch before 1.6", _use_new_zipfile_serialization=False)
    refuse("executes.pth", {"w": Evil()}, "'__builtin__.print'")
    refuse("executes4.pth", {"w": Evil()}, "'builtins.print'", pickle_protocol=4)
    refuse("whole_module.pth", torch.nn.ReLU(), "'torch.nn.modules.activation.ReLU'")
    refuse("complex.pth", {"w": torch.zeros(1, dtype=torch.complex64)}, "'torch.ComplexFloatStorage'")
    refuse("sparse.pth", {"w": torch.eye(2).to_sparse()}, "'torch._utils._rebuild_sparse_tensor'")
    refuse("numpy_scalar.pth", {**one, "accuracy": np.float64(0.5)}, "numpy")
    refuse("uint16.pth", {"w": torch.zeros(1, dtype=torch.uint16)}, "_rebuild_tensor_v3")
    refuse("two_dicts.pth", {"model": one, "model_ema": one}, "'model', 'model_ema'")
    refuse("not_a_dict.pth", torch.zeros(1), "holds no dict")
    torch.jit.save(script, str(folder / "script.pth"))
    refused["script.pth"] = "TorchScript"
    big = lambda name, data: b"big" if name.endswith("byteorder") else data
    rewritten(folder / "dtypes.pth", folder / "big_endian.pth", change=big)
    refused["big_endian.pth"] = "byte order"
    return {"read": read, "refused": refused}


def digest(path):
    sha = hashlib.sha256()
    tensors = torch.load(path, map_location="cpu", weights_only=True)
    for name, tensor in sorted(tensors.items()):
        t = described(tensor)
        shape = "[" + ", ".join(map(str, t["shape"])) + "]"
        sha.update(b"".join(part.encode() + b"\0" for part in (name, t["dtype"], shape)))
        sha.update(bytes.fromhex(t["bytes"]))
    return {"tensors": len(tensors), "sha256": sha.hexdigest()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    file = arguments.folder / "expected.json"
    old = json.loads(file.read_text()) if file.exists() else {"real": {}}
    expected = golden(arguments.folder)
    expected["real"] = old["real"]
    if arguments.data:
        reference = arguments.data / "reference"
        paths = [reference / "nir/02_cnn/pretrained_ann_weights.pth", *sorted(reference.glob("sinabs/*.pt"))]
        expected["real"] = {str(path.relative_to(arguments.data)): digest(path) for path in paths}
    file.write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
