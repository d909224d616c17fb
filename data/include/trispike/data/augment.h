// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Random changes of training pictures. Each single operation equals Pillow's within one level.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "trispike/data/image.h"
#include "trispike/data/random.h"

namespace trispike::data {

/// `value` of apply() is given behind each name.
enum class Operation {
  kShearX,        ///< columns moved per row, bicubic, grey 128 outside
  kShearY,        ///< rows moved per column, bicubic, grey 128 outside
  kTranslateX,    ///< pixels to the left, nearest, grey 128 outside
  kTranslateY,    ///< pixels upwards, nearest, grey 128 outside
  kRotate,        ///< degrees counter-clockwise, nearest, grey 128 outside
  kColor,         ///< factor: 0 gives grey, 1 the picture
  kContrast,      ///< factor: 0 gives the mean grey, 1 the picture
  kBrightness,    ///< factor: 0 gives black, 1 the picture
  kSharpness,     ///< factor: 0 gives the smoothed picture, 1 the picture
  kSolarize,      ///< threshold: samples not below it are inverted
  kPosterize,     ///< bits kept, 1 to 8
  kEqualize,      ///< unused; histogram of each channel flattened
  kAutocontrast,  ///< unused; each channel stretched to 0..255
  kInvert         ///< unused
};

/// A row of `operations()`.
struct OperationEntry {
  std::string_view name;
  Operation operation;
};
std::span<const OperationEntry> operations();

/// One operation on a picture of 1 or 3 channels.
Image apply(Operation operation, const Image& image, double value);

/// One half of a pair of a policy: with `probability`, `operation` at step `magnitude` (0..9) of
/// its range.
struct PolicyStep {
  Operation operation;
  double probability;
  int magnitude;
};
using PolicyPair = std::array<PolicyStep, 2>;

/// The 25 pairs found by AutoAugment for CIFAR-10 (Cubuk et al., CVPR 2019).
std::span<const PolicyPair> autoaugment_cifar10();

/// The value apply() takes for step `magnitude` of the policy's range; `side` is the width
/// (kTranslateX) or height (kTranslateY) in pixels. Where the range has two directions, `negative`
/// chooses the other.
double policy_value(Operation operation, int magnitude, bool negative, int side);

enum class Policy { kNone, kAutoAugmentCifar10 };

/// What is done to a training sample, in this order. The default does nothing. `roll` is for frames
/// of events, which can also be flipped; the others are for pictures.
struct Augmentation {
  int crop_padding = 0;           ///< crop of the same size at random from the zero-padded picture
  bool flip = false;              ///< left-right with probability 0.5
  Policy policy = Policy::kNone;  ///< one random pair of the policy
  int cutout = 0;  ///< side of a square set to 0 (black), its centre anywhere, clipped; 0 = off
  int roll = 0;    ///< cyclic shift by up to this many pixels in each direction
  /// Before all that, and not by augment() but by SamplePreparer: random_resized_crop to the size
  /// of the sample, in place of fitting the picture to it.
  bool random_resized_crop = false;
  bool operator==(const Augmentation&) const = default;
};

/// Throws DataError if a number is negative or above 65536.
void validate(const Augmentation& augmentation);

/// The picture after all steps, in size unchanged. Throws as validate().
Image augment(Image image, const Augmentation& augmentation, Random& random);

}  // namespace trispike::data
