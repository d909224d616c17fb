// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A neuron layer over all time steps, as one differentiable operation: batch norm of the input
// current, plus a residual, through charge, fire and reset, times the amplitude. Two
// implementations: `fused` (the kernels, one pass over memory) and `reference` (tensor operations,
// one per equation).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "trispike/model/network.h"

namespace trispike::train {

class Communicator;
class PackedSpikes;

/// Batch norm in front of a neuron. Undefined tensors: no norm.
struct NormState {
  at::Tensor weight, bias;               ///< [C], trainable
  at::Tensor running_mean, running_var;  ///< [C], moved by training forwards
  model::BatchNormLayer layer;
};

struct NormNeuronInput {
  at::Tensor current;  ///< [T*N, C, H, W], or [N, C, H, W] if the current is the same at every step
  at::Tensor residual;  ///< [T*N, C, H, W] or undefined; not together with a static current
  /// If the residual is spikes: what backward keeps of it. Null: itself.
  std::shared_ptr<const PackedSpikes> packed_residual;
  at::Tensor amplitude;  ///< [1] or undefined
  at::Tensor threshold;  ///< [1], > 0, trainable; undefined: neuron.threshold
  NormState norm;
  model::NeuronSpec neuron;
  std::int64_t time_steps = 1;
  bool static_current = false;
  bool training = false;          ///< batch statistics, and running statistics move
  Communicator* group = nullptr;  ///< whose batch's statistics; null: of this process alone
};

struct NormNeuronOutput {
  at::Tensor spikes;  ///< [T*N, C, H, W]: amplitude * spike
  /// Scalar: spikes of either sign / elements. Its gradient pulls down the potentials of neurons
  /// near or above the threshold (|u| >= 0.8 threshold), whatever the surrogate's window, and a
  /// trainable threshold up: it is that of mean(max(0, |u| - 0.8 threshold)). For firing-rate
  /// objectives.
  at::Tensor firing_rate;
};

NormNeuronOutput fused_norm_neuron(const NormNeuronInput& input);
NormNeuronOutput reference_norm_neuron(const NormNeuronInput& input);

/// Batch norm alone (shortcuts, references), on [T*N, C, H, W] or, if static, [N, C, H, W]. In
/// training with a group, statistics are those of all its samples.
at::Tensor batch_norm(const at::Tensor& x, const NormState& norm, std::int64_t time_steps,
                      bool is_static, bool training, Communicator* group = nullptr);

}  // namespace trispike::train
