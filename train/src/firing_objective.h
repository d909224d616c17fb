// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The firing-rate objective: a term of the loss whose weight follows the rate until that is
// `train.firing_rate_target`.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "trispike/model/network.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Additions that the spikes of each neuron layer cause in one time step of one sample if all its
/// neurons fire, in execution order: weights of the convolutions and linear layers that they reach,
/// through pools too, and one per identity shortcut. Padding is counted, as is usual.
std::vector<double> dense_additions(const model::NetworkSpec& network);

class FiringObjective {
 public:
  FiringObjective(const TrainSection& settings, const model::NetworkSpec& network);

  bool is_wanted() const { return target_ > 0; }
  /// Its weight in the loss before the first iteration.
  double first_weight() const;
  /// The weight after an iteration on a batch with this rate.
  double next_weight(double weight, double rate) const;
  /// What the target speaks of, from the firing rate of each neuron layer: neurons that fire / all,
  /// or additions that spikes cause / those if all fired.
  double rate(const std::vector<at::Tensor>& layer_rates) const;
  /// What `weight` is the weight of. Of neurons: the sum of the layers' rates, so that layers count
  /// equally, whatever their size. Of operations: that sum, too, each layer in proportion to its
  /// additions.
  at::Tensor loss(const std::vector<at::Tensor>& layer_rates) const;

 private:
  double target_, speed_;
  std::vector<double> shares_;         ///< of each layer in the rate; their sum is 1
  std::vector<double> layer_weights_;  ///< in the loss; their sum is the number of layers
};

}  // namespace trispike::train
