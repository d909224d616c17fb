// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of batch norm per channel, in float64: from sums to statistics and constants, and
// from sums of gradients to the gradient's line. Shared by the CPU and the GPU.
#pragma once

#include "trispike/model/host_device.h"

namespace trispike::train::kernels {

struct Moments {
  double mean, variance;  ///< biased
};

/// From n values' sums of (value - centre) and of its square.
TRISPIKE_HD Moments moments(double centre, double sum, double square, double n) {
  const double offset = sum / n;
  const double variance = square / n - offset * offset;
  return {centre + offset, variance > 0.0 ? variance : 0.0};
}

/// A running statistic after one update.
TRISPIKE_HD double moved(double running, double now, double momentum) {
  return running + momentum * (now - running);
}

/// What makes the variance of n values that of the distribution they are drawn from.
TRISPIKE_HD double unbias(double n) { return n > 1.0 ? n / (n - 1.0) : 1.0; }

struct NormRow {
  double scale, shift;  ///< normalised = y * scale + shift
  double mean, inverse_std;
};

/// `factor`: the constant on the normalised value besides the weight.
TRISPIKE_HD NormRow norm_row(const Moments& batch, double eps, double weight, double bias,
                             double factor) {
  const double inverse = 1.0 / __builtin_sqrt(batch.variance + eps);
  const double scale = weight * factor * inverse;
  return {scale, bias - batch.mean * scale, batch.mean, inverse};
}

struct GradientLine {
  double a, b, c;  ///< dL/dy = a * dL/d(normalised) + b * y + c
};

/// From the sums, over the n places that share statistics, of g = dL/d(normalised) and of
/// g * (y - mean) * inverse_std. Infinite n: the statistics do not depend on y.
TRISPIKE_HD GradientLine gradient_line(const NormRow& row, double sum, double product, double n) {
  const double slope = row.scale * (product / n) * row.inverse_std;
  return {row.scale, -slope, slope * row.mean - row.scale * (sum / n)};
}

}  // namespace trispike::train::kernels
