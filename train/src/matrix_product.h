// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace trispike::train {

/// a b^T of matrices of one type. In float32 by oneDNN where LibTorch has it: its other library of
/// products, which at::mm takes, uses half of the vector units of some processors.
at::Tensor times_transposed(const at::Tensor& a, const at::Tensor& b);
/// a^T b, in the same way.
at::Tensor transposed_times(const at::Tensor& a, const at::Tensor& b);

}  // namespace trispike::train
