#!/usr/bin/env python3
# Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/transforms: what torchvision's transforms make of pictures decoded by Pillow.

    pip install torch==2.11.0 torchvision==0.26.0 pillow==13.0.0 numpy==2.4.6
    python tools/golden_transforms.py tests/golden/transforms imagenet-sample-100.tar tiny-imagenet-20.tar

The draws of RandomResizedCrop come from trispike's generator (data/include/trispike/data/random.h), written
here a second time, so that both programs draw the same numbers. Pictures are CRC-32 sums of their samples
[H, W, 3]. Each file of cases has one line a case, fields separated by tabs:
  boxes.tsv       height, width, seed, epoch, stream; top, left, height, width of the part
  synthetic.tsv   decode: file; channels, height, width, sum
                  eval: file, shorter, height, width; sum
                  train: file, seed, epoch, stream, height, width; sum
                  resize: file, height, width; sum
  <tar>.tsv       the same for pictures of a tar that is not part of trispike
"""
import io
import pathlib
import sys
import tarfile
import zlib

import numpy as np
import torch
from PIL import Image
from torchvision import transforms
from torchvision.transforms import functional
from torchvision.transforms import transforms as implementation

MASK = (1 << 64) - 1
INCREMENT = 0x9E3779B97F4A7C15


class Generator:
    """Splitmix64, started at a mix of seed, epoch and stream."""

    def __init__(self, seed, epoch, stream):
        self.state = self.mix(self.mix(self.mix(seed) ^ epoch) ^ stream)

    @staticmethod
    def finish(z):
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    @classmethod
    def mix(cls, x):
        return cls.finish((x + INCREMENT) & MASK)

    def next(self):
        self.state = (self.state + INCREMENT) & MASK
        return self.finish(self.state)

    def uniform(self):
        return (self.next() >> 11) * 2.0**-53

    def below(self, bound):
        rest = (1 << 64) % bound
        bits = self.next()
        while bits < rest:
            bits = self.next()
        return bits % bound


class TorchThatDraws:
    """Stands for the module torch inside torchvision: float64 everywhere, draws from a Generator."""

    def __init__(self, generator):
        self.generator = generator
        self.log = torch.log
        self.exp = torch.exp

    def tensor(self, values):
        return torch.tensor(values, dtype=torch.float64)

    def empty(self, _):
        return self

    def uniform_(self, low, high):
        low, high = float(low), float(high)
        return self.tensor([low + (high - low) * self.generator.uniform()])

    def randint(self, low, high, size):
        assert low == 0 and size == (1,)
        return torch.tensor([self.generator.below(high)])


def draw_box(image, key):
    real = implementation.torch
    implementation.torch = TorchThatDraws(Generator(*key))
    try:
        return transforms.RandomResizedCrop.get_params(image, (0.08, 1.0), (3 / 4, 4 / 3))
    finally:
        implementation.torch = real


def in_colour(image):
    """convert("RGB"), save that Pillow's saturates 16-bit grey at 255: here the upper 8 bits count, as in colour."""
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGB")


def checksum(image):
    return zlib.crc32(np.asarray(image).tobytes())


def evaluate(image, shorter, height, width):
    chain = transforms.Compose([transforms.Resize(shorter), transforms.CenterCrop((height, width))])
    return chain(image)


def augment(image, key, height, width):
    return functional.resized_crop(image, *draw_box(image, key), (height, width))


def write(path, rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


def box_rows():
    """Sizes from square to far too thin for any of the ten draws."""
    rows = []
    sizes = [(1, 1), (2, 3), (64, 64), (375, 500), (500, 375), (106, 150), (864, 1152), (10, 400), (400, 10),
             (1, 500), (500, 1), (90, 200), (200, 90)]
    for number, (height, width) in enumerate(sizes):
        image = Image.new("L", (width, height))
        for stream in range(40):
            key = (17, number, stream)
            rows.append((height, width, *key, *draw_box(image, key)))
    return rows


def picture(height, width, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def without_adobe_marker(jpeg):
    """Takes the segment APP14 out."""
    at = jpeg.index(b"\xff\xee")
    length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return jpeg[:at] + jpeg[at + 2 + length :]


def as_ycck(jpeg):
    """Says in APP14 that the four components are YCCK (transform 2), not CMYK (0)."""
    marker = jpeg.index(b"\xff\xee")
    at = marker + 1 + int.from_bytes(jpeg[marker + 2 : marker + 4], "big")
    assert jpeg[at] == 0
    return jpeg[:at] + b"\x02" + jpeg[at + 1 :]


def save_pictures(folder):
    """The names of pictures of every kind that Pillow's convert("RGB") takes."""
    names = []

    def save(name, content):
        (folder / name).write_bytes(content)
        names.append(name)

    def encode(image, kind, **options):
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        return stream.getvalue()

    colour = Image.fromarray(picture(31, 43, 1)).resize((86, 62), Image.Resampling.BICUBIC)
    save("colour.jpg", encode(colour, "JPEG", quality=90))
    save("grey.jpg", encode(colour.convert("L"), "JPEG", quality=85))
    cmyk = encode(colour.convert("CMYK"), "JPEG", quality=90)
    save("cmyk_adobe.jpg", cmyk)
    save("cmyk_plain.jpg", without_adobe_marker(cmyk))
    save("ycck_adobe.jpg", as_ycck(cmyk))
    save("colour.png", encode(Image.fromarray(picture(21, 17, 2)), "PNG"))
    save("palette.png", encode(colour.quantize(32), "PNG"))
    save("palette_transparent.png", encode(colour.quantize(32), "PNG", transparency=3))
    save("alpha.png", encode(Image.fromarray(np.dstack([picture(9, 14, 3), picture(9, 14, 4)[..., :1]])), "PNG"))
    save("one_pixel.png", encode(Image.fromarray(picture(1, 1, 5)), "PNG"))
    save("line.png", encode(Image.fromarray(picture(1, 90, 6)), "PNG"))
    save("column.png", encode(Image.fromarray(picture(90, 1, 7)), "PNG"))
    save("thin.png", encode(Image.fromarray(picture(300, 7, 8)), "PNG"))
    save("grey16.png", encode(Image.fromarray(picture(12, 10, 9)[..., 0].astype(np.uint16) * 251 + 77), "PNG"))
    save("colour16.png", sixteen_bits(picture(12, 10, 10).astype(np.uint16) * 253 + 129))
    return names


def sixteen_bits(samples):
    """A PNG of 16-bit colour, which Pillow reads but does not write."""
    height, width, _ = samples.shape

    def chunk(kind, content):
        body = kind + content
        return len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([16, 2, 0, 0, 0])
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) +
            chunk(b"IEND", b""))


def rows_of(image, name, number, geometries):
    image = in_colour(image)
    rows = [("decode", name, 3, image.height, image.width, checksum(image))]
    for shorter, height, width in geometries:
        rows.append(("eval", name, shorter, height, width, checksum(evaluate(image, shorter, height, width))))
        key = (3, 1, number)
        rows.append(("train", name, *key, height, width, checksum(augment(image, key, height, width))))
    return rows


def synthetic_rows(folder):
    rows = []
    # the last two: odd rests to halve, and a crop larger than the picture
    for number, name in enumerate(save_pictures(folder)):
        with Image.open(folder / name) as image:
            rows += rows_of(image, name, number, ((256, 224, 224), (37, 30, 32), (20, 33, 26)))
    with Image.open(folder / "colour.png") as image:
        sizes = [(3 * s, 4 * t) for s in range(1, 12) for t in range(1, 9)]
        # around the place where Pillow changes the order of its passes
        sizes += [(21 - 2 * d + e, 17 - d) for d in range(-3, 9) for e in (-1, 0, 1)]
        for height, width in sizes:
            resized = image.resize((width, height), Image.Resampling.BILINEAR)
            rows.append(("resize", "colour.png", height, width, checksum(resized)))
    return rows


def tar_rows(path, every, geometry):
    rows = []
    with tarfile.open(path) as tar:
        names = sorted(m.name for m in tar if m.isfile() and m.name.endswith(".JPEG"))[::every]
        for number, name in enumerate(names):
            with Image.open(tar.extractfile(name)) as image:
                rows += rows_of(image, name, number, (geometry,))
    return rows


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "boxes.tsv", box_rows())
    write(folder / "synthetic.tsv", synthetic_rows(folder))
    write(folder / "imagenet-sample-100.tsv", tar_rows(sys.argv[2], 1, (256, 224, 224)))
    write(folder / "tiny-imagenet-20.tsv", tar_rows(sys.argv[3], 220, (72, 64, 64)))


if __name__ == "__main__":
    main()
