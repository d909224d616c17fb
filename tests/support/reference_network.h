// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The definition of what a network computes: plain loops in double precision, for trained and
// folded networks alike. Slow on purpose; shares no arithmetic with the library, not even the
// neuron.
#pragma once

#include <vector>

#include "trispike/model/activity.h"
#include "trispike/model/model_data.h"

namespace trispike::test {

struct ReferenceResult {
  std::vector<double> logits;              ///< [N, classes], mean over the time steps
  std::vector<model::SpikeRecord> spikes;  ///< spiking layers in execution order, [T, N, C, H, W]
  /// Layers with weights in execution order. A spike costs one synaptic operation per weight it is
  /// added with: per window that covers it if a pool stands between, times the fan-out of the
  /// layer. A layer on real-valued input costs its dense MACs, the one that sees a static image
  /// once per image.
  std::vector<model::SynapseActivity> synapses;
};

/// Runs `samples` inputs, [N, C, H, W] (static) or [N, T, C, H, W] (frames), with running
/// statistics.
ReferenceResult run_reference(const model::ModelData& model, const std::vector<double>& input,
                              int samples);

/// Non-zero spikes / all spikes of all records.
double firing_rate(const std::vector<model::SpikeRecord>& spikes);

}  // namespace trispike::test
