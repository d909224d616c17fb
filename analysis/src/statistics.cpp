// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by the
/// modified Lentz algorithm: denominators that vanish are replaced by the smallest number.
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  constexpr double kPrecision = 1e-15;
  constexpr int kMaxTerms = 1000;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double value = d;
  for (int m = 1; m <= kMaxTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away_from_zero(1 + even * d);
    c = away_from_zero(1 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away_from_zero(1 + odd * d);
    c = away_from_zero(1 + odd / c);
    value *= d * c;
    if (std::abs(d * c - 1) < kPrecision) break;
  }
  return value;
}

/// I_x(a, b), regularised.
double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  // The fraction converges fast on one side of the mean only.
  return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a
                                   : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) throw Error("mean of no values");
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double student_t_two_sided(double t, double degrees) {
  if (std::isinf(t)) return 0;
  return incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

double student_t_quantile_two_sided(double p, double degrees) {
  double low = 0;
  double high = 1;
  while (student_t_two_sided(high, degrees) > p && high < 1e12) high *= 2;
  while (high - low > 1e-12 * high) {
    const double middle = (low + high) / 2;
    (student_t_two_sided(middle, degrees) > p ? low : high) = middle;
  }
  return high;
}

std::optional<PairedTest> paired_test(std::span<const double> a, std::span<const double> b,
                                      double overlap) {
  if (a.size() != b.size()) {
    throw Error("paired test of " + std::to_string(a.size()) + " and " + std::to_string(b.size()) +
                " values, expected as many of each");
  }
  std::vector<double> differences;
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    differences.push_back(a[i] - b[i]);
    largest = std::max({largest, std::abs(a[i]), std::abs(b[i])});
  }
  const std::optional<double> spread = standard_deviation(differences);
  // Equal differences of decimals differ in the last bits.
  if (!spread || *spread <= 1e-12 * largest) return std::nullopt;
  PairedTest test;
  test.pairs = static_cast<int>(a.size());
  test.mean_difference = mean(differences);
  test.standard_deviation = *spread;
  const double error = *spread * std::sqrt(1.0 / test.pairs + overlap);
  test.t = test.mean_difference / error;
  test.p_value = student_t_two_sided(test.t, test.pairs - 1);
  test.interval = error * student_t_quantile_two_sided(0.05, test.pairs - 1);
  return test;
}

}  // namespace trispike::analysis
