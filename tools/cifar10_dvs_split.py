#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes the fixed split of CIFAR10-DVS, which comes without one.

    python tools/cifar10_dvs_split.py > data/formats/cifar10_dvs_test.inc

Of the 1,000 recordings cifar10_<class>_<number>.aedat of each class, the 100 whose names have the
smallest SHA-256 are the test set. One line per class, in the order of CIFAR-10's labels.
"""
import hashlib

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def digest(name, number):
    return hashlib.sha256(f"cifar10_{name}_{number}.aedat".encode()).hexdigest()


for name in CLASSES:
    test = sorted(sorted(range(1000), key=lambda number: digest(name, number))[:100])
    print(f"// {name}\n{{{','.join(map(str, test))}}},")
