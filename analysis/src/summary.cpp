// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/summary.h"

#include <numeric>
#include <variant>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

const model::NeuronKindInfo& kind_of(const model::NetworkSpec& network, const std::string& layer) {
  const int index = network.find(layer);
  const auto* neuron =
      index < 0 ? nullptr : std::get_if<model::NeuronLayer>(&network.layers[index].params);
  if (neuron == nullptr) {
    throw Error("activity of '" + layer + "': network '" + network.name +
                "' has no neuron layer of that name");
  }
  return model::info(neuron->neuron.kind);
}

void check_time_steps(const std::string& layer, const std::vector<std::int64_t>& spikes,
                      int time_steps) {
  if (static_cast<int>(spikes.size()) != time_steps) {
    throw Error("activity of '" + layer + "': spike counts of " + std::to_string(spikes.size()) +
                " time steps, expected " + std::to_string(time_steps));
  }
}

std::int64_t sum(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0});
}

/// 0 / 0 is 0: a network without spiking neurons fires at no rate.
double ratio(double part, double whole) { return whole > 0 ? part / whole : 0.0; }

NeuronSummary summarize_layer(const model::NeuronKindInfo& kind,
                              const model::NeuronActivity& activity, double samples) {
  const double per_time_step = static_cast<double>(activity.neurons) * samples;
  const auto time_steps = static_cast<double>(activity.positive.size());
  const auto positive = static_cast<double>(sum(activity.positive));
  const auto negative = static_cast<double>(sum(activity.negative));

  NeuronSummary summary;
  summary.layer = activity.layer;
  summary.neurons = activity.neurons;
  summary.positive_rate = ratio(positive, per_time_step * time_steps);
  summary.negative_rate = ratio(negative, per_time_step * time_steps);
  summary.firing_rate = ratio(positive + negative, per_time_step * time_steps);
  for (std::size_t t = 0; t < activity.positive.size(); ++t) {
    summary.positive_rate_at.push_back(
        ratio(static_cast<double>(activity.positive[t]), per_time_step));
    summary.negative_rate_at.push_back(
        ratio(static_cast<double>(activity.negative[t]), per_time_step));
  }
  summary.sign_operations = (kind.negative_spikes ? 2 : 1) * (positive + negative) / samples;
  summary.membrane_updates = static_cast<double>(activity.neurons) * time_steps;
  return summary;
}

}  // namespace

Summary summarize(const model::NetworkSpec& network, const model::Activity& activity) {
  if (activity.samples <= 0) {
    throw Error("activity of " + std::to_string(activity.samples) +
                " samples, expected at least one");
  }
  const auto samples = static_cast<double>(activity.samples);

  Summary summary;
  summary.samples = activity.samples;
  summary.time_steps = activity.time_steps;
  std::int64_t positive = 0;
  std::int64_t negative = 0;
  for (const model::NeuronActivity& layer : activity.neurons) {
    check_time_steps(layer.layer, layer.positive, activity.time_steps);
    check_time_steps(layer.layer, layer.negative, activity.time_steps);
    summary.neuron_layers.push_back(summarize_layer(kind_of(network, layer.layer), layer, samples));
    summary.neurons += layer.neurons;
    positive += sum(layer.positive);
    negative += sum(layer.negative);
    summary.total.sign_operations += summary.neuron_layers.back().sign_operations;
    summary.total.membrane_updates += summary.neuron_layers.back().membrane_updates;
  }
  const double chances = static_cast<double>(summary.neurons) * activity.time_steps * samples;
  summary.positive_rate = ratio(static_cast<double>(positive), chances);
  summary.negative_rate = ratio(static_cast<double>(negative), chances);
  summary.firing_rate = ratio(static_cast<double>(positive + negative), chances);

  for (const model::SynapseActivity& layer : activity.synapses) {
    const SynapseSummary synapse{layer.layer, static_cast<double>(layer.macs) / samples,
                                 static_cast<double>(layer.synaptic_operations) / samples,
                                 static_cast<double>(layer.dense_operations) / samples};
    summary.total.macs += synapse.macs;
    summary.total.synaptic_operations += synapse.synaptic_operations;
    summary.total.dense_operations += synapse.dense_operations;
    summary.synapse_layers.push_back(synapse);
  }
  for (const std::int64_t operations : activity.synaptic_operations_at) {
    summary.synaptic_operations_at.push_back(static_cast<double>(operations) / samples);
  }
  return summary;
}

}  // namespace trispike::analysis
