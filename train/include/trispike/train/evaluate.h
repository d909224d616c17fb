// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What LibTorch computes with a trained, unfolded model: accuracy on a data set, and the spikes and
// logits that folding must not change.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "trispike/data/dataset.h"
#include "trispike/model/activity.h"
#include "trispike/model/model_data.h"
#include "trispike/train/device.h"

namespace trispike::train {

/// The usual post-training quantisation, simulated in float32: weights per output channel,
/// symmetric, by the largest; activations behind each ReLU by the range with the least squared
/// error on the calibration's pictures. What the network reads, biases and sums stay as they are.
struct PostTraining {
  int weight_bits = 8;                               ///< 2 to 8: within +-(2^(bits-1) - 1)
  int activation_bits = 8;                           ///< 1 to 16: 0 to 2^bits - 1
  std::shared_ptr<const data::Dataset> calibration;  ///< never of the test set
};

struct EvaluationOptions {
  std::int64_t batch_size = 100;
  int threads = 0;  ///< 0 = all cores
  Device device = Device::kCpu;
  std::optional<PostTraining> post_training = {};  ///< of networks of ReLUs only
  std::function<void(std::int64_t done, std::int64_t total)> progress;
  std::function<bool()> interrupted;  ///< asked after each batch; true ends the evaluation
};

struct EvaluationResult {
  bool complete = true;  ///< false: interrupted
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  double seconds = 0.0;
  double firing_rate = 0.0;               ///< spikes / (neurons * time steps * samples), in [0, 1]
  std::vector<double> firing_rates;       ///< per neuron layer, in execution order
  std::vector<std::int64_t> predictions;  ///< top-1 class of each sample
};

/// Runs a model of stage `trained` in float32 with running statistics. Throws Error for another
/// stage, ConfigError for bits out of range or of a network that spikes.
EvaluationResult evaluate(const model::ModelData& model,
                          const std::shared_ptr<const data::Dataset>& dataset,
                          const EvaluationOptions& options);

/// Logits [N, classes] and every spike of a batch, in float64.
struct Recording {
  std::vector<double> logits;
  std::vector<model::SpikeRecord> spikes;  ///< per spiking layer: [T, N, C, H, W]
};

/// `input` is [N, C, H, W] (static) or [N, T, C, H, W] (frames), already normalised.
Recording record(const model::ModelData& model, const std::vector<double>& input,
                 std::int64_t samples);

}  // namespace trispike::train
