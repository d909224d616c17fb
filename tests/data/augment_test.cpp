// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fixtures.h"
#include "golden.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

TEST(Augment, EveryOperationEqualsPillow) {
  std::set<std::string_view> covered;
  for (const GoldenCase& item : golden_cases("operation")) {
    const auto entry = std::ranges::find(operations(), item.name, &OperationEntry::name);
    ASSERT_NE(entry, operations().end()) << item.name;
    covered.insert(entry->name);
    const Image source = golden_source(item.source);
    EXPECT_LE(max_difference(apply(entry->operation, source, item.value), item.image), 1)
        << item.name << " by " << item.value << " of " << item.source;
  }
  EXPECT_EQ(covered.size(), operations().size());
}

TEST(Augment, GoldenCasesAreNotTrivial) {
  int changed = 0;
  for (const GoldenCase& item : golden_cases("operation")) {
    if (max_difference(golden_source(item.source), item.image) > 10) ++changed;
  }
  EXPECT_GT(changed, 70);
}

// The magnitude tables of Cubuk et al., ten equal steps.
TEST(Augment, PolicyValuesFollowTheTables) {
  using enum Operation;
  EXPECT_DOUBLE_EQ(policy_value(kShearX, 9, false, 32), 0.3);
  EXPECT_DOUBLE_EQ(policy_value(kShearY, 3, true, 32), -0.1);
  EXPECT_DOUBLE_EQ(policy_value(kTranslateX, 9, false, 331), 150.0);
  EXPECT_DOUBLE_EQ(policy_value(kTranslateY, 3, true, 331), -50.0);
  EXPECT_DOUBLE_EQ(policy_value(kRotate, 2, false, 32), 20.0 / 3);
  EXPECT_DOUBLE_EQ(policy_value(kColor, 9, false, 32), 1.9);
  EXPECT_NEAR(policy_value(kContrast, 9, true, 32), 0.1, 1e-15);
  EXPECT_DOUBLE_EQ(policy_value(kBrightness, 5, false, 32), 1.5);
  EXPECT_DOUBLE_EQ(policy_value(kSharpness, 0, true, 32), 1.0);
  EXPECT_DOUBLE_EQ(policy_value(kSolarize, 0, false, 32), 256.0);
  EXPECT_DOUBLE_EQ(policy_value(kSolarize, 9, false, 32), 0.0);
  constexpr int kBits[] = {8, 8, 7, 7, 6, 6, 5, 5, 4, 4};
  for (int k = 0; k < 10; ++k) EXPECT_EQ(policy_value(kPosterize, k, false, 32), kBits[k]) << k;
}

TEST(Augment, PolicyHasThe25PairsOfThePaper) {
  using enum Operation;
  const auto policy = autoaugment_cifar10();
  ASSERT_EQ(policy.size(), 25u);
  // Pairs 2, 15 and 22 of the table.
  EXPECT_EQ(policy[1][0].operation, kRotate);
  EXPECT_EQ(policy[1][0].probability, 0.7);
  EXPECT_EQ(policy[1][0].magnitude, 2);
  EXPECT_EQ(policy[14][1].operation, kInvert);
  EXPECT_EQ(policy[14][1].probability, 0.0);
  EXPECT_EQ(policy[21][1].operation, kTranslateY);
  EXPECT_EQ(policy[21][1].probability, 0.7);
  EXPECT_EQ(policy[21][1].magnitude, 9);
  // Sums over the table, added up by hand column by column.
  double first = 0.0;
  double second = 0.0;
  int equalize = 0;
  for (const PolicyPair& pair : policy) {
    first += pair[0].probability;
    second += pair[1].probability;
    for (const PolicyStep& step : pair) {
      EXPECT_TRUE(step.magnitude >= 0 && step.magnitude <= 9);
      equalize += step.operation == kEqualize ? 1 : 0;
    }
  }
  EXPECT_NEAR(first, 13.4, 1e-9);
  EXPECT_NEAR(second, 13.3, 1e-9);
  EXPECT_EQ(equalize, 9);
}

TEST(Augment, DefaultDoesNothing) {
  const Image image = golden_source("colour");
  Random random(1);
  EXPECT_EQ(augment(image, {}, random), image);
}

TEST(Augment, CropReachesEveryOffset) {
  Image image(1, 9, 9);
  image.pixels[4 * 9 + 4] = 200;  // a mark in the middle
  std::set<std::pair<std::ptrdiff_t, std::ptrdiff_t>> places;
  for (std::uint64_t stream = 0; stream < 2000; ++stream) {
    Random random(0, 0, stream);
    const Image cropped = augment(image, {.crop_padding = 4}, random);
    ASSERT_EQ(cropped.pixels.size(), image.pixels.size());
    const auto mark = std::ranges::find(cropped.pixels, 200) - cropped.pixels.begin();
    ASSERT_LT(mark, 81);
    places.emplace(mark / 9, mark % 9);
  }
  EXPECT_EQ(places.size(), 81u);  // 4 pixels to either side in both directions
}

TEST(Augment, CropPadsWithZero) {
  const Image white(3, 8, 8, 255);
  for (std::uint64_t stream = 0; stream < 50; ++stream) {
    Random random(0, 0, stream);
    for (const std::uint8_t sample : augment(white, {.crop_padding = 3}, random).pixels) {
      ASSERT_TRUE(sample == 0 || sample == 255);
    }
  }
}

TEST(Augment, FlipMirrorsHalfOfThePictures) {
  const Image image = numbered_picture(1, 3, 2, 5);
  int flipped = 0;
  for (std::uint64_t stream = 0; stream < 1000; ++stream) {
    Random random(0, 0, stream);
    const Image result = augment(image, {.flip = true}, random);
    if (result == image) continue;
    ++flipped;
    for (int y = 0; y < 2; ++y) {
      for (int x = 0; x < 5; ++x) {
        for (int c = 0; c < 3; ++c) {
          ASSERT_EQ(result.row(y)[3 * x + c], image.row(y)[3 * (4 - x) + c]);
        }
      }
    }
  }
  EXPECT_NEAR(flipped, 500, 64);  // four standard deviations
}

TEST(Augment, CutoutBlackensOneClippedSquare) {
  const Image white(1, 20, 20, 255);
  std::set<std::ptrdiff_t> areas;
  for (std::uint64_t stream = 0; stream < 3000; ++stream) {
    Random random(0, 0, stream);
    const Image result = augment(white, {.cutout = 8}, random);
    int top = 20;
    int bottom = -1;
    int left = 20;
    int right = -1;
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 20; ++x) {
        if (result.row(y)[x] != 0) continue;
        top = std::min(top, y);
        bottom = std::max(bottom, y);
        left = std::min(left, x);
        right = std::max(right, x);
      }
    }
    const int height = bottom - top + 1;
    const int width = right - left + 1;
    const auto area = std::ranges::count(result.pixels, 0);
    ASSERT_EQ(area, height * width);  // a full rectangle
    ASSERT_TRUE(height <= 8 && (height == 8 || top == 0 || bottom == 19));
    ASSERT_TRUE(width <= 8 && (width == 8 || left == 0 || right == 19));
    areas.insert(area);
  }
  // The centre (y, x) cuts rows y - 4 to y + 3: at least 4 rows (y = 0) and at most 8.
  EXPECT_EQ(*areas.begin(), 16);
  EXPECT_EQ(*areas.rbegin(), 64);
}

TEST(Augment, CutoutComesAfterThePolicy) {
  const Image image = golden_source("colour");
  for (std::uint64_t stream = 0; stream < 300; ++stream) {
    Random random(0, 0, stream);
    const Image result =
        augment(image, {.policy = Policy::kAutoAugmentCifar10, .cutout = 4}, random);
    // At least a corner of the square, 2 x 2 pixels, is exactly black.
    ASSERT_GE(std::ranges::count(result.pixels, 0), 12) << stream;
  }
}

// Reproduces the draws with a second stream of the same key: pair, then probability and sign of
// each step.
TEST(Augment, PolicyAppliesTheDrawnPair) {
  const Image image = golden_source("colour");
  int applied = 0;
  for (std::uint64_t stream = 0; stream < 200; ++stream) {
    Random random(7, 1, stream);
    Random same(7, 1, stream);
    const Image result = augment(image, {.policy = Policy::kAutoAugmentCifar10}, random);
    Image expected = image;
    for (const PolicyStep& step : autoaugment_cifar10()[same.below(25)]) {
      if (same.uniform() >= step.probability) continue;
      ++applied;
      const bool mirrored =
          policy_value(step.operation, 9, true, 100) != policy_value(step.operation, 9, false, 100);
      const bool negative = mirrored && same.below(2) == 1;
      const int side = step.operation == Operation::kTranslateX ? image.width : image.height;
      expected = apply(step.operation, expected,
                       policy_value(step.operation, step.magnitude, negative, side));
    }
    ASSERT_EQ(result, expected) << stream;
  }
  EXPECT_NEAR(applied, 200 * (13.4 + 13.3) / 25, 45);
}

TEST(Augment, DependsOnTheKeyOnly) {
  const Image image = golden_source("colour");
  const Augmentation everything{4, true, Policy::kAutoAugmentCifar10, 8};
  int different = 0;
  for (std::uint64_t stream = 0; stream < 50; ++stream) {
    Random a(1, 2, stream);
    Random b(1, 2, stream);
    Random other_epoch(1, 3, stream);
    const Image result = augment(image, everything, a);
    EXPECT_EQ(result, augment(image, everything, b));
    different += result == augment(image, everything, other_epoch) ? 0 : 1;
  }
  EXPECT_GT(different, 45);
}

TEST(Augment, RefusesNegativeNumbers) {
  Random random(1);
  EXPECT_THROW(augment(Image(1, 4, 4), {.crop_padding = -1}, random), DataError);
  EXPECT_THROW(augment(Image(1, 4, 4), {.cutout = -3}, random), DataError);
  EXPECT_THROW(augment(Image(1, 4, 4), {.crop_padding = 1 << 30}, random), DataError);
}

}  // namespace
}  // namespace trispike::data
