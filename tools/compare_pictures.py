#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Decodes tars of pictures with Pillow and with trispike, and prints where they agree.

    pip install pillow==13.0.0 numpy==2.2.6
    python tools/compare_pictures.py build/release/trispike TARS...

Compared are what `trispike data check` says of each split: how many pictures it has, mean and standard deviation of each
channel over all of them, to five decimals. (Single pictures are compared sample for sample by tools/golden_images.py
and tools/golden_transforms.py.) Exit status 0 if all are equal.
"""
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile

import numpy as np
from PIL import Image

SUFFIXES = (".jpg", ".jpeg", ".png")


def by_pillow(tar):
    """{split: (pictures, "r g b", "r g b")}; ImageNet's val/ is the test set."""
    totals = {}
    with tarfile.open(tar) as entries:
        for entry in entries:
            if not entry.isfile() or not entry.name.lower().endswith(SUFFIXES):
                continue
            split = "train" if "train" in pathlib.PurePath(entry.name).parts else "test"
            image = Image.open(io.BytesIO(entries.extractfile(entry).read())).convert("RGB")
            samples = np.asarray(image, np.int64).reshape(-1, 3)
            pictures, size, total, squares = totals.get(split, (0, 0, 0, 0))
            totals[split] = (pictures + 1, size + len(samples), total + samples.sum(0), squares + (samples**2).sum(0))
    answers = {}
    for split, (pictures, size, total, squares) in totals.items():
        mean = total / size / 255
        deviation = np.sqrt(squares / size / 255**2 - mean**2)
        answers[split] = (pictures, *(" ".join(f"{x:.5f}" for x in values) for values in (mean, deviation)))
    return answers


def by_trispike(program, tar):
    answer = subprocess.run([program, "data", "check", tar, "--json"], check=True, capture_output=True, text=True)
    text = "\n".join(json.loads(answer.stdout)["summary"])
    found = re.findall(
        r"image_folder, (train|test):.*\n\s*decoded (\d+) pictures.*\n.*\n\s*mean per channel: ([\d. ]+), "
        r"standard deviation: ([\d. ]+)",
        text,
    )
    return {split: (int(pictures), mean, deviation) for split, pictures, mean, deviation in found}


def main(program, tars):
    print("| tar | split | pictures | mean | standard deviation | equal |\n|---|---|---:|---|---|---|")
    all_equal = True
    for tar in tars:
        ours = by_trispike(program, tar)
        for split, theirs in by_pillow(tar).items():
            equal = ours.get(split) == theirs
            all_equal = all_equal and equal
            pictures, mean, deviation = theirs
            verdict = "yes" if equal else f"no: {ours.get(split)}"
            print(f"| {pathlib.Path(tar).name} | {split} | {pictures:,} | {mean} | {deviation} | {verdict} |", flush=True)
    return 0 if all_equal else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
