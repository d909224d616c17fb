// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Means over a few runs and whether two settings differ: what a table of an ablation rests on.
#pragma once

#include <optional>
#include <span>

namespace trispike::analysis {

/// Throws Error if there is no value.
double mean(std::span<const double> values);
/// Of a sample, n - 1 in the denominator; nothing for fewer than two values.
std::optional<double> standard_deviation(std::span<const double> values);

/// Paired t test of two settings that were run with the same seeds.
struct PairedTest {
  int pairs = 0;
  double mean_difference = 0;     ///< of a - b
  double standard_deviation = 0;  ///< of the differences
  double t = 0;         ///< mean_difference / (standard_deviation * sqrt(1 / pairs + overlap))
  double p_value = 1;   ///< two-sided, Student's t with pairs - 1 degrees of freedom
  double interval = 0;  ///< half the width of the 95 % confidence interval of the difference
};

/// Nothing for fewer than two pairs, or if all differences are the same (no spread to compare
/// with). Throws Error if the two are not of one length. `overlap`: test samples over training
/// samples of the folds of a cross-validation, whose training sets have most samples in common
/// (the corrected resampled t test: Nadeau and Bengio, Inference for the generalization error,
/// Machine Learning 52, 2003); 0 for runs that differ in the seed.
std::optional<PairedTest> paired_test(std::span<const double> a, std::span<const double> b,
                                      double overlap = 0);

/// P(|T| >= |t|) of Student's t with `degrees` > 0 degrees of freedom.
double student_t_two_sided(double t, double degrees);
/// The t with student_t_two_sided(t, degrees) = p, p in (0, 1).
double student_t_quantile_two_sided(double p, double degrees);

}  // namespace trispike::analysis
