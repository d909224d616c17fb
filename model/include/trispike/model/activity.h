// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a network did: spikes and executed operations, counted, not estimated. Engines fill it,
// analysis reads it. All counts are sums over the samples of a run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trispike::model {

/// Spikes of one neuron layer.
struct NeuronActivity {
  std::string layer;
  std::int64_t neurons = 0;            ///< of one sample at one time step
  std::vector<std::int64_t> positive;  ///< [T] spikes +1
  std::vector<std::int64_t> negative;  ///< [T] spikes -1
};

/// Work of one layer with weights (conv, linear, scale).
struct SynapseActivity {
  std::string layer;
  std::int64_t synaptic_operations = 0;  ///< weight additions caused by spikes
  std::int64_t macs = 0;  ///< multiply-accumulates on real-valued input (0 if event-driven)
  std::int64_t dense_operations = 0;  ///< if nothing were zero, all time steps
  /// In how many time steps a kernel multiplied the spikes instead, because they were so many;
  /// synaptic_operations are then what adding them would have taken.
  std::int64_t multiplied_steps = 0;
};

struct Activity {
  std::int64_t samples = 0;
  int time_steps = 0;
  std::vector<NeuronActivity> neurons;               ///< spiking layers in execution order
  std::vector<SynapseActivity> synapses;             ///< in execution order
  std::vector<std::int64_t> synaptic_operations_at;  ///< [T], of all layers together
};

/// Every spike of one neuron layer: [T, N, C, H, W], each -1, 0 or 1.
struct SpikeRecord {
  std::string layer;
  std::vector<std::int8_t> spikes;
};

/// Every membrane potential of one neuron layer just before it fires (u of Eq. 7): [T, N, C, H, W].
/// On the scale of NeuronSpec::threshold, in integer arithmetic too.
struct PotentialRecord {
  std::string layer;
  std::vector<float> potentials;
};

}  // namespace trispike::model
