// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/recorder.h"

#include <algorithm>

namespace trispike::runtime {

Recorder::Recorder(const Plan& plan, const SessionOptions& options)
    : plan_(plan), options_(options) {
  const auto time_steps = static_cast<std::size_t>(plan.time_steps);
  activity_.time_steps = plan.time_steps;
  for (const Population& population : plan.populations) {
    const bool spiking = population.activation == Activation::kSpikes;
    record_of_.push_back(spiking ? static_cast<int>(activity_.neurons.size()) : -1);
    if (!spiking) continue;
    const std::int64_t neurons = population.shape.elements();
    activity_.neurons.push_back({population.layer, neurons, std::vector<std::int64_t>(time_steps),
                                 std::vector<std::int64_t>(time_steps)});
    if (options.record_spikes) {
      spikes_.push_back({population.layer,
                         std::vector<std::int8_t>(time_steps * static_cast<std::size_t>(neurons))});
    }
    if (options.record_potentials) {
      potentials_.push_back(
          {population.layer, std::vector<float>(time_steps * static_cast<std::size_t>(neurons))});
    }
  }
  activity_.synaptic_operations_at.resize(time_steps);
  for (const std::string& layer : plan.synapses) activity_.synapses.push_back({layer, 0, 0, 0});
}

void Recorder::begin_step() {
  t_ = next_time_step_;
  next_time_step_ = (t_ + 1) % plan_.time_steps;
  if (t_ == 0) {
    ++activity_.samples;
    for (model::SpikeRecord& record : spikes_) {
      std::fill(record.spikes.begin(), record.spikes.end(), std::int8_t{0});
    }
    for (model::PotentialRecord& record : potentials_) {
      std::fill(record.potentials.begin(), record.potentials.end(), 0.0F);
    }
  }
  if (!options_.record_activity) return;
  for (const Population& population : plan_.populations) {
    for (const Projection& projection : population.projections) {
      if (projection.synapse == kNoSynapse) continue;
      activity_.synapses[static_cast<std::size_t>(projection.synapse)].dense_operations +=
          projection.dense_operations;
    }
  }
}

void Recorder::synaptic_operations(const Projection& projection, std::int64_t count) {
  if (!options_.record_activity) return;
  activity_.synapses[static_cast<std::size_t>(projection.synapse)].synaptic_operations += count;
  activity_.synaptic_operations_at[static_cast<std::size_t>(t_)] += count;
}

void Recorder::multiplied_step(const Projection& projection) {
  if (!options_.record_activity) return;
  ++activity_.synapses[static_cast<std::size_t>(projection.synapse)].multiplied_steps;
}

void Recorder::macs(const Projection& projection) {
  if (!options_.record_activity || projection.synapse == kNoSynapse) return;
  activity_.synapses[static_cast<std::size_t>(projection.synapse)].macs +=
      projection.dense_operations;
}

void Recorder::spikes(std::size_t population, SpikeCount count, const EventView& events) {
  const auto index = static_cast<std::size_t>(record_of_[population]);
  const auto t = static_cast<std::size_t>(t_);
  if (options_.record_activity) {
    activity_.neurons[index].positive[t] += count.positive;
    activity_.neurons[index].negative[t] += count.negative;
  }
  if (!options_.record_spikes) return;
  const Population& p = plan_.populations[population];
  std::int8_t* map = spikes_[index].spikes.data() + t_ * p.shape.elements();
  for (std::int64_t position = 0; position < p.positions(); ++position) {
    const std::uint16_t* channel = events.channels + position * events.stride;
    for (int n = events.positive[position]; n > 0; --n) {
      map[*channel++ * p.positions() + position] = 1;
    }
    for (int n = events.negative[position]; n > 0; --n) {
      map[*channel++ * p.positions() + position] = -1;
    }
  }
}

void Recorder::clear_activity() {
  activity_.samples = 0;
  for (model::NeuronActivity& neurons : activity_.neurons) {
    std::fill(neurons.positive.begin(), neurons.positive.end(), 0);
    std::fill(neurons.negative.begin(), neurons.negative.end(), 0);
  }
  std::fill(activity_.synaptic_operations_at.begin(), activity_.synaptic_operations_at.end(), 0);
  for (model::SynapseActivity& synapse : activity_.synapses) {
    synapse.synaptic_operations = synapse.macs = synapse.dense_operations = 0;
    synapse.multiplied_steps = 0;
  }
}

}  // namespace trispike::runtime
