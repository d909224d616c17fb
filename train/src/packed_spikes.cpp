// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/packed_spikes.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/generated/Functions.h>
#include <torch/csrc/autograd/saved_variable_hooks.h>

#include <utility>

#include "kernels/spikes.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;

template <class F>
void visit(at::ScalarType type, F&& f) {
  const kernels::SpikeTable& table = kernels::spike_table();
  if (type == at::kFloat) {
    f(table.f32, float{}, float{});
  } else if (type == at::kBFloat16) {
    f(table.bf16, BFloat16{}, float{});
  } else {
    TORCH_CHECK(type == at::kDouble, "[packed_spikes] maps of type ", type);
    f(table.f64, double{}, double{});
  }
}

/// Stands for a saved map: the map is dropped when it is to be kept, and made when it is needed.
struct Hooks : torch::autograd::SavedVariableHooks {
  std::shared_ptr<const PackedSpikes> spikes;
  explicit Hooks(std::shared_ptr<const PackedSpikes> from) : spikes(std::move(from)) {}
  void call_pack_hook(const Tensor&) override {}
  Tensor call_unpack_hook() override { return spikes->unpack(); }
};

}  // namespace

PackedSpikes::PackedSpikes(const Tensor& map)
    : bits_(at::empty({kernels::packed_spike_bytes(map.numel())}, at::kByte)),
      sizes_(map.sizes().vec()),
      options_(map.options().requires_grad(false)) {
  TORCH_CHECK(map.is_contiguous(at::MemoryFormat::ChannelsLast),
              "[packed_spikes] the map must be channels-last");
  visit(map.scalar_type(), [&](const auto& kernel, auto store, auto) {
    magnitude_ = kernel.pack(map.numel(), static_cast<const decltype(store)*>(map.data_ptr()),
                             bits_.data_ptr<std::uint8_t>(), at::get_num_threads());
  });
}

Tensor PackedSpikes::unpack() const {
  Tensor map = at::empty(sizes_, options_.memory_format(at::MemoryFormat::ChannelsLast));
  visit(map.scalar_type(), [&](const auto& kernel, auto store, auto real) {
    kernel.unpack(map.numel(), bits_.data_ptr<std::uint8_t>(),
                  static_cast<decltype(real)>(magnitude_),
                  static_cast<decltype(store)*>(map.data_ptr()), at::get_num_threads());
  });
  return map;
}

void keep_packed(const Tensor& out, const std::shared_ptr<const PackedSpikes>& spikes) {
  auto* convolution =
      dynamic_cast<torch::autograd::generated::ConvolutionBackward0*>(out.grad_fn().get());
  if (convolution != nullptr) convolution->input_.register_hooks(std::make_unique<Hooks>(spikes));
}

}  // namespace trispike::train
