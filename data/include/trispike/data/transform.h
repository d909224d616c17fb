// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// How ImageNet's pictures of all sizes become a network's input in training and in evaluation.
// Equal to torchvision's transforms of the same names on Pillow's pictures, sample for sample.
#pragma once

#include "trispike/data/image.h"
#include "trispike/data/random.h"

namespace trispike::data {

/// Part of a picture, in pixels.
struct Box {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
  bool operator==(const Box&) const = default;
};

/// The part that RandomResizedCrop takes of a picture: 8 to 100 % of its area, with a ratio of
/// width to height whose logarithm is uniform between those of 3/4 and 4/3. After ten draws that do
/// not fit into the picture it is the largest centred part with a ratio in that range. Draws, per
/// attempt: area, ratio and, if they fit, the first row and the first column.
Box random_resized_crop_box(int height, int width, Random& random);

/// That part, resized (bilinear, antialiased) to `height` x `width`.
Image random_resized_crop(const Image& image, int height, int width, Random& random);

/// Resize(shorter), then CenterCrop((height, width)): the picture is resized so that its shorter
/// side has `shorter` pixels (the longer side is rounded down), and its centre is cut out; black
/// where the crop is larger than the picture. Only what the crop shows is computed, so that a long
/// thin picture costs no memory. All numbers must be > 0.
Image resize_and_center_crop(const Image& image, int shorter, int height, int width);

}  // namespace trispike::data
