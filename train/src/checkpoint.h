// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A checkpoint is a model file of stage `trained` plus all that is needed to continue bit for bit:
// the optimizer's state as tensors, the position in the run and the recipe as metadata.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/firing_objective.h"
#include "src/loss_scale.h"
#include "src/network.h"
#include "src/optimizer.h"
#include "src/weight_average.h"
#include "trispike/model/model_data.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Position in a run. Random numbers are functions of (seed, epoch, sample), so they need no state.
struct RunState {
  int epoch = 0;               ///< epochs completed
  std::int64_t batch = 0;      ///< batches done of the epoch after
  std::int64_t iteration = 0;  ///< optimizer updates done
  FiringWeights penalty;       ///< of the firing-rate objective
  double loss_sum = 0.0;       ///< over the samples of the epoch so far
  double rate_sum = 0.0;
  std::int64_t correct = 0;
  std::int64_t samples = 0;
  double best_accuracy = -1.0;
  int best_epoch = 0;
  double seconds = 0.0;        ///< of training so far
  double epoch_seconds = 0.0;  ///< of them in the epoch so far
  std::int64_t images = 0;     ///< trained on so far
  LossScale loss_scale;        ///< of runs in float16
};

/// All members as numbers (whole ones are exact up to 2^53), and back.
std::vector<double> to_numbers(const RunState& state);
RunState from_numbers(const std::vector<double>& numbers);

/// What a checkpoint says about itself besides the weights.
struct CheckpointHeader {
  model::Preprocessing preprocessing;
  std::vector<std::string> class_names;
  std::string provenance;  ///< JSON object
  std::string precision;   ///< that the run is computed in: "float32", "bfloat16" or "float16"
  std::int64_t training_samples = 0;
  std::string teacher = "";  ///< SHA-256 of its file; empty: none
};

/// `average` may be null.
void save_checkpoint(const std::string& path, const Network& network,
                     const OptimizerState& optimizer, const WeightAverage* average,
                     const RunState& state, const Recipe& recipe, const CheckpointHeader& header);

/// Fills network, optimizer, average (unless null) and returns the state. Throws ConfigError if
/// `recipe`, or what `header` says of the data and the precision, differs from the checkpoint's in
/// a way that changes the result; FormatError or Error if the file is not a checkpoint of this
/// network.
RunState load_checkpoint(const std::string& path, Network& network, OptimizerState& optimizer,
                         WeightAverage* average, const Recipe& recipe,
                         const CheckpointHeader& header);

}  // namespace trispike::train
