// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include "trispike/model/network.h"

namespace trispike::train {

/// Average pooling of `x`, [N, C, H, W]; differentiable. Windows side by side that fill the map
/// have kernels of their own, which keep nothing for backward; everything else is LibTorch's.
at::Tensor average_pool(const at::Tensor& x, const model::AvgPoolLayer& pool);

}  // namespace trispike::train
