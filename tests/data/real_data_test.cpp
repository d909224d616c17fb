// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The public data sets themselves.
#include <gtest/gtest.h>

#include <array>

#include "support/data.h"
#include "trispike/data/check.h"
#include "trispike/data/dataset.h"

namespace trispike::data {
namespace {

std::vector<std::int64_t> class_counts(const Dataset& dataset) {
  std::vector<std::int64_t> counts(dataset.num_classes());
  for (std::int64_t i = 0; i < dataset.size(); ++i) ++counts[dataset.label(i)];
  return counts;
}

TEST(RealData, Mnist) {
  TRISPIKE_TEST_DATA(path, "mnist");
  const auto train = open_dataset(path, Split::kTrain);
  const auto test = open_dataset(path, Split::kTest);
  EXPECT_EQ(train->format(), "idx");
  EXPECT_EQ(train->size(), 60000);
  EXPECT_EQ(test->size(), 10000);
  EXPECT_EQ(train->height(), 28);
  EXPECT_EQ(train->width(), 28);
  EXPECT_EQ(train->channels(), 1);
  // As published with the data set.
  EXPECT_EQ(class_counts(*train), (std::vector<std::int64_t>{5923, 6742, 5958, 6131, 5842, 5421,
                                                             5918, 6265, 5851, 5949}));
  EXPECT_EQ(class_counts(*test),
            (std::vector<std::int64_t>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));
  // The first training picture is the well-known five, the first test picture a seven.
  EXPECT_EQ(train->label(0), 5);
  EXPECT_EQ(test->label(0), 7);
}

TEST(RealData, FashionMnistOfDebian) {
  const std::filesystem::path path = "/usr/share/datasets/fashion-mnist";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not installed";
  const auto train = open_dataset(path, Split::kTrain);
  EXPECT_EQ(class_counts(*train), std::vector<std::int64_t>(10, 6000));
  EXPECT_EQ(train->class_names()[train->label(0)], "Ankle boot");
  EXPECT_EQ(class_counts(*open_dataset(path, Split::kTest)), std::vector<std::int64_t>(10, 1000));
}

TEST(RealData, Cifar10InATar) {
  TRISPIKE_TEST_DATA(path, "cifar10/cifar-10-images.tar");
  const auto train = open_dataset(path, Split::kTrain);
  const auto test = open_dataset(path, Split::kTest);
  EXPECT_EQ(train->class_names(),
            (std::vector<std::string>{"airplane", "automobile", "bird", "cat", "deer", "dog",
                                      "frog", "horse", "ship", "truck"}));
  EXPECT_EQ(class_counts(*train), std::vector<std::int64_t>(10, 5000));
  EXPECT_EQ(class_counts(*test), std::vector<std::int64_t>(10, 1000));
  EXPECT_EQ(train->normalisation().mean[0], 0.4914);
  // Measured with Pillow when the copy was made.
  std::array<std::int64_t, 3> sums{};
  for (std::int64_t i = 0; i < train->size(); ++i) {
    const Image image = train->image(i);
    ASSERT_EQ(image.pixels.size(), 3u * 32 * 32);
    for (std::size_t k = 0; k < image.pixels.size(); ++k) sums[k % 3] += image.pixels[k];
  }
  constexpr double kSamples = 50000.0 * 32 * 32 * 255;
  EXPECT_NEAR(double(sums[0]) / kSamples, 0.49125, 5e-6);
  EXPECT_NEAR(double(sums[1]) / kSamples, 0.48209, 5e-6);
  EXPECT_NEAR(double(sums[2]) / kSamples, 0.44652, 5e-6);
}

TEST(RealData, TinyImageNet) {
  TRISPIKE_TEST_DATA(path, "tiny-imagenet/tiny-imagenet-20.tar");
  const auto train = open_dataset(path, Split::kTrain);
  EXPECT_EQ(class_counts(*train), std::vector<std::int64_t>(20, 500));
  EXPECT_EQ(class_counts(*open_dataset(path, Split::kTest)), std::vector<std::int64_t>(20, 50));
  EXPECT_EQ(train->height(), 64);
}

TEST(RealData, ImageNetSampleIsReadableThroughout) {
  TRISPIKE_TEST_DATA(path, "imagenet-sample/imagenet-sample-100.tar");
  const CheckReport report = check(path);
  EXPECT_TRUE(report.ok);
  const auto test = open_dataset(path, Split::kTest);
  EXPECT_EQ(test->size(), 100);
  EXPECT_EQ(test->num_classes(), 100);
  EXPECT_EQ(test->height(), 0);
}

}  // namespace
}  // namespace trispike::data
