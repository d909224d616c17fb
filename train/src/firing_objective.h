// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The firing-rate objective: terms of the loss, one per target, whose weights follow the rates
// until those are the targets. One target may be the whole network's (`train.firing_rate_target`),
// others are of layers or groups of layers (`train.firing_rate_targets`).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "trispike/model/network.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Additions that the spikes of each neuron layer cause in one time step of one sample if all its
/// neurons fire, in execution order: weights of the convolutions and linear layers that they reach,
/// through pools too, and one per identity shortcut. Padding is counted, as is usual.
std::vector<double> dense_additions(const model::NetworkSpec& network);

/// The weights of the objective's terms in the loss.
struct FiringWeights {
  double network = 0.0;        ///< of train.firing_rate_target; 0: there is none
  std::vector<double> layers;  ///< of train.firing_rate_targets, in their order
};

class FiringObjective {
 public:
  /// Throws ConfigError if a name of train.firing_rate_targets is that of no spiking layer and no
  /// group of them, or if all layers of a group have targets of their own.
  FiringObjective(const TrainSection& settings, const model::NetworkSpec& network);

  /// A term of the loss. A layer belongs to the target with the longest name that fits, and to the
  /// network's besides.
  struct Target {
    std::string name;  ///< of a layer or group; empty: the whole network
    double rate;       ///< wanted
    /// Of each neuron layer in the rate; their sum is 1. Of neurons that fire / all, or of
    /// additions that spikes cause / those if all fired.
    std::vector<double> shares;
    /// Of each neuron layer in the loss; their sum is the number of the target's layers. Of
    /// neurons: layers count equally, whatever their size. Of operations: in proportion to their
    /// additions.
    std::vector<double> layer_weights;
  };
  /// That of the network first, if there is one.
  const std::vector<Target>& targets() const { return targets_; }

  /// Before the first iteration.
  FiringWeights first_weights() const;
  /// What each target speaks of, from the firing rate of each neuron layer.
  std::vector<double> rates(const std::vector<double>& layer_rates) const;
  /// After an iteration on a batch with these rates().
  void follow(const std::vector<double>& rates, FiringWeights& weights) const;
  /// The sum over targets of weight * sum over layers of layer_weight * rate.
  at::Tensor loss(const std::vector<at::Tensor>& layer_rates, const FiringWeights& weights) const;

 private:
  std::vector<Target> targets_;
  double speed_;
};

}  // namespace trispike::train
