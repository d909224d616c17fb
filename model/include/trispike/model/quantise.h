// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Models in integers (docs/integer.md): what a quantised model holds, and how a folded one becomes
// one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trispike/model/model_data.h"
#include "trispike/model/neurons/integer_lif.h"

namespace trispike::model {

/// A layer with weights and the source of the events that they add (or of the input's numbers).
struct Synapse {
  int layer;   ///< conv, linear or scale
  int source;  ///< the input, or the neurons whose spikes it reads
  /// Of all pools between source and layer together: the product of their pool_divisor(). A stored
  /// weight is what one event adds through a window of that many positions; through a window of
  /// fewer, d, it adds it divisor / d times.
  std::int64_t divisor;
};

/// Where integers of one unit per channel meet: the potentials of a neuron layer, or the logits.
struct Membrane {
  int layer;                      ///< neurons, or the last layer
  std::vector<Synapse> synapses;  ///< in the order in which they are added
  bool reads_numbers = false;     ///< one of the synapses multiplies the fixed-point input
};

/// The membranes of a folded network in execution order, the logits last. Throws ShapeError naming
/// the layer if integer arithmetic cannot run the network.
std::vector<Membrane> membranes(const NetworkSpec& network);

/// The least common multiple of the numbers that the windows of an average pool (AvgPoolLayer or
/// GlobalAvgPoolLayer) from map `in` to map `out` divide by.
std::int64_t pool_divisor(const LayerParams& pool, const MapShape& in, const MapShape& out);

/// A tensor of a quantised model.
struct QuantisedTensor {
  std::string name;
  DType dtype;
  std::vector<std::int64_t> shape;
  double lowest, highest;  ///< allowed values
};

/// What the tensors of a quantised model must be (docs/file-format.md). Throws like membranes().
std::vector<QuantisedTensor> quantised_tensors(const NetworkSpec& network);

/// Activity of one layer on real data, per channel, over positions, time steps and samples.
struct ChannelStatistics {
  std::vector<double> mean;
  std::vector<double> mean_square;
};

/// What the search of scales knows about the data. Empty: all channels are taken to be equally
/// active and as often positive as negative.
struct Calibration {
  std::int64_t samples = 0;
  double largest_input = 0;  ///< absolute value
  std::map<std::string, ChannelStatistics, std::less<>>
      outputs;  ///< of the input and the spiking layers, by name
};

struct QuantiseOptions {
  int weight_bits = 8;  ///< 6, 7 or 8: weights are within +-(2^(weight_bits - 1) - 1)
};

/// A folded model in integers, stage `quantised`. Throws ConfigError for options out of range,
/// ShapeError if integer arithmetic cannot run the network.
ModelData quantise(const ModelData& folded, const QuantiseOptions& options,
                   const Calibration& calibration = {});

}  // namespace trispike::model
