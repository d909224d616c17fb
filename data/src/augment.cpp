// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/augment.h"

#include <algorithm>
#include <string>
#include <utility>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

bool has_two_directions(Operation operation) {
  using enum Operation;
  switch (operation) {
    case kShearX:
    case kShearY:
    case kTranslateX:
    case kTranslateY:
    case kColor:
    case kContrast:
    case kBrightness:
    case kSharpness:
      return true;
    default:
      return false;
  }
}

Image random_crop(const Image& image, int padding, Random& random) {
  const std::uint64_t places = 2 * static_cast<std::uint64_t>(padding) + 1;
  const int top = static_cast<int>(random.below(places)) - padding;
  const int left = static_cast<int>(random.below(places)) - padding;
  return crop(image, top, left, image.height, image.width);
}

void flip_left_right(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* left = image.row(y);
    std::uint8_t* right = left + std::size_t(image.width - 1) * image.channels;
    for (; left < right; left += image.channels, right -= image.channels) {
      std::swap_ranges(left, left + image.channels, right);
    }
  }
}

Image apply_policy(Image image, std::span<const PolicyPair> policy, Random& random) {
  for (const PolicyStep& step : policy[random.below(policy.size())]) {
    if (random.uniform() >= step.probability) continue;
    const bool negative = has_two_directions(step.operation) && random.below(2) == 1;
    const int side = step.operation == Operation::kTranslateX ? image.width : image.height;
    image =
        apply(step.operation, image, policy_value(step.operation, step.magnitude, negative, side));
  }
  return image;
}

void cut_out(Image& image, int side, Random& random) {
  const int top = static_cast<int>(random.below(image.height)) - side / 2;
  const int left = static_cast<int>(random.below(image.width)) - side / 2;
  const int first = std::max(left, 0);
  const int end = std::min(left + side, image.width);
  if (first >= end) return;
  for (int y = std::max(top, 0); y < std::min(top + side, image.height); ++y) {
    std::fill_n(image.row(y) + std::size_t(first) * image.channels,
                std::size_t(end - first) * image.channels, std::uint8_t{0});
  }
}

}  // namespace

Image augment(Image image, const Augmentation& augmentation, Random& random) {
  validate(augmentation);
  if (augmentation.crop_padding > 0) {
    image = random_crop(image, augmentation.crop_padding, random);
  }
  if (augmentation.flip && random.below(2) == 1) flip_left_right(image);
  if (augmentation.policy == Policy::kAutoAugmentCifar10) {
    image = apply_policy(std::move(image), autoaugment_cifar10(), random);
  }
  // Black before normalisation: the same as zero in the scaled picture.
  if (augmentation.cutout > 0) cut_out(image, augmentation.cutout, random);
  return image;
}

void validate(const Augmentation& augmentation) {
  constexpr int kLargest = 1 << 16;
  const auto require = [](const char* name, int value) {
    if (value < 0 || value > kLargest) {
      throw DataError(
          std::string("augmentation: ") + name, "",
          "is " + std::to_string(value) + ", expected 0 to " + std::to_string(kLargest));
    }
  };
  require("crop_padding", augmentation.crop_padding);
  require("cutout", augmentation.cutout);
  require("roll", augmentation.roll);
}

}  // namespace trispike::data
