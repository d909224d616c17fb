// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/firing_objective.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace trispike::train {
namespace {

/// The objective's weight starts here and follows the excess of the rate over its target by this
/// factor's exponential per iteration and unit of `train.firing_rate_weight`: in proportion to
/// itself, so that no scale of the loss needs to be known.
constexpr double kFirstWeight = 0.01;
constexpr double kGain = 3e-3;
constexpr double kSmallestWeight = 1e-4, kLargestWeight = 10.0;

/// Whose spikes a map consists of, and at how many places of the map each of them arrives.
struct Origin {
  int neurons = -1;  ///< -1: no spikes
  double places = 1;
};

std::vector<double> divided_by_sum(std::vector<double> values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value = sum > 0 ? value / sum : 0.0;
  return values;
}

}  // namespace

std::vector<double> dense_additions(const model::NetworkSpec& network) {
  using namespace model;  // NOLINT: the layer types
  const std::vector<LayerInfo> infos = infer(network);
  std::vector<Origin> origins(network.layers.size());
  std::vector<double> additions(network.layers.size(), 0.0);
  const auto add = [&](const Origin& origin, std::int64_t weights) {
    if (origin.neurons < 0) return;
    additions[static_cast<std::size_t>(origin.neurons)] +=
        static_cast<double>(weights) * origin.places;
  };
  std::vector<double> of_neurons;
  for (std::size_t i = 1; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const auto input = static_cast<std::size_t>(layer.inputs[0]);
    const MapShape& map = infos[input].shape;
    if (std::holds_alternative<NeuronLayer>(layer.params)) {
      origins[i].neurons = static_cast<int>(i);
    } else if (const auto* pool = std::get_if<AvgPoolLayer>(&layer.params)) {
      origins[i] = origins[input];
      origins[i].places *= static_cast<double>(pool->kernel * pool->kernel);
    } else if (std::holds_alternative<GlobalAvgPoolLayer>(layer.params)) {
      origins[i] = origins[input];
      origins[i].places *= static_cast<double>(map.height * map.width);
    } else if (std::holds_alternative<AddLayer>(layer.params)) {
      for (const int operand : layer.inputs) {
        add(origins[static_cast<std::size_t>(operand)], infos[i].shape.elements());
      }
    } else {
      add(origins[input], infos[i].dense_macs);
    }
  }
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (std::holds_alternative<NeuronLayer>(network.layers[i].params)) {
      of_neurons.push_back(additions[i]);
    }
  }
  return of_neurons;
}

FiringObjective::FiringObjective(const TrainSection& settings, const model::NetworkSpec& network)
    : target_(settings.firing_rate_target), speed_(settings.firing_rate_weight) {
  if (settings.firing_rate_of == RateOf::kOperations) {
    shares_ = divided_by_sum(dense_additions(network));
    for (const double share : shares_) {
      layer_weights_.push_back(share * static_cast<double>(shares_.size()));
    }
    return;
  }
  const std::vector<model::LayerInfo> infos = model::infer(network);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (!std::holds_alternative<model::NeuronLayer>(network.layers[i].params)) continue;
    shares_.push_back(static_cast<double>(infos[i].shape.elements()));
    layer_weights_.push_back(1.0);
  }
  shares_ = divided_by_sum(std::move(shares_));
}

double FiringObjective::first_weight() const { return is_wanted() ? kFirstWeight : 0.0; }

double FiringObjective::next_weight(double weight, double rate) const {
  const double excess = std::clamp(rate / target_ - 1.0, -1.0, 2.0);
  return std::clamp(weight * std::exp(kGain * speed_ * excess), kSmallestWeight, kLargestWeight);
}

double FiringObjective::rate(const std::vector<at::Tensor>& layer_rates) const {
  const at::Tensor rates = at::stack(layer_rates).to(at::kCPU, at::kDouble);  // waits once
  double sum = 0.0;
  for (std::size_t i = 0; i < layer_rates.size(); ++i) {
    sum += shares_[i] * rates.data_ptr<double>()[i];
  }
  return sum;
}

at::Tensor FiringObjective::loss(const std::vector<at::Tensor>& layer_rates) const {
  at::Tensor sum = layer_rates.front() * layer_weights_.front();
  for (std::size_t i = 1; i < layer_rates.size(); ++i) {
    sum = sum + layer_rates[i] * layer_weights_[i];
  }
  return sum;
}

}  // namespace trispike::train
