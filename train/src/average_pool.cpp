// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/average_pool.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/pool.h"
#include "src/own_kernels.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;
using kernels::PoolShape;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

template <class F>
void visit(at::ScalarType type, F&& f) {
  const kernels::PoolTable& table = kernels::pool_table();
  if (type == at::kFloat) {
    f(table.f32, float{});
  } else if (type == at::kBFloat16) {
    f(table.bf16, BFloat16{});
  } else {
    TORCH_CHECK(type == at::kDouble, "[average_pool] maps of type ", type);
    f(table.f64, double{});
  }
}

struct WholeWindows : torch::autograd::Function<WholeWindows> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& map,
                        std::int64_t window) {
    const Tensor x = map.contiguous(kChannelsLast);
    const PoolShape shape{x.size(0), x.size(2), x.size(3), x.size(1), window};
    const Tensor out =
        at::empty({shape.samples, shape.channels, shape.height / window, shape.width / window},
                  x.options().memory_format(kChannelsLast));
    visit(x.scalar_type(), [&](const auto& kernel, auto tag) {
      using Store = decltype(tag);
      kernel.forward(shape, static_cast<const Store*>(x.data_ptr()),
                     static_cast<Store*>(out.data_ptr()), at::get_num_threads());
    });
    context->saved_data["shape"] =
        std::vector<std::int64_t>{shape.samples, shape.height, shape.width, shape.channels, window};
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto sizes = context->saved_data["shape"].toIntVector();
    const PoolShape shape{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]};
    const Tensor gradient = gradients[0].contiguous(kChannelsLast);
    const Tensor grad_x = at::empty({shape.samples, shape.channels, shape.height, shape.width},
                                    gradient.options().memory_format(kChannelsLast));
    visit(gradient.scalar_type(), [&](const auto& kernel, auto tag) {
      using Store = decltype(tag);
      kernel.backward(shape, static_cast<const Store*>(gradient.data_ptr()),
                      static_cast<Store*>(grad_x.data_ptr()), at::get_num_threads());
    });
    return {grad_x, Tensor()};
  }
};

}  // namespace

Tensor average_pool(const Tensor& x, const model::AvgPoolLayer& pool) {
  if (has_own_kernels(x) && pool.kernel == pool.stride && pool.padding == 0 &&
      x.size(2) % pool.kernel == 0 && x.size(3) % pool.kernel == 0) {
    return WholeWindows::apply(x, pool.kernel);
  }
  return at::avg_pool2d(x, {pool.kernel, pool.kernel}, {pool.stride, pool.stride},
                        {pool.padding, pool.padding}, pool.ceil_mode, pool.count_padding);
}

}  // namespace trispike::train
