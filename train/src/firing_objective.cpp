// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/firing_objective.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

/// The weight of a term starts here and follows the excess of the rate over its target by this
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

/// The spiking layers of a network, in execution order.
struct NeuronLayers {
  std::vector<std::string> names;
  std::vector<double> sizes;  ///< what each counts in a rate: neurons, or additions
};

NeuronLayers neuron_layers(const model::NetworkSpec& network, RateOf of) {
  NeuronLayers layers;
  const std::vector<model::LayerInfo> infos = model::infer(network);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    if (!std::holds_alternative<model::NeuronLayer>(network.layers[i].params)) continue;
    layers.names.push_back(network.layers[i].name);
    layers.sizes.push_back(static_cast<double>(infos[i].shape.elements()));
  }
  if (of == RateOf::kOperations) layers.sizes = dense_additions(network);
  return layers;
}

/// The layer itself, or a group that it belongs to.
bool fits(const std::string& target, const std::string& layer) {
  return layer == target || layer.starts_with(target + ".");
}

/// The target with the longest name that fits; empty: none.
std::string target_of(const std::string& layer, const std::map<std::string, double>& targets) {
  std::string longest;
  for (const auto& [name, rate] : targets) {
    if (fits(name, layer) && name.size() > longest.size()) longest = name;
  }
  return longest;
}

[[noreturn]] void refuse(const std::string& target, const NeuronLayers& layers) {
  constexpr const char* kKey = "train.firing_rate_targets";
  const auto is_known = [&](const std::string& layer) { return fits(target, layer); };
  if (std::ranges::any_of(layers.names, is_known)) {
    throw ConfigError(kKey, "all layers of '" + target + "' have targets of their own");
  }
  std::string known;
  for (const std::string& name : layers.names) known += (known.empty() ? "" : ", ") + name;
  throw ConfigError(kKey, "'" + target +
                              "' is no spiking layer and no group of them; expected one " + "of " +
                              known + ", or what such names begin with up to a dot");
}

/// Of the layers with a member.
FiringObjective::Target make_target(const std::string& name, double rate, RateOf of,
                                    const NeuronLayers& layers, const std::vector<bool>& members) {
  FiringObjective::Target target{name, rate, {}, {}};
  double size = 0.0, count = 0.0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    size += members[i] ? layers.sizes[i] : 0.0;
    count += members[i] ? 1.0 : 0.0;
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    const double share = members[i] && size > 0 ? layers.sizes[i] / size : 0.0;
    target.shares.push_back(share);
    target.layer_weights.push_back(of == RateOf::kOperations ? share * count
                                                             : (members[i] ? 1.0 : 0.0));
  }
  return target;
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
    : speed_(settings.firing_rate_weight) {
  const RateOf of = settings.firing_rate_of;
  const NeuronLayers layers = neuron_layers(network, of);
  if (settings.firing_rate_target > 0) {
    const std::vector<bool> all(layers.names.size(), true);
    targets_.push_back(make_target("", settings.firing_rate_target, of, layers, all));
  }
  for (const auto& [name, rate] : settings.firing_rate_targets) {
    std::vector<bool> members;
    for (const std::string& layer : layers.names) {
      members.push_back(fits(name, layer) &&
                        target_of(layer, settings.firing_rate_targets) == name);
    }
    if (std::ranges::find(members, true) == members.end()) refuse(name, layers);
    targets_.push_back(make_target(name, rate, of, layers, members));
  }
}

FiringWeights FiringObjective::first_weights() const {
  FiringWeights weights;
  for (const Target& target : targets_) {
    if (target.name.empty()) {
      weights.network = kFirstWeight;
    } else {
      weights.layers.push_back(kFirstWeight);
    }
  }
  return weights;
}

std::vector<double> FiringObjective::rates(const std::vector<double>& layer_rates) const {
  std::vector<double> rates;
  for (const Target& target : targets_) {
    rates.push_back(
        std::inner_product(target.shares.begin(), target.shares.end(), layer_rates.begin(), 0.0));
  }
  return rates;
}

void FiringObjective::follow(const std::vector<double>& rates, FiringWeights& weights) const {
  std::size_t layer = 0;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    double& weight = targets_[i].name.empty() ? weights.network : weights.layers.at(layer++);
    const double excess = std::clamp(rates[i] / targets_[i].rate - 1.0, -1.0, 2.0);
    weight =
        std::clamp(weight * std::exp(kGain * speed_ * excess), kSmallestWeight, kLargestWeight);
  }
}

at::Tensor FiringObjective::loss(const std::vector<at::Tensor>& layer_rates,
                                 const FiringWeights& weights) const {
  at::Tensor total;
  std::size_t layer = 0;
  for (const Target& target : targets_) {
    at::Tensor sum;
    for (std::size_t i = 0; i < layer_rates.size(); ++i) {
      if (target.layer_weights[i] == 0) continue;
      const at::Tensor term = layer_rates[i] * target.layer_weights[i];
      sum = sum.defined() ? sum + term : term;
    }
    const double weight = target.name.empty() ? weights.network : weights.layers.at(layer++);
    const at::Tensor weighted = sum * weight;
    total = total.defined() ? total + weighted : weighted;
  }
  return total;
}

}  // namespace trispike::train
