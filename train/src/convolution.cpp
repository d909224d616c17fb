// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/convolution.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernels/patches.h"
#include "kernels/spike_events.h"
#include "kernels/tile_gradient.h"
#include "src/matrix_product.h"
#include "src/own_kernels.h"
#include "src/packed_spikes.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;
using kernels::PatchShape;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

/// Calls f(kernels, tag) for the type of the maps.
template <class F>
void visit(at::ScalarType type, F&& f) {
  const kernels::PatchTable& table = kernels::patch_table();
  if (type == at::kFloat) {
    f(table.f32, float{});
  } else if (type == at::kBFloat16) {
    f(table.bf16, BFloat16{});
  } else {
    TORCH_CHECK(type == at::kDouble, "[convolution] maps of type ", type);
    f(table.f64, double{});
  }
}

PatchShape patch_shape(const model::ConvLayer& conv, at::IntArrayRef sizes) {
  return {sizes[0], sizes[2], sizes[3], sizes[1], conv.kernel, conv.stride, conv.padding};
}

Tensor patches(const PatchShape& shape, const Tensor& x) {
  const Tensor map = x.contiguous(kChannelsLast);
  Tensor matrix = at::empty({shape.rows(), shape.columns()}, x.options());
  visit(x.scalar_type(), [&](const auto& kernel, auto tag) {
    using Store = decltype(tag);
    kernel.gather(shape, static_cast<const Store*>(map.data_ptr()),
                  static_cast<Store*>(matrix.data_ptr()), at::get_num_threads());
  });
  return matrix;
}

Tensor sum_of_patches(const PatchShape& shape, const Tensor& matrix) {
  Tensor map = at::empty({shape.samples, shape.channels, shape.height, shape.width},
                         matrix.options().memory_format(kChannelsLast));
  visit(map.scalar_type(), [&](const auto& kernel, auto tag) {
    using Store = decltype(tag);
    kernel.scatter(shape, static_cast<const Store*>(matrix.data_ptr()),
                   static_cast<Store*>(map.data_ptr()), at::get_num_threads());
  });
  return map;
}

kernels::TileGradientShape tile_shape(const model::ConvLayer& conv, at::IntArrayRef sizes) {
  return {sizes[0], sizes[2], sizes[3], sizes[1], conv.out_channels};
}

Tensor tile_gradient(const kernels::TileGradientShape& shape, const Tensor& x,
                     const Tensor& gradient) {
  const Tensor map = x.contiguous(kChannelsLast);
  const int threads = at::get_num_threads();
  const Tensor taps = at::empty({shape.outputs, 3, 3, shape.inputs}, at::kFloat),
               sums = at::empty({kernels::tile_gradient_sums(shape)}, at::kFloat),
               space = at::empty({threads * kernels::tile_gradient_space(shape)}, x.options());
  kernels::tile_gradient(shape, static_cast<const BFloat16*>(map.data_ptr()),
                         static_cast<const BFloat16*>(gradient.data_ptr()), taps.data_ptr<float>(),
                         sums.data_ptr<float>(), static_cast<BFloat16*>(space.data_ptr()), threads);
  return taps.permute({0, 3, 1, 2});
}

kernels::EventShape event_shape(const model::ConvLayer& conv, at::IntArrayRef sizes) {
  return {sizes[0], sizes[2], sizes[3], sizes[1], conv.out_channels};
}

Tensor workspace_for(const kernels::EventShape& shape) {
  return at::empty({at::get_num_threads() * kernels::event_workspace(shape)}, at::kInt);
}

Tensor event_forward(const kernels::EventShape& shape, const PackedSpikes& spikes,
                     const Tensor& weight) {
  const Tensor blocks = weight.permute({0, 3, 2, 1})
                            .unflatten(0, {-1, kernels::kEventBlock})
                            .permute({0, 2, 3, 4, 1})
                            .contiguous();
  Tensor out = at::empty({shape.samples, shape.outputs, shape.height, shape.width},
                         weight.options().memory_format(kChannelsLast));
  const Tensor space = workspace_for(shape);
  kernels::event_table().forward(
      shape, spikes.bits(), static_cast<float>(spikes.magnitude()), blocks.data_ptr<float>(),
      out.data_ptr<float>(), static_cast<std::uint32_t*>(space.data_ptr()), at::get_num_threads());
  return out;
}

Tensor event_gradient(const kernels::EventShape& shape, const PackedSpikes& spikes,
                      const Tensor& gradient) {
  const std::int64_t count = 9 * shape.inputs * shape.outputs;
  const Tensor rows = at::empty({shape.inputs, 3, 3, shape.outputs}, at::kFloat),
               sums = at::empty({kernels::event_parts(shape) * count}, at::kFloat),
               space = workspace_for(shape);
  kernels::event_table().weight_gradient(
      shape, spikes.bits(), static_cast<float>(spikes.magnitude()), gradient.data_ptr<float>(),
      rows.data_ptr<float>(), sums.data_ptr<float>(), static_cast<std::uint32_t*>(space.data_ptr()),
      at::get_num_threads());
  return rows.permute({3, 0, 1, 2}).contiguous(kChannelsLast);
}

/// [N, C, H, W] as [N * H * W, C], and weights [out, in, k, k] as [out, k * k * in].
Tensor as_matrix(const Tensor& map) {
  return map.permute({0, 2, 3, 1}).contiguous().view({-1, map.size(1)});
}
Tensor weight_matrix(const Tensor& weight) {
  return weight.permute({0, 2, 3, 1}).contiguous().view({weight.size(0), -1});
}

/// Something of the input's shape: of the input itself its gradient does not depend.
Tensor stand_in(at::IntArrayRef sizes, const Tensor& gradient) {
  return gradient.sizes() == sizes
             ? gradient
             : at::empty(sizes, gradient.options().memory_format(kChannelsLast));
}

struct Convolution : torch::autograd::Function<Convolution> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const model::ConvLayer& conv,
                        const ConvolutionMethods& methods,
                        const std::shared_ptr<const PackedSpikes>& spikes) {
    const Tensor w = weight.to(x.scalar_type());
    context->save_for_backward({spikes ? Tensor() : x, w});
    if (spikes) {
      context->saved_data["spikes"] =
          c10::IValue::make_capsule(c10::make_intrusive<KeptSpikes>(spikes));
    }
    context->saved_data["kept"] = c10::IValue::make_capsule(
        c10::make_intrusive<Kept>(conv, methods, x.sizes().vec(), weight.scalar_type()));
    if (methods.forward == ConvolutionMethod::kEvents) {
      return event_forward(event_shape(conv, x.sizes()), *spikes, w);
    }
    if (methods.forward == ConvolutionMethod::kDirect) {
      return at::conv2d(x, w, {}, {conv.stride, conv.stride}, {conv.padding, conv.padding});
    }
    const PatchShape shape = patch_shape(conv, x.sizes());
    return times_transposed(patches(shape, x), weight_matrix(w))
        .view({shape.samples, shape.out_height(), shape.out_width(), conv.out_channels})
        .permute({0, 3, 1, 2});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto kept = context->saved_data["kept"].toCapsule();
    const Kept& k = *static_cast<const Kept*>(kept.get());
    const auto found = context->saved_data.find("spikes");
    const auto spikes = found == context->saved_data.end()
                            ? nullptr
                            : static_cast<KeptSpikes*>(found->second.toCapsule().get())->spikes;
    const auto input = [&] { return spikes ? spikes->unpack() : saved[0]; };
    const Tensor& w = saved[1];
    const Tensor gradient = gradients[0].to(w.scalar_type()).contiguous(kChannelsLast);
    const PatchShape shape = patch_shape(k.conv, k.sizes);
    const auto direct = [&](const Tensor& x, bool of_input) {
      const auto both = at::convolution_backward(gradient, x, w, {}, {k.conv.stride, k.conv.stride},
                                                 {k.conv.padding, k.conv.padding}, {1, 1}, false,
                                                 {0, 0}, 1, {of_input, !of_input, false});
      return of_input ? std::get<0>(both) : std::get<1>(both);
    };
    Tensor grad_weight, grad_x;
    if (context->needs_input_grad(1)) {
      if (k.methods.weight_gradient == ConvolutionMethod::kEvents) {
        grad_weight = event_gradient(event_shape(k.conv, k.sizes), *spikes, gradient);
      } else if (k.methods.weight_gradient == ConvolutionMethod::kTiles) {
        grad_weight = tile_gradient(tile_shape(k.conv, k.sizes), input(), gradient);
      } else if (k.methods.weight_gradient == ConvolutionMethod::kPatches) {
        grad_weight = transposed_times(as_matrix(gradient), patches(shape, input()))
                          .view({w.size(0), w.size(2), w.size(3), w.size(1)})
                          .permute({0, 3, 1, 2});
      } else {
        grad_weight = direct(input(), false);
      }
      grad_weight = grad_weight.to(k.weight_type);
    }
    if (context->needs_input_grad(0)) {
      grad_x = k.methods.input_gradient == ConvolutionMethod::kPatches
                   ? sum_of_patches(shape, at::mm(as_matrix(gradient), weight_matrix(w)))
                   : direct(stand_in(k.sizes, gradient), true);
    }
    return {grad_x, grad_weight, Tensor(), Tensor(), Tensor()};
  }

  struct Kept : torch::CustomClassHolder {
    model::ConvLayer conv;
    ConvolutionMethods methods;
    std::vector<std::int64_t> sizes;  ///< of the input
    at::ScalarType weight_type;
    Kept(const model::ConvLayer& layer, const ConvolutionMethods& how,
         std::vector<std::int64_t> shape, at::ScalarType type)
        : conv(layer), methods(how), sizes(std::move(shape)), weight_type(type) {}
  };
};

}  // namespace

ConvolutionMethods methods_for(const model::ConvLayer& conv, const Tensor& x, double firing_rate) {
  ConvolutionMethods methods;
  if (!has_own_kernels(x) || conv.kernel == 1) return methods;
  const PatchShape shape = patch_shape(conv, x.sizes());
  const std::int64_t positions = shape.out_height() * shape.out_width();
  // The limits are measured: docs/performance.md. Products are much faster than direct convolution
  // in bfloat16 alone.
  const bool half = x.scalar_type() == at::kBFloat16;
  if (positions <= (!half ? 4 : conv.stride == 1 ? 16 : 64)) {
    return {ConvolutionMethod::kPatches, ConvolutionMethod::kPatches, ConvolutionMethod::kPatches};
  }
  if (conv.kernel != 3 || conv.stride != 1 || conv.padding != 1) return methods;
  // Own weight gradients divide the work by parts of the samples, of which wide layers have few:
  // where some threads would have none, LibTorch's is faster.
  const auto threads = static_cast<std::int64_t>(at::get_num_threads());
  const kernels::TileGradientShape tiles = tile_shape(conv, x.sizes());
  if (half && kernels::has_tile_gradient(tiles) && kernels::tile_gradient_parts(tiles) >= threads) {
    methods.weight_gradient = ConvolutionMethod::kTiles;
  }
  constexpr double kForwardRate = 0.15, kGradientRate = 0.3;
  const bool wide = conv.in_channels >= 64 && conv.in_channels % 16 == 0 &&
                    conv.out_channels >= 64 && conv.out_channels % 16 == 0;
  if (x.scalar_type() == at::kFloat && wide) {
    if (firing_rate <= kForwardRate) methods.forward = ConvolutionMethod::kEvents;
    if (firing_rate <= kGradientRate &&
        kernels::event_parts(event_shape(conv, x.sizes())) >= threads) {
      methods.weight_gradient = ConvolutionMethod::kEvents;
    }
  }
  return methods;
}

Tensor convolution(const Tensor& x, const Tensor& weight, const model::ConvLayer& conv,
                   const ConvolutionMethods& methods,
                   const std::shared_ptr<const PackedSpikes>& spikes) {
  return Convolution::apply(x, weight, conv, methods, spikes);
}

}  // namespace trispike::train
