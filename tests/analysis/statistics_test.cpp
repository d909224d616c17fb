// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Student's t against printed tables.
#include "trispike/analysis/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "trispike/model/error.h"

namespace trispike::test {
namespace {

TEST(Statistics, MeanAndDeviation) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(analysis::mean(values), 5);
  EXPECT_DOUBLE_EQ(*analysis::standard_deviation(values), std::sqrt(32.0 / 7));
  EXPECT_FALSE(analysis::standard_deviation(std::vector<double>{1}).has_value());
  EXPECT_THROW(analysis::mean({}), Error);
}

TEST(Statistics, StudentT) {
  EXPECT_DOUBLE_EQ(analysis::student_t_two_sided(0, 5), 1);
  EXPECT_NEAR(analysis::student_t_two_sided(1, 1), 0.5, 1e-12);      // Cauchy
  EXPECT_NEAR(analysis::student_t_two_sided(4.303, 2), 0.05, 1e-5);  // tables
  EXPECT_NEAR(analysis::student_t_two_sided(2.262, 9), 0.05, 1e-4);
  EXPECT_NEAR(analysis::student_t_two_sided(-2.262, 9), 0.05, 1e-4);
  EXPECT_NEAR(analysis::student_t_two_sided(1.96, 1e6), 0.05, 1e-4);  // Gaussian
  EXPECT_DOUBLE_EQ(analysis::student_t_two_sided(INFINITY, 3), 0);
  EXPECT_NEAR(analysis::student_t_quantile_two_sided(0.05, 2), 4.30265, 1e-5);
  EXPECT_NEAR(analysis::student_t_quantile_two_sided(0.01, 10), 3.16927, 1e-5);
}

TEST(Statistics, PairedTest) {
  // Differences 1, 2, 3: mean 2, deviation 1, t = 2 sqrt(3); with two degrees of freedom
  // p = 1 - t / sqrt(t^2 + 2).
  const auto test =
      analysis::paired_test(std::vector<double>{2, 4, 6}, std::vector<double>{1, 2, 3});
  ASSERT_TRUE(test.has_value());
  EXPECT_EQ(test->pairs, 3);
  EXPECT_DOUBLE_EQ(test->mean_difference, 2);
  EXPECT_DOUBLE_EQ(test->standard_deviation, 1);
  EXPECT_NEAR(test->t, 2 * std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(test->p_value, 1 - std::sqrt(12.0 / 14), 1e-12);
  EXPECT_NEAR(test->interval, 4.30265 / std::sqrt(3.0), 1e-5);
}

TEST(Statistics, PairedTestOfFolds) {
  // The same differences from three folds: the variance grows from 1 / 3 to 1 / 3 + 1 / 2.
  const auto test =
      analysis::paired_test(std::vector<double>{2, 4, 6}, std::vector<double>{1, 2, 3}, 0.5);
  ASSERT_TRUE(test.has_value());
  EXPECT_NEAR(test->t, 2 / std::sqrt(5.0 / 6), 1e-12);
  EXPECT_NEAR(test->p_value, 1 - std::sqrt(4.8 / 6.8), 1e-12);
  EXPECT_NEAR(test->interval, 4.30265 * std::sqrt(5.0 / 6), 1e-5);
}

TEST(Statistics, EqualDifferencesOfDecimalsSayNothing) {
  EXPECT_FALSE(
      analysis::paired_test(std::vector<double>{0.31, 0.12}, std::vector<double>{0.30, 0.11}));
}

TEST(Statistics, PairsThatSayNothing) {
  EXPECT_FALSE(analysis::paired_test(std::vector<double>{1}, std::vector<double>{0}).has_value());
  EXPECT_FALSE(
      analysis::paired_test(std::vector<double>{2, 3}, std::vector<double>{1, 2}).has_value());
  EXPECT_THROW(analysis::paired_test(std::vector<double>{2, 3}, std::vector<double>{1}), Error);
}

}  // namespace
}  // namespace trispike::test
