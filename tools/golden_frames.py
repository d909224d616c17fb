#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/frames: what SpikingJelly and Tonic make of small synthetic recordings.

    pip install spikingjelly==2.0.0 tonic==1.7.0 numpy==2.4.6 torch torchvision matplotlib tqdm
    python tools/golden_frames.py tests/golden/frames

events.tsv: recording, t, x, y, p. cases.tsv: the call, recording, then the slicing that must give the
same (as data/frames.h has it: by, size, keep_rest, overlap, keep_incomplete), number of frames, offset.
The frames [n, 2, 5, 6] stand in frames.bin from that offset on, one byte per count.
"""
import pathlib
import sys

import numpy as np
from spikingjelly.datasets.utils import (
    integrate_events_by_fixed_duration,
    integrate_events_by_fixed_frames_number,
)
from tonic.functional.to_frame import to_frame_numpy

WIDTH, HEIGHT = 6, 5
DTYPE = np.dtype([("x", np.int16), ("y", np.int16), ("t", np.int64), ("p", bool)])


def recording(seed, count, start, longest_gap):
    """Events in the order of time, some at the same time."""
    rng = np.random.default_rng(seed)
    events = np.zeros(count, DTYPE)
    events["t"] = start + np.cumsum(rng.integers(0, longest_gap + 1, count))
    events["x"] = rng.integers(0, WIDTH, count)
    events["y"] = rng.integers(0, HEIGHT, count)
    events["p"] = rng.integers(0, 2, count)
    return events


RECORDINGS = {
    "dense": recording(1, 203, 0, 7),
    "late": recording(2, 120, 3_000_000_000, 40),
    "even": recording(3, 64, 17, 3),
}


def spikingjelly_number(events, split_by, frames):
    as_dict = {name: events[name] for name in "txyp"}
    return integrate_events_by_fixed_frames_number(as_dict, split_by, frames, HEIGHT, WIDTH)


def spikingjelly_duration(events, duration):
    as_dict = {name: events[name] for name in "txyp"}
    return integrate_events_by_fixed_duration(as_dict, duration, HEIGHT, WIDTH)


def tonic(events, **options):
    return to_frame_numpy(events.copy(), (WIDTH, HEIGHT, 2), **options)


def cases():
    """Call, frames, slicing."""
    for name, events in RECORDINGS.items():
        for n in (1, 4, 10):
            for by, slicing in (("number", "count_bins"), ("time", "time_bins")):
                yield (f"spikingjelly split_by={by} frames_num={n}", name,
                       spikingjelly_number(events, by, n), (slicing, n, 1, 0, 0))
            yield f"tonic n_event_bins={n}", name, tonic(events, n_event_bins=n), ("count_bins", n, 0, 0, 0)
            yield f"tonic n_time_bins={n}", name, tonic(events, n_time_bins=n), ("time_bins", n, 0, 0, 0)
        for overlap in (0.25, 0.5):
            yield (f"tonic n_event_bins=5 overlap={overlap}", name,
                   tonic(events, n_event_bins=5, overlap=overlap), ("count_bins", 5, 0, overlap, 0))
            yield (f"tonic n_time_bins=5 overlap={overlap}", name,
                   tonic(events, n_time_bins=5, overlap=overlap), ("time_bins", 5, 0, overlap, 0))
        for window in (25, 100, 100_000):
            yield (f"spikingjelly duration={window}", name, spikingjelly_duration(events, window),
                   ("window", window, 1, 0, 1))
        for incomplete in (0, 1):
            for window, overlap in ((50, 0), (50, 20), (100_000, 0)):
                yield (f"tonic time_window={window} overlap={overlap} include_incomplete={incomplete}", name,
                       tonic(events, time_window=window, overlap=overlap, include_incomplete=bool(incomplete)),
                       ("window", window, 0, overlap, incomplete))
            for count, overlap in ((16, 0), (30, 11), (1000, 0)):
                yield (f"tonic event_count={count} overlap={overlap} include_incomplete={incomplete}", name,
                       tonic(events, event_count=count, overlap=overlap, include_incomplete=bool(incomplete)),
                       ("count", count, 0, overlap, incomplete))


def main(folder):
    folder = pathlib.Path(folder)
    lines, data = [], bytearray()
    for call, name, frames, slicing in cases():
        lines.append("\t".join([call, name, *map(str, slicing), str(len(frames)), str(len(data))]))
        data += frames.astype(np.uint8).tobytes()
    (folder / "cases.tsv").write_text("\n".join(lines) + "\n")
    (folder / "frames.bin").write_bytes(data)
    rows = [f"{name}\t{e['t']}\t{e['x']}\t{e['y']}\t{int(e['p'])}" for name, events in RECORDINGS.items() for e in events]
    (folder / "events.tsv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
