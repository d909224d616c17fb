// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>

#include "trispike/model/error.h"

namespace trispike::model {
namespace {

using ::testing::ElementsAre;

TEST(Tensor, KeepsValuesAndShape) {
  const Tensor tensor = Tensor::from({2, 3}, std::vector<double>{1, 2, 3, 4, 5, 6});
  EXPECT_EQ(tensor.dtype, DType::kF64);
  EXPECT_EQ(tensor.elements(), 6);
  EXPECT_EQ(tensor.data.size(), 48u);
  EXPECT_THAT(tensor.to_double(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(shape_string(tensor.shape), "[2, 3]");
  EXPECT_EQ(Tensor::from({}, std::vector<double>{7}).elements(), 1);
  EXPECT_EQ(Tensor::from({0, 5}, std::vector<float>{}).elements(), 0);
}

TEST(Tensor, CastRoundsToNearest) {
  const Tensor wide = Tensor::from({2}, std::vector<double>{1.0 / 3, 16777217.0});
  const Tensor narrow = wide.cast(DType::kF32);
  EXPECT_THAT(narrow.to_double(), ElementsAre(double{1.0f / 3}, 16777216.0));
  EXPECT_EQ(narrow.cast(DType::kF64).to_double(), narrow.to_double());
  EXPECT_EQ(wide.cast(DType::kF64), wide);
}

TEST(Tensor, ReadsBFloat16) {
  // 1, -2 and 2^-126, the smallest normal number.
  const std::uint16_t bits[] = {0x3f80, 0xc000, 0x0080};
  Tensor tensor{DType::kBF16, {3}, std::vector<std::byte>(6)};
  std::memcpy(tensor.data.data(), bits, 6);
  EXPECT_THAT(tensor.to_double(), ElementsAre(1, -2, 0x1p-126));
}

TEST(Tensor, RefusesWhatItCannotConvert) {
  const Tensor integers = Tensor::from({1}, std::vector<std::int64_t>{1});
  EXPECT_THROW(integers.to_double(), Error);
  EXPECT_THROW(integers.cast(DType::kF32), Error);
  EXPECT_THROW(Tensor::from({1}, std::vector<float>{1}).cast(DType::kI8), Error);
  EXPECT_THROW(Tensor::from({2}, std::vector<float>{1}), std::invalid_argument);
}

}  // namespace
}  // namespace trispike::model
