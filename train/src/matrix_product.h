// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Products of matrices of one type on the CPU. In float32 by oneDNN where LibTorch has it: its
// other library of products, which at::mm takes, uses half of the vector units of some processors.
#pragma once

#include <ATen/core/Tensor.h>

namespace trispike::train {

/// a b
at::Tensor product(const at::Tensor& a, const at::Tensor& b);
/// a b^T
at::Tensor product_of_transposed(const at::Tensor& a, const at::Tensor& b);
/// a^T b
at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b);

}  // namespace trispike::train
