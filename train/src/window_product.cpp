// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/window_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/weights.h"
#include "src/matrix_product.h"
#include "src/own_kernels.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;
using kernels::WindowShape;

/// Below so many samples, spreading the weights costs more than the product saves.
constexpr std::int64_t kLeastSamples = 32;

/// Calls f(kernels, weight tag, store tag) for the type of the maps.
template <class F>
void visit(at::ScalarType type, F&& f) {
  const kernels::WeightTable& table = kernels::weight_table();
  if (type == at::kFloat) {
    f(table.f32, float{}, float{});
  } else if (type == at::kBFloat16) {
    f(table.bf16, float{}, BFloat16{});
  } else {
    TORCH_CHECK(type == at::kDouble, "[window_product] maps of type ", type);
    f(table.f64, double{}, double{});
  }
}

/// [N, C, H, W] as a matrix [N, H * W * C].
Tensor as_matrix(const Tensor& map) {
  return map.permute({0, 2, 3, 1}).contiguous().view({map.size(0), -1});
}

Tensor as_map(const Tensor& matrix, std::int64_t side) {
  return matrix.view({matrix.size(0), side, side, -1}).permute({0, 3, 1, 2});
}

/// The matrix of the product. Large: made again in backward rather than kept until then.
Tensor spread(const WindowShape& shape, const Tensor& weight, const Tensor& map) {
  const Tensor taps = weight.permute({0, 2, 3, 1}).contiguous();
  Tensor matrix = at::empty({shape.positions() * shape.outputs, shape.positions() * shape.inputs},
                            map.options().requires_grad(false));
  visit(map.scalar_type(), [&](const auto& kernel, auto w, auto s) {
    kernel.spread(shape, taps.data_ptr<decltype(w)>(), static_cast<decltype(s)*>(matrix.data_ptr()),
                  at::get_num_threads());
  });
  return matrix;
}

struct WindowProduct : torch::autograd::Function<WindowProduct> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& map,
                        const Tensor& weight, std::int64_t padding) {
    const WindowShape shape{weight.size(0), weight.size(1), weight.size(2), padding, map.size(2)};
    const Tensor x = as_matrix(map);
    context->save_for_backward({x, weight});
    context->saved_data["shape"] = std::vector<std::int64_t>{
        shape.outputs, shape.inputs, shape.kernel, shape.padding, shape.side};
    return as_map(times_transposed(x, spread(shape, weight, x)), shape.side);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto sizes = context->saved_data["shape"].toIntVector();
    const WindowShape shape{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]};
    const Tensor &x = saved[0], &weight = saved[1];
    const Tensor gradient = as_matrix(gradients[0].to(x.scalar_type()));
    Tensor grad_x, grad_weight;
    if (context->needs_input_grad(0)) {
      grad_x = as_map(at::mm(gradient, spread(shape, weight, x)), shape.side);
    }
    if (context->needs_input_grad(1)) {
      const Tensor sums = transposed_times(gradient, x);
      visit(x.scalar_type(), [&](const auto& kernel, auto w, auto s) {
        using Weight = decltype(w);
        const Tensor taps = at::empty({shape.outputs, shape.kernel, shape.kernel, shape.inputs},
                                      x.options().dtype(c10::CppTypeToScalarType<Weight>::value));
        kernel.gather(shape, static_cast<const decltype(s)*>(sums.data_ptr()),
                      taps.data_ptr<Weight>(), at::get_num_threads());
        grad_weight = taps.permute({0, 3, 1, 2});
      });
    }
    return {grad_x, grad_weight, Tensor()};
  }
};

}  // namespace

bool has_window_product(const model::ConvLayer& conv, const Tensor& x) {
  const std::int64_t side = x.size(2);
  const bool keeps_side = 2 * conv.padding == conv.kernel - 1;
  return has_own_kernels(x) && conv.stride == 1 && conv.kernel > 1 && keeps_side &&
         side == x.size(3) && conv.padding >= side - 1 &&
         conv.kernel - 1 - conv.padding >= side - 1 && x.size(0) >= kLeastSamples;
}

Tensor window_product(const Tensor& x, const Tensor& weight, const model::ConvLayer& conv) {
  return WindowProduct::apply(x, weight, conv.padding);
}

}  // namespace trispike::train
