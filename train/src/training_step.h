// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// One iteration of training: forward, loss, backward, update. What `trispike train` repeats, and
// what its speed is measured on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "src/communicator.h"
#include "src/firing_objective.h"
#include "src/gradient_buckets.h"
#include "src/loss_scale.h"
#include "src/network.h"
#include "src/optimizer.h"
#include "src/teacher.h"
#include "src/weight_grid.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// What an iteration found out about its batch (that of all ranks), before its update.
struct StepResult {
  double loss = 0.0;         ///< mean over the samples, the teacher's part included, without the
                             ///< firing-rate objective
  double firing_rate = 0.0;  ///< mean over all neurons
  std::int64_t correct = 0;
  bool stop = false;  ///< some rank wants to stop after this iteration
};

class TrainingStep {
 public:
  /// Works on `network` and `optimizer`, which must outlive it.
  /// Parameters are updated by backward itself, each as soon as its gradient is there: gradients
  /// are then still near the processor, and no two large ones lie in memory at a time. With a
  /// group, once they are summed over its ranks. The teacher, if any, must outlive the step, too.
  TrainingStep(const TrainSection& settings, Network& network, OptimizerState& optimizer,
               std::optional<at::ScalarType> maps, Communicator* group = nullptr,
               const Teacher* teacher = nullptr);
  ~TrainingStep();
  TrainingStep(const TrainingStep&) = delete;
  TrainingStep& operator=(const TrainingStep&) = delete;

  struct Batch {
    at::Tensor images;       ///< this rank's share, as Network::forward takes them
    at::Tensor labels;       ///< [N]
    std::int64_t total = 0;  ///< samples on all ranks
    bool stop = false;       ///< this rank wants to stop
  };
  /// `iteration` counts from 0. `penalty`, of the firing-rate objective, follows the rates; so does
  /// `loss_scale`, if given and on, the gradients: if they are not finite, there is no update.
  /// Throws Error if the loss is not finite, on all ranks; network and optimizer are
  /// then as before.
  StepResult run(const Batch& batch, double learning_rate, std::int64_t iteration,
                 FiringWeights& penalty, LossScale* loss_scale = nullptr);

 private:
  double mean_rate(const std::vector<double>& layer_rates) const;
  void gradient_is_complete(std::size_t i);
  void update(std::size_t i);
  void update_all(LossScale& scale);
  friend struct GradientHook;

  const TrainSection& settings_;
  Network& network_;
  OptimizerState& optimizer_;
  std::optional<at::ScalarType> maps_;
  Communicator* group_;
  const Teacher* teacher_;
  FiringObjective objective_;
  std::optional<WeightGrid> grid_;  ///< none: weights are not rounded
  bool scaled_ = false;             ///< the loss of this iteration: updates wait for all gradients
  std::optional<GradientBuckets> buckets_;
};

}  // namespace trispike::train
