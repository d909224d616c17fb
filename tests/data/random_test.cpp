// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace trispike::data {
namespace {

// Chi-square of counts that should all be equal.
double chi_square(const std::vector<int>& counts) {
  const double expected =
      double(std::accumulate(counts.begin(), counts.end(), 0)) / double(counts.size());
  double sum = 0.0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST(Random, DependsOnEveryPartOfTheKey) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0u, 1u, 2u}) {
    for (std::uint64_t epoch : {0u, 1u, 2u}) {
      for (std::uint64_t stream : {0u, 1u, 2u}) seen.insert(Random(seed, epoch, stream).next());
    }
  }
  EXPECT_EQ(seen.size(), 27u);
  EXPECT_EQ(Random(5, 6, 7).next(), Random(5, 6, 7).next());
}

// Computed with Python's integers from the definition: finish(s), s the mixed key plus the
// increment.
TEST(Random, GivesTheSameNumbersOnEveryMachine) {
  Random random(1, 2, 3);
  EXPECT_EQ(random.next(), 0x12588d809dce88a7u);
  EXPECT_EQ(random.next(), 0xdd034ea7d44e8739u);
}

TEST(Random, BelowIsUniform) {
  std::vector<int> counts(25);
  Random random(3);
  for (int i = 0; i < 25000; ++i) ++counts[random.below(25)];
  EXPECT_LT(chi_square(counts), 51.2);  // 24 degrees of freedom, exceeded once in 1000
}

TEST(Random, FirstDrawsOfNeighbouringStreamsAreUniform) {
  std::vector<int> counts(81);
  for (std::uint64_t stream = 0; stream < 81000; ++stream) {
    ++counts[Random(0, 0, stream).below(81)];
  }
  EXPECT_LT(chi_square(counts), 124.9);  // 80 degrees of freedom, exceeded once in 1000
}

TEST(Random, UniformStaysBelowOne) {
  Random random(4);
  double sum = 0.0;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 4 * std::sqrt(1.0 / 12 / 10000));
}

TEST(Random, ShufflePermutes) {
  std::vector<int> values(50);
  std::iota(values.begin(), values.end(), 0);
  std::vector<int> shuffled = values;
  Random random(9);
  shuffle(shuffled, random);
  EXPECT_NE(shuffled, values);
  std::ranges::sort(shuffled);
  EXPECT_EQ(shuffled, values);
}

TEST(Random, ShuffleMakesAllOrdersEquallyOften) {
  std::vector<int> counts(6);
  for (std::uint64_t stream = 0; stream < 6000; ++stream) {
    std::vector<int> values = {0, 1, 2};
    Random random(1, 0, stream);
    shuffle(values, random);
    ++counts[values[0] * 2 + (values[1] > values[2] ? 1 : 0)];
  }
  EXPECT_LT(chi_square(counts), 20.5);  // 5 degrees of freedom, exceeded once in 1000
}

}  // namespace
}  // namespace trispike::data
