// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/matrix_product.h"

#include <ATen/ATen.h>

namespace trispike::train {

at::Tensor times_transposed(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != at::kFloat || !at::globalContext().userEnabledMkldnn() ||
      !at::hasMKLDNN()) {
    return at::mm(a, b.t());
  }
  return at::mkldnn_linear(a.contiguous().to_mkldnn(), b.contiguous().to_mkldnn(), at::Tensor())
      .to_dense();
}

at::Tensor transposed_times(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == at::kFloat ? times_transposed(a.t(), b.t()) : at::mm(a.t(), b);
}

}  // namespace trispike::train
