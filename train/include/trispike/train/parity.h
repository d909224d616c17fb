// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Whether a device computes what the equations say: one iteration of training there, and op by op
// on the CPU.
#pragma once

#include <cstdint>
#include <string>

#include "trispike/train/device.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

struct Parity {
  std::string device;       ///< name of the GPU, or "cpu"
  std::int64_t spikes = 0;  ///< places that were compared: neurons, time steps, samples
  std::int64_t differing_spikes = 0;
  double largest_logit_difference = 0.0;
  /// |a - b| / |b| of a parameter's gradient, L2. The gradient of an amplitude in front of a batch
  /// norm is zero but for rounding: of all amplitudes |b| is the largest.
  double largest_gradient_difference = 0.0;
  std::string worst_parameter;  ///< that with the largest
};

enum class ParityPrecision { kFloat64, kFloat32 };

/// Forward and backward of the recipe's network on a batch of random numbers (where the recipe
/// leaves it open, pictures of 3x32x32 in 10 classes), by the device's fused kernels and by the
/// op-by-op reference on the CPU. In float64 no spike should differ; in float32 one that does
/// changes others. Throws ConfigError if there is no such device.
Parity compare_with_reference(const Recipe& recipe, Device device, ParityPrecision precision);

}  // namespace trispike::train
