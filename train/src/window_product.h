// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A convolution on a map that every window covers whole (a 3x3 kernel on 2x2 positions) as one
// matrix product. Convolution kernels multiply the padding, too: of 9 taps, 4 do something.
#pragma once

#include <ATen/core/Tensor.h>

#include "trispike/model/network.h"

namespace trispike::train {

/// True if window_product computes `conv` on maps like `x`, [N, C, H, W], and is worth it.
bool has_window_product(const model::ConvLayer& conv, const at::Tensor& x);

/// Differentiable; without bias. `weight`, [out, in, k, k] channels-last, may be float32 where `x`
/// is bfloat16: it is rounded, its gradient is float32.
at::Tensor window_product(const at::Tensor& x, const at::Tensor& weight,
                          const model::ConvLayer& conv);

}  // namespace trispike::train
