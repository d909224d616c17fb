// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What backward needs of spikes, in two bits each.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/custom_class.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace trispike::train {

/// A map of spikes, all of one magnitude.
class PackedSpikes {
 public:
  /// `map` is [N, C, H, W], channels-last, float32, bfloat16 or float64: zeros and numbers of one
  /// magnitude, as neuron layers give them.
  explicit PackedSpikes(const at::Tensor& map);
  /// The same map again.
  at::Tensor unpack() const;
  /// As kernels/spikes.h has them, and the magnitude they stand for.
  const std::uint8_t* bits() const { return bits_.data_ptr<std::uint8_t>(); }
  double magnitude() const { return magnitude_; }

 private:
  at::Tensor bits_;
  double magnitude_ = 0.0;
  std::vector<std::int64_t> sizes_;
  at::TensorOptions options_;
};

/// What the context of a differentiable operation can keep.
struct KeptSpikes : torch::CustomClassHolder {
  std::shared_ptr<const PackedSpikes> spikes;
  explicit KeptSpikes(std::shared_ptr<const PackedSpikes> from) : spikes(std::move(from)) {}
};

/// Makes the convolution that gave `out` keep `spikes`, its input, instead of the map itself.
/// Without a gradient there is nothing to keep.
void keep_packed(const at::Tensor& out, const std::shared_ptr<const PackedSpikes>& spikes);

}  // namespace trispike::train
