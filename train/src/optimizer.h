// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// SGD with momentum and AdamW, with named state so that checkpoints can hold it.
#pragma once

#include <string>
#include <vector>

#include "src/network.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

class OptimizerState {
 public:
  OptimizerState(const TrainSection& settings, std::vector<Parameter>& parameters);

  /// What the updates to come are made with; `iteration` counts from 0.
  void begin(double learning_rate, std::int64_t iteration);
  /// Updates parameter number i with its gradient, which is then dropped. It ends at `lowest` or
  /// above.
  void update(std::size_t i);
  std::size_t size() const { return parameters_.size(); }
  std::vector<Parameter>& parameters() { return parameters_; }

  /// State tensors themselves, [role][parameter].
  const std::vector<std::vector<at::Tensor>>& state() const { return state_; }
  /// State tensors, named `<prefix><parameter>.<role>`.
  void save(const std::string& prefix, model::TensorMap& out) const;
  /// Throws Error naming what is missing.
  void load(const std::string& prefix, const model::TensorMap& in);

 private:
  void step_sgd(std::size_t i);
  void step_adamw(std::size_t i);

  TrainSection settings_;
  double learning_rate_ = 0.0;
  std::int64_t iteration_ = 0;
  std::vector<Parameter>& parameters_;
  std::vector<std::string> roles_;              ///< "momentum" or "exp_avg", "exp_avg_sq"
  std::vector<std::vector<at::Tensor>> state_;  ///< [role][parameter]
};

}  // namespace trispike::train
