// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/matrix_product.h"

#include <ATen/ATen.h>

#include <tuple>

namespace trispike::train {
namespace {

bool by_onednn(const at::Tensor& a) {
  return a.scalar_type() == at::kFloat && at::globalContext().userEnabledMkldnn() &&
         at::hasMKLDNN();
}

at::Tensor for_onednn(const at::Tensor& matrix) { return matrix.contiguous().to_mkldnn(); }

}  // namespace

// oneDNN has them as a linear layer y = x w^T and its gradients.

at::Tensor product(const at::Tensor& a, const at::Tensor& b) {
  if (!by_onednn(a)) return at::mm(a, b);
  return at::mkldnn_linear_backward_input({a.size(0), b.size(1)}, for_onednn(a), b.contiguous())
      .to_dense();
}

at::Tensor product_of_transposed(const at::Tensor& a, const at::Tensor& b) {
  if (!by_onednn(a)) return at::mm(a, b.t());
  return at::mkldnn_linear(for_onednn(a), for_onednn(b)).to_dense();
}

at::Tensor transposed_product(const at::Tensor& a, const at::Tensor& b) {
  if (!by_onednn(a)) return at::mm(a.t(), b);
  const at::Tensor like = at::empty({a.size(1), b.size(1)}, b.options());
  const at::Tensor gradient = std::get<0>(at::mkldnn_linear_backward_weights(
      for_onednn(a), for_onednn(b), like, /*bias_defined=*/false));
  return gradient.is_mkldnn() ? gradient.to_dense() : gradient;
}

}  // namespace trispike::train
