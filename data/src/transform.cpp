// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/transform.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace trispike::data {
namespace {

constexpr int kAttempts = 10;
constexpr double kSmallestArea = 0.08;
constexpr double kNarrowest = 3.0 / 4.0;
constexpr double kWidest = 4.0 / 3.0;

double uniform(Random& random, double low, double high) {
  return low + (high - low) * random.uniform();
}

// To the nearest whole number, halves to the even one: Python's round().
int nearest(double value) { return static_cast<int>(std::nearbyint(value)); }

Box largest_centred_box(int height, int width) {
  Box box{0, 0, height, width};
  const double ratio = double(width) / height;
  if (ratio < kNarrowest) {
    box.height = nearest(width / kNarrowest);
  } else if (ratio > kWidest) {
    box.width = nearest(height * kWidest);
  }
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

// Where CenterCrop begins in a side of `size`; negative where the crop is larger and is padded.
std::int64_t centred(std::int64_t size, int crop) {
  if (size < crop) return -((crop - size) / 2);
  const std::int64_t room = size - crop;
  return room / 2 + (room % 4 == 3 ? 1 : 0);  // halves to the even number
}

}  // namespace

Box random_resized_crop_box(int height, int width, Random& random) {
  const double area = double(height) * width;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const double part = area * uniform(random, kSmallestArea, 1.0);
    const double ratio = std::exp(uniform(random, std::log(kNarrowest), std::log(kWidest)));
    const int box_width = nearest(std::sqrt(part * ratio));
    const int box_height = nearest(std::sqrt(part / ratio));
    if (box_width < 1 || box_width > width || box_height < 1 || box_height > height) continue;
    const auto top = static_cast<int>(random.below(height - box_height + 1));
    const auto left = static_cast<int>(random.below(width - box_width + 1));
    return {top, left, box_height, box_width};
  }
  return largest_centred_box(height, width);
}

Image random_resized_crop(const Image& image, int height, int width, Random& random) {
  const Box box = random_resized_crop_box(image.height, image.width, random);
  return resize(crop(image, box.top, box.left, box.height, box.width), height, width);
}

Image resize_and_center_crop(const Image& image, int shorter, int height, int width) {
  const int shortest = std::min(image.height, image.width);
  const std::int64_t full_height = std::int64_t{shorter} * image.height / shortest;
  const std::int64_t full_width = std::int64_t{shorter} * image.width / shortest;
  const std::int64_t top = centred(full_height, height);
  const std::int64_t left = centred(full_width, width);
  const int shown_height = static_cast<int>(std::min<std::int64_t>(full_height, height));
  const int shown_width = static_cast<int>(std::min<std::int64_t>(full_width, width));
  const Image shown = resize_part(image, full_height, full_width, std::max<std::int64_t>(top, 0),
                                  std::max<std::int64_t>(left, 0), shown_height, shown_width);
  if (shown_height == height && shown_width == width) return shown;
  return crop(shown, static_cast<int>(std::min<std::int64_t>(top, 0)),
              static_cast<int>(std::min<std::int64_t>(left, 0)), height, width);
}

}  // namespace trispike::data
