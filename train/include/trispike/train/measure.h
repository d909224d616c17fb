// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// How long training takes: the iteration of train() itself, on made-up pictures that are ready.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trispike/train/device.h"
#include "trispike/train/processes.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

struct MeasureOptions {
  int warm_up = 3;       ///< iterations before the first that counts
  int least = 5;         ///< iterations that count, at least
  double seconds = 2.0;  ///< go on until so many have passed (one process only)
  Processes processes;   ///< that share the recipe's batch
  Device device = Device::kCpu;
};

struct StepTimes {
  std::vector<double> seconds;  ///< of each iteration that counts, in order
  std::string precision;        ///< "float32", "bfloat16" or "float16"
  int threads = 0;
  std::string device = "cpu";          ///< or the name of the GPU
  std::int64_t peak_device_bytes = 0;  ///< of tensors on the GPU
  double firing_rate = 0.0;            ///< of the last iteration, in [0, 1]
  double loss = 0.0;                   ///< likewise
};

/// Iterations of `recipe` (network, neuron, batch size, optimizer, precision, threads, seed) on
/// random numbers: where it leaves them open, pictures of 3x32x32 in 10 classes.
StepTimes measure_training(const Recipe& recipe, const MeasureOptions& options);

struct LayerShape {
  std::int64_t time_steps = 4, batch = 32, channels = 64, height = 32, width = 32;
};

/// Forward and backward of one layer of neurons alone, without batch norm, float32 maps.
StepTimes measure_neuron_layer(const model::NeuronSpec& neuron, const LayerShape& shape,
                               int threads, const MeasureOptions& options);

}  // namespace trispike::train
