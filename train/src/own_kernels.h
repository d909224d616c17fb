// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace trispike::train {

/// Whether this folder's kernels for processors (kernels/: pools, weights, updates) take such a
/// tensor. For all others, as those on a GPU, LibTorch's operations do the same.
inline bool has_own_kernels(const at::Tensor& x) {
  const at::ScalarType type = x.scalar_type();
  return x.is_cpu() && (type == at::kFloat || type == at::kBFloat16 || type == at::kDouble);
}

}  // namespace trispike::train
