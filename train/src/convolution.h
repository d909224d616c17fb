// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Convolutions of which a part is done otherwise than by LibTorch's convolution: forward, gradient
// of the input and gradient of the weights each by what is fastest for the layer's shape.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "trispike/model/network.h"

namespace trispike::train {

class PackedSpikes;

enum class ConvolutionMethod {
  kDirect,  ///< LibTorch's
  /// A product of the weights with the patches of the map. LibTorch's kernels go along the rows of
  /// a map: short rows leave most of their registers empty, and padding is multiplied.
  kPatches,
  /// Weights only: the kernel of tile_gradient.h.
  kTiles,
  /// Of spikes, forward and weights: the kernels of spike_events.h.
  kEvents,
};

struct ConvolutionMethods {
  ConvolutionMethod forward = ConvolutionMethod::kDirect;
  ConvolutionMethod input_gradient = ConvolutionMethod::kDirect;
  ConvolutionMethod weight_gradient = ConvolutionMethod::kDirect;
  bool operator==(const ConvolutionMethods&) const = default;
};

/// The fastest for maps like `x`, [N, C, H, W]. `firing_rate`: of the spikes that it holds, if it
/// is known to hold spikes; 1 else.
ConvolutionMethods methods_for(const model::ConvLayer& conv, const at::Tensor& x,
                               double firing_rate);

/// Differentiable; without bias. `weight`, [out, in, k, k] channels-last, may be float32 where `x`
/// is bfloat16: it is rounded, its gradient is float32. `spikes`: `x`, which backward then does not
/// keep. Null: not known to be spikes; then no method may be kEvents.
at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const model::ConvLayer& conv,
                       const ConvolutionMethods& methods,
                       const std::shared_ptr<const PackedSpikes>& spikes);

}  // namespace trispike::train
