// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Keeps what a session is asked to record: counts, spikes, potentials. Costs a test per row of
// neurons when off.
#pragma once

#include <vector>

#include "kernels/kernels.h"
#include "src/plan.h"
#include "trispike/model/activity.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {

class Recorder {
 public:
  Recorder(const Plan& plan, const SessionOptions& options);

  /// The next step is the first of a sample.
  void reset() { next_time_step_ = 0; }
  /// A time step begins. The step after time_steps others begins a new sample.
  void begin_step();
  /// Operations of one projection in this time step.
  void synaptic_operations(const Projection& projection, std::int64_t count);
  void macs(const Projection& projection);
  /// The spikes of one projection were multiplied in this time step.
  void multiplied_step(const Projection& projection);
  bool counts() const { return options_.record_activity; }
  bool records() const { return counts() || options_.record_spikes || records_potentials(); }
  /// Spikes of one spiking population in this time step.
  void spikes(std::size_t population, SpikeCount count, const EventView& events);

  /// Whether potentials are wanted, and where those of one spiking population in this time step
  /// go: [C, H, W].
  bool records_potentials() const { return options_.record_potentials; }
  float* potentials(std::size_t population) {
    const auto index = static_cast<std::size_t>(record_of_[population]);
    return potentials_[index].potentials.data() +
           t_ * plan_.populations[population].shape.elements();
  }

  const model::Activity& activity() const { return activity_; }
  const std::vector<model::SpikeRecord>& spike_records() const { return spikes_; }
  const std::vector<model::PotentialRecord>& potential_records() const { return potentials_; }
  void clear_activity();

 private:
  const Plan& plan_;
  const SessionOptions options_;
  model::Activity activity_;
  std::vector<model::SpikeRecord> spikes_;
  std::vector<model::PotentialRecord> potentials_;
  std::vector<int>
      record_of_;  // of each population, in activity_.neurons and the records; -1: none
  int next_time_step_ = 0;
  int t_ = 0;
};

}  // namespace trispike::runtime
