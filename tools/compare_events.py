#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Decodes event recordings with other packages and with trispike, and prints where they agree.

    scripts/setup-oracles
    .venv-oracles/bin/python tools/compare_events.py build/release/trispike RECORDINGS

RECORDINGS is a folder; every recording below it, also inside a .tar, goes to every package that reads its
format. Equal means: the same events in the same order, every t, x, y and p, with the raw fields of the
format (where a package mirrors, swaps or inverts fields, that is undone first). Of EVT 3.0 the times do not
count, because decoders disagree on them: the remark says by how much. Exit status 0 if all are equal.
"""
import argparse
import collections
import contextlib
import hashlib
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import types
from unittest import mock

import numpy as np

PACKED = np.dtype([("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")])
SUFFIXES = {".aedat", ".aedat4", ".bin", ".dat", ".raw", ".txt"}


def pack(t, x, y, p):
    events = np.empty(len(t), PACKED)
    events["t"], events["x"], events["y"], events["p"] = t, x, y, p
    return events


def load_spikingjelly():
    """Its event decoders use NumPy only, but stand in modules that import PyTorch: stand-ins do for those."""
    for name in ("torch", "torch.utils", "torch.utils.data", "torchvision", "torchvision.transforms",
                 "torchvision.datasets", "torchvision.datasets.utils", "matplotlib", "matplotlib.pyplot"):
        sys.modules[name] = mock.MagicMock()
    sys.modules["torchvision.datasets"].DatasetFolder = object
    import spikingjelly

    datasets = types.ModuleType("spikingjelly.datasets")  # without importing all data sets
    datasets.__path__ = [str(pathlib.Path(spikingjelly.__file__).parent / "datasets")]
    sys.modules["spikingjelly.datasets"] = datasets
    from spikingjelly.datasets import cifar10_dvs, utils

    return cifar10_dvs, utils


def load_tonic():
    import tonic.io

    # In 1.7.0 this function returns one value more than read_dvs_128 takes.
    read_header = tonic.io.read_aedat_header_from_file
    tonic.io.read_aedat_header_from_file = lambda name: read_header(name)[:2]
    return tonic.io


cifar10_dvs, spikingjelly_utils = load_spikingjelly()
tonic_io = load_tonic()


def spikingjelly_nmnist(path):
    events = spikingjelly_utils.load_ATIS_bin(str(path))
    return pack(events["t"], events["x"], events["y"], events["p"])


def tonic_nmnist(path):
    dtype = np.dtype([("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", np.int8)])
    events = tonic_io.read_mnist_file(str(path), dtype)
    return pack(events["t"], events["x"], events["y"], events["p"])


def spikingjelly_dvs128(path):
    """Drops what bit 15 marks as no pixel event, which SpikingJelly keeps."""
    with open(path, "rb") as file:
        t, address = cifar10_dvs._load_raw_events(file)
    pixel = address & 0x8000 == 0
    x, y, p = cifar10_dvs._parse_raw_address(
        address[pixel], x_mask=0xFE, x_shift=1, y_mask=0x7F00, y_shift=8, polarity_mask=1, polarity_shift=None)
    return pack(t[pixel], x, y, p)


def tonic_dvs128(path):
    """Tonic's x is our y, and the other way round. Drops what bit 15 marks, which Tonic keeps."""
    start = tonic_io.read_aedat_header_from_file(str(path))
    address = tonic_io.get_aer_events_from_file(str(path), *start)["address"]
    events = tonic_io.read_dvs_128(str(path))[1][address & 0x8000 == 0]
    return pack(events["t"], events["y"], events["x"], events["p"])


def spikingjelly_davis(path):
    with open(path, "rb") as file:
        t, x, y, p = cifar10_dvs._load_events(file, filter_dvs=True)
    return pack(t, x, y, p)


def spikingjelly_aedat3(path):
    events = spikingjelly_utils.load_aedat_v3(str(path))
    return pack(events["t"], events["x"], events["y"], events["p"])


def aedat_aedat4(path):
    import aedat

    parts = [packet["events"] for packet in aedat.Decoder(str(path)) if "events" in packet]
    events = np.concatenate(parts)
    names = events.dtype.names
    return pack(events["t"], events["x"], events["y"], events["on" if "on" in names else "p"])


def dv_aedat4(path):
    import dv_processing

    recording = dv_processing.io.MonoCameraRecording(str(path))
    parts = []
    while (batch := recording.getNextEventBatch()) is not None:
        events = batch.numpy()
        parts.append(pack(events["timestamp"], events["x"], events["y"], events["polarity"]))
    return np.concatenate(parts)


def expelliarmus_with(encoding):
    def read(path):
        from expelliarmus import Wizard

        events = Wizard(encoding=encoding).read(str(path))
        return pack(events["t"], events["x"], events["y"], events["p"])

    return read


def numpy_text(path):
    columns = np.loadtxt(path, ndmin=2)
    return pack(np.rint(columns[:, 0] * 1e6), columns[:, 1], columns[:, 2], columns[:, 3])


# trispike's name of a format: packages that read it.
ORACLES = {
    "nmnist": [("Tonic", tonic_nmnist), ("SpikingJelly", spikingjelly_nmnist)],
    "aedat2-dvs128": [("Tonic", tonic_dvs128), ("SpikingJelly", spikingjelly_dvs128)],
    "aedat2-davis": [("SpikingJelly", spikingjelly_davis)],
    "aedat3": [("SpikingJelly", spikingjelly_aedat3)],
    "aedat4": [("dv-processing", dv_aedat4), ("aedat", aedat_aedat4)],
    "evt2": [("expelliarmus", expelliarmus_with("evt2"))],
    "evt3": [("expelliarmus", expelliarmus_with("evt3"))],
    "dat": [("expelliarmus", expelliarmus_with("dat"))],
    "text": [("NumPy", numpy_text)],
}
WITHOUT_TIMES = {"evt3"}


def digest(events):
    return hashlib.sha256(events.tobytes()).hexdigest()


def run(program, *arguments):
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip())
    return result.stdout


def trispike_events(program, path):
    numbers = np.fromstring(run(program, "data", "events", str(path)), dtype=np.int64, sep=" ").reshape(-1, 4)
    return pack(*numbers.T)


def difference(ours, theirs):
    """What differs, empty if nothing does."""
    if len(ours) != len(theirs):
        return f"{len(ours)} events, theirs {len(theirs)}"
    fields = [name for name in PACKED.names if (ours[name] != theirs[name]).any()]
    if fields == ["t"]:
        return f"t only, by up to {np.abs(ours['t'] - theirs['t']).max()} us"
    return "differs in " + ", ".join(fields) if fields else ""


@contextlib.contextmanager
def unpacked(path):
    """The recordings in a file: itself, or what a tar holds."""
    if path.suffix != ".tar":
        yield [path]
        return
    with tempfile.TemporaryDirectory() as folder, tarfile.open(path) as tar:
        tar.extractall(folder, filter="data")
        yield [file for file in sorted(pathlib.Path(folder).rglob("*")) if file.suffix in SUFFIXES]


class Row:
    def __init__(self):
        self.files = self.events = self.equal = 0
        self.remarks = collections.Counter()


def compare(program, path, rows):
    info = json.loads(run(program, "data", "info", str(path), "--json"))["recording"]
    if info["events"] == 0:
        return
    without_times = info["format"] in WITHOUT_TIMES
    ours = run(program, "data", "events", str(path), "--digest", *["--without-times"] * without_times).strip()
    for name, read in ORACLES[info["format"]]:
        row = rows[info["format"], name]
        row.files += 1
        row.events += info["events"]
        theirs = read(path)
        compared = theirs.copy()
        if without_times:
            compared["t"] = 0
        equal = digest(compared) == ours
        row.equal += equal
        remark = difference(trispike_events(program, path), theirs) if without_times or not equal else ""
        if remark:
            row.remarks[remark] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the built program trispike")
    parser.add_argument("recordings", type=pathlib.Path, help="a folder")
    options = parser.parse_args()
    rows = collections.defaultdict(Row)
    for path in sorted(options.recordings.rglob("*")):
        if path.suffix in SUFFIXES | {".tar"}:
            with unpacked(path) as files:
                for file in files:
                    compare(options.program, file, rows)
    print("| format | compared with | files | events | equal | remark |\n|---|---|---:|---:|---:|---|")
    order = list(ORACLES)
    for (form, name), row in sorted(rows.items(), key=lambda item: order.index(item[0][0])):
        remark = "; ".join(f"{text} ({count})" for text, count in row.remarks.items())
        print(f"| {form} | {name} | {row.files} | {row.events:,} | {row.equal} | {remark} |")
    return 0 if rows and all(row.equal == row.files for row in rows.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
