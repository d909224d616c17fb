// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/neuron_layer_settings.h"

#include <ATen/ATen.h>

#include <cstring>

#include "src/communicator.h"

namespace trispike::train {

using at::Tensor;

NeuronLayerSettings make_settings(const NormNeuronInput& in) {
  const auto sizes = in.current.sizes();
  NeuronLayerSettings s{};
  s.has_norm = in.norm.weight.defined();
  s.neuron = in.neuron;
  s.training = in.training;
  s.norm_scale = s.has_norm ? in.norm.layer.scale : 1.0;
  s.size.time_steps = in.time_steps;
  s.size.broadcast = in.static_current;
  s.size.channels = sizes[1];
  s.size.rows = sizes[0] * sizes[2] * sizes[3] / (in.static_current ? 1 : in.time_steps);
  const bool per_step = s.has_norm && in.norm.layer.per_time_step;
  s.size.groups = per_step && !in.static_current && in.training ? in.time_steps : 1;
  s.group = s.has_norm && in.training ? in.group : nullptr;
  s.places = static_cast<double>(s.size.rows * s.size.time_steps / s.size.groups) /
             (s.size.broadcast ? static_cast<double>(s.size.time_steps) : 1.0);
  return s;
}

Tensor to_bytes(const NeuronLayerSettings& settings) {
  Tensor bytes = at::empty({static_cast<std::int64_t>(sizeof(settings))}, at::kByte);
  std::memcpy(bytes.data_ptr(), &settings, sizeof(settings));
  return bytes;
}

NeuronLayerSettings from_bytes(const Tensor& bytes) {
  NeuronLayerSettings settings;
  std::memcpy(&settings, bytes.data_ptr(), sizeof(settings));
  return settings;
}

void check_input(const NormNeuronInput& in) {
  TORCH_CHECK(!(in.static_current && in.residual.defined()),
              "[norm_neuron] a static current and a residual exclude each other");
  TORCH_CHECK(in.current.dim() == 4, "[norm_neuron] the current must be [T*N, C, H, W], got ",
              in.current.sizes());
}

Tensor sums_of_all_ranks(const NeuronLayerSettings& s, const Tensor& shift, const Tensor& sums) {
  const Tensor sum = sums.select(1, 0), square = sums.select(1, 1);
  square.add_(2.0 * shift * sum + s.places * shift.square());
  sum.add_(s.places * shift);
  const Tensor all = at::cat({sums.flatten(), at::full({1}, s.places, sums.options())});
  s.group->all_reduce(all);
  return all;
}

}  // namespace trispike::train
