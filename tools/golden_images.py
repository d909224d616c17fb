#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/data: what Pillow makes of small synthetic pictures.

    pip install pillow==13.0.0 numpy==2.4.6
    python tools/golden_images.py tests/golden/data

Every case is a line of cases.tsv: kind, name, value, source, channels, height, width, offset. Its samples
[H, W, C] stand in samples.bin from that offset on. The kinds:
  source    a picture that the other cases start from
  operation augmentation `name` with `value`, applied to `source`
  resize    `source` resized (bilinear) to the case's own size
  decode    the file `source` of this folder
"""
import pathlib
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

GREY = 128


def picture(height, width, channels, seed):
    """Waves, an edge and some noise: every operation has something to change."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for c in range(channels):
        wave = 110 + 70 * np.sin(x / (3.0 + c) + c) + 45 * np.cos(y / (2.0 + c))
        edge = np.where(x + y * (c + 1) > width, 25, -25)
        planes.append(wave + edge + rng.integers(-12, 13, (height, width)))
    samples = np.clip(np.stack(planes, axis=-1), 3, 248).astype(np.uint8)
    return Image.fromarray(samples if channels == 3 else samples[:, :, 0])


def fill(image):
    return GREY if image.mode == "L" else (GREY,) * 3


def affine(image, coefficients, resample):
    return image.transform(image.size, Image.Transform.AFFINE, coefficients, resample,
                           fillcolor=fill(image))


def rotate(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    backdrop = Image.new("RGBA", turned.size, (GREY,) * 4)
    return Image.composite(turned, backdrop, turned).convert(image.mode)


NEAREST = Image.Resampling.NEAREST
BICUBIC = Image.Resampling.BICUBIC

# name: (function, values)
OPERATIONS = {
    "shear_x": (lambda i, v: affine(i, (1, v, 0, 0, 1, 0), BICUBIC), (-0.3, 0.1, 0.7 / 3)),
    "shear_y": (lambda i, v: affine(i, (1, 0, 0, v, 1, 0), BICUBIC), (-0.3, 0.1, 0.8 / 3)),
    "translate_x": (lambda i, v: affine(i, (1, 0, v, 0, 1, 0), NEAREST), (-9.1, -0.4, 3.6)),
    "translate_y": (lambda i, v: affine(i, (1, 0, 0, 0, 1, v), NEAREST), (-7.3, 0.5, 40.0)),
    "rotate": (rotate, (0.0, 20 / 3, 30.0)),
    "color": (lambda i, v: ImageEnhance.Color(i).enhance(v), (0.1, 1.3, 1.9)),
    "contrast": (lambda i, v: ImageEnhance.Contrast(i).enhance(v), (0.3, 1.0, 1.7)),
    "brightness": (lambda i, v: ImageEnhance.Brightness(i).enhance(v), (0.1, 0.6, 1.9)),
    "sharpness": (lambda i, v: ImageEnhance.Sharpness(i).enhance(v), (0.1, 0.7, 1.9)),
    "solarize": (lambda i, v: ImageOps.solarize(i, v), (0.0, 1024 / 9, 256.0)),
    "posterize": (lambda i, v: ImageOps.posterize(i, int(v)), (1, 4, 8)),
    "equalize": (lambda i, _: ImageOps.equalize(i), (0,)),
    "autocontrast": (lambda i, _: ImageOps.autocontrast(i), (0,)),
    "invert": (lambda i, _: ImageOps.invert(i), (0,)),
}

SIZES = ((7, 9), (31, 11), (40, 45), (20, 24))


class Writer:
    def __init__(self, folder):
        self.folder = folder
        self.lines = []
        self.samples = bytearray()

    def add(self, kind, name, value, source, image):
        samples = np.asarray(image)
        samples = samples.reshape(*samples.shape[:2], -1)
        height, width, channels = samples.shape
        self.lines.append("\t".join(map(str, (kind, name, repr(float(value)), source, channels, height,
                                              width, len(self.samples)))))
        self.samples += samples.tobytes()

    def close(self):
        (self.folder / "cases.tsv").write_text("\n".join(self.lines) + "\n")
        (self.folder / "samples.bin").write_bytes(self.samples)


def add_operations(writer):
    sources = {"colour": picture(20, 24, 3, 1), "grey": picture(17, 13, 1, 2),
               "flat": Image.new("RGB", (5, 4), (10, 200, 77))}
    for source, image in sources.items():
        writer.add("source", source, 0, source, image)
        for name, (function, values) in OPERATIONS.items():
            for value in values:
                writer.add("operation", name, value, source, function(image, value))
        for height, width in SIZES:
            writer.add("resize", "bilinear", 0, source,
                       image.resize((width, height), Image.Resampling.BILINEAR))


def save_variants(folder):
    """File names of pictures in all forms that must be understood."""
    colour = picture(23, 29, 3, 3)
    grey = picture(23, 29, 1, 4)
    alpha = colour.convert("RGBA")
    alpha.putalpha(grey)
    few = colour.quantize(16)
    names = []

    def save(image, name, **options):
        image.save(folder / name, **options)
        names.append(name)

    save(colour, "420.jpg", quality=75, subsampling=2)
    save(colour, "422.jpg", quality=50, subsampling=1)
    save(colour, "444.jpg", quality=95, subsampling=0)
    save(colour, "progressive.jpg", quality=80, progressive=True)
    save(colour, "restart.jpg", quality=80, restart_marker_rows=1)
    save(grey, "grey.jpg", quality=80)
    save(colour.convert("CMYK"), "cmyk.jpg", quality=80)
    save(colour, "colour.png")
    save(grey, "grey.png")
    save(grey.convert("1"), "bits.png")
    save(few, "palette.png")
    save(few, "palette_transparent.png", transparency=3)
    save(grey, "grey_transparent.png", transparency=100)
    save(alpha, "colour_alpha.png")
    save(alpha.convert("LA"), "grey_alpha.png")
    return names


def add_files(writer):
    for name in save_variants(writer.folder):
        with Image.open(writer.folder / name) as image:
            # Pillow's convert("L") of a "1" or "LA" picture keeps the grey values
            mode = "L" if image.mode in ("1", "L", "LA") else "RGB"
            writer.add("decode", name, 0, name, image.convert(mode))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    writer = Writer(folder)
    add_operations(writer)
    add_files(writer)
    writer.close()


if __name__ == "__main__":
    main()
