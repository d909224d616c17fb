#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/events: AEDAT 4 files by dv-processing, the library of the format's makers.

    scripts/setup-oracles
    .venv-oracles/bin/python tools/golden_events.py tests/golden/events

One file for each compression, all with the same streams: 1,000 events, 5 motion samples, 2 triggers and one
frame. Event i has t = 1700000000000000 + 7 i us, x = 31 i mod 346, y = 17 i mod 260, p = i mod 3 = 0.
"""
import pathlib
import sys

import dv_processing as dv
import numpy as np

START_US = 1_700_000_000_000_000
EVENTS = 1000


def write(path, compression):
    config = dv.io.MonoCameraWriter.Config("made_up", compression)
    config.addEventStream((346, 260))
    config.addImuStream()
    config.addTriggerStream()
    config.addFrameStream((12, 8))
    writer = dv.io.MonoCameraWriter(str(path), config)
    events = dv.EventStore()
    for i in range(EVENTS):
        events.push_back(START_US + 7 * i, 31 * i % 346, 17 * i % 260, i % 3 == 0)
    writer.writeEvents(events)
    for i in range(5):
        writer.writeImu(dv.IMU(START_US + i, 20.0, *[float(i)] * 9))
    for i in range(2):
        writer.writeTrigger(dv.Trigger(START_US + i, dv.TriggerType.EXTERNAL_SIGNAL_RISING_EDGE))
    writer.writeFrame(dv.Frame(START_US, np.zeros((8, 12), np.uint8)))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, compression in dv.CompressionType.__members__.items():
        write(folder / f"{name.lower()}.aedat4", compression)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
