// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From what a run did (model::Activity, sums over samples) to what one sample costs: firing rates
// and operation counts, per layer and in all. The definitions stand in docs/energy.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trispike/model/activity.h"
#include "trispike/model/network.h"

namespace trispike::analysis {

/// Operations of one sample over all time steps; a mean over a run, hence not always whole.
struct Counts {
  double macs = 0;                 ///< multiply-accumulates on real-valued input
  double synaptic_operations = 0;  ///< weight additions caused by spikes
  double sign_operations = 0;      ///< one a spike; two a spike of neurons that also fire -1
  double membrane_updates = 0;     ///< charge, fire, reset of one neuron at one time step
  double dense_operations = 0;     ///< macs or additions if nothing were zero
};

/// One spiking layer. Rates are spikes / (neurons * time steps * samples), in [0, 1].
struct NeuronSummary {
  std::string layer;
  std::int64_t neurons = 0;  ///< of one sample at one time step
  double firing_rate = 0;    ///< positive_rate + negative_rate
  double positive_rate = 0;
  double negative_rate = 0;
  std::vector<double> positive_rate_at;  ///< [T]
  std::vector<double> negative_rate_at;  ///< [T]
  double sign_operations = 0;
  double membrane_updates = 0;
};

/// One layer with weights; operations of one sample.
struct SynapseSummary {
  std::string layer;
  double macs = 0;
  double synaptic_operations = 0;
  double dense_operations = 0;
};

struct Summary {
  std::int64_t samples = 0;
  int time_steps = 0;
  std::int64_t neurons = 0;  ///< all spiking neurons of the network
  double firing_rate = 0;    ///< over all neurons, not a mean of the layers' rates
  double positive_rate = 0;
  double negative_rate = 0;
  std::vector<NeuronSummary> neuron_layers;    ///< in execution order
  std::vector<SynapseSummary> synapse_layers;  ///< in execution order
  std::vector<double> synaptic_operations_at;  ///< [T], of one sample
  Counts total;
};

/// `activity` must come from running `network`: throws Error if it has no samples, names a neuron
/// layer that the network has not, or its spike counts are not one per time step. A network without
/// spiking neurons (the ANN twin) has the rate 0.
Summary summarize(const model::NetworkSpec& network, const model::Activity& activity);

}  // namespace trispike::analysis
