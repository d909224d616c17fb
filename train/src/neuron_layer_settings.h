// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the fused neuron layers of CPU and GPU have in common besides the arithmetic of an element:
// what backward has to know of forward, and sums over ranks.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "kernels/neuron_layer.h"
#include "src/norm_neuron.h"
#include "surrogates/surrogates.h"

namespace trispike::train {

/// What backward needs to know besides tensors. Plain data: kept as bytes.
struct NeuronLayerSettings {
  kernels::MapSize size;
  model::NeuronSpec neuron;
  double norm_scale;
  double places;  ///< behind each of the norm's statistics, of all ranks
  bool has_norm;
  bool training;        ///< statistics are those of the batch
  Communicator* group;  ///< null: statistics of this process alone
};

/// `places` are those of this rank.
NeuronLayerSettings make_settings(const NormNeuronInput& in);
at::Tensor to_bytes(const NeuronLayerSettings& settings);
NeuronLayerSettings from_bytes(const at::Tensor& bytes);

/// Throws c10::Error if the parts of `in` do not fit together.
void check_input(const NormNeuronInput& in);

/// From this rank's sums [groups, 2, channels] of y - pilot and of its square those of all ranks
/// about pilot - shift, which all have in common, and behind them the places of all ranks:
/// [groups * 2 * channels + 1].
at::Tensor sums_of_all_ranks(const NeuronLayerSettings& settings, const at::Tensor& shift,
                             const at::Tensor& sums);

template <class Real>
kernels::NeuronConstants<Real> lower_neuron(const model::NeuronSpec& neuron, Real amplitude) {
  return {model::lower<Real>(neuron), lower_surrogate<Real>(neuron), neuron.surrogate.kind,
          amplitude, static_cast<Real>(kernels::kRateHinge * neuron.threshold)};
}

inline std::optional<at::Tensor> optional(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional<at::Tensor>(tensor) : std::nullopt;
}

}  // namespace trispike::train
