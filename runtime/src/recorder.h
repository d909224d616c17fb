// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Keeps what a session is asked to record: counts and spikes. Costs a test per layer when off.
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
  /// Spikes of one spiking population in this time step.
  void spikes(std::size_t population, SpikeCount count, const EventView& events);

  const model::Activity& activity() const { return activity_; }
  const std::vector<model::SpikeRecord>& spike_records() const { return spikes_; }
  void clear_activity();

 private:
  const Plan& plan_;
  const SessionOptions options_;
  model::Activity activity_;
  std::vector<model::SpikeRecord> spikes_;
  std::vector<int> record_of_;  // of each population, in activity_.neurons and spikes_; -1: none
  int next_time_step_ = 0;
  int t_ = 0;
};

}  // namespace trispike::runtime
