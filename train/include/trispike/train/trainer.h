// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A training run: from a recipe and a data set to checkpoints, logs and a result.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "trispike/train/device.h"
#include "trispike/train/processes.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Where a run stands, reported after every iteration.
struct Progress {
  int epoch = 0;  ///< 1-based
  int epochs = 0;
  std::int64_t batch = 0;          ///< done in this epoch
  std::int64_t batches = 0;        ///< in this epoch
  std::int64_t images = 0;         ///< trained on so far, in this epoch
  std::int64_t images_before = 0;  ///< of them, trained on before this session
  std::int64_t images_in_epoch = 0;
  double images_per_second = 0.0;
  double eta_seconds = 0.0;  ///< to the end of the run, evaluation not counted
  double loss = 0.0;         ///< mean over the epoch so far
  double accuracy = 0.0;     ///< on training samples of the epoch so far, in [0, 1]
  double firing_rate = 0.0;  ///< mean over the epoch so far, in [0, 1]
};

/// How a target of train.firing_rate_targets is met.
struct LayerTarget {
  std::string name;
  double wanted = 0.0;
  double rate = 0.0;     ///< in the evaluation, of what train.firing_rate_of says
  double penalty = 0.0;  ///< weight in the loss now
};

/// An epoch that has ended.
struct EpochReport {
  int epoch = 0;
  int epochs = 0;
  double train_loss = 0.0;
  double train_accuracy = 0.0;
  double firing_rate = 0.0;  ///< on the training samples
  std::string evaluated_on;  ///< "validation" or "test"
  double accuracy = 0.0;     ///< on that set
  double evaluation_firing_rate = 0.0;
  double penalty = 0.0;  ///< weight of the network's firing-rate objective now
  std::vector<LayerTarget> layer_targets;
  double seconds = 0.0;
  bool best = false;  ///< this checkpoint became best.safetensors
};

struct TrainCallbacks {
  std::function<void(const Progress&)> progress;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::string&)> message;
  std::function<void(const std::string&)> warning;  ///< what should be seen even if nothing else is
  std::function<bool()> interrupted;                ///< true: save a checkpoint and return
};

struct TrainRequest {
  Recipe recipe;
  std::string data_path;
  std::string out_dir;
  bool resume = false;  ///< go on from out_dir/last.safetensors
  /// Each process calls train() with the same request but its own rank. Only rank 0 reads and
  /// writes `out_dir`; a run may be resumed by another number of processes.
  Processes processes = {};
  Device device = Device::kCpu;  ///< a run may be resumed on another
};

struct TrainResult {
  bool finished = false;  ///< false: interrupted; resume continues
  std::string best_path;  ///< the checkpoint to use
  int best_epoch = 0;
  double test_accuracy = 0.0;
  double test_firing_rate = 0.0;
  std::int64_t test_samples = 0;
  std::int64_t training_samples = 0;
  double seconds = 0.0;  ///< all sessions of the run
  double images_per_second = 0.0;
};

/// Trains. Leaves in `out_dir`: best.safetensors, last.safetensors, recipe.toml, log.jsonl,
/// tensorboard/ and, once finished, result.json. Throws ConfigError, IoError, data::DataError,
/// FormatError.
///
/// The same recipe, seed and number of threads give the same weights; a run that was killed and
/// resumed ends with the weights of one that was not.
TrainResult train(const TrainRequest& request, const TrainCallbacks& callbacks);

/// Settings of the process that training wants: memory is kept instead of returned to the system
/// between iterations (large maps would be page-faulted anew each time). Call once at start.
void configure_process();

}  // namespace trispike::train
