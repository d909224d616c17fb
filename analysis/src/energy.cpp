// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/energy.h"

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

constexpr std::array kEnergyModels = {
    EnergyModel{"paper",
                "12.5 pJ a MAC, 77 fJ a synaptic operation, 3.7 pJ a sign (Hu et al. 2021)", 12.5,
                0.077, 3.7},
    EnergyModel{"horowitz45nm", "4.6 pJ a MAC, 0.9 pJ an addition, 45 nm (Horowitz 2014)", 4.6, 0.9,
                0.0},
    // 32 KB of SRAM: 20 pJ for 64 bits. A MAC or an addition fetches a weight of 32 bits; a
    // membrane update reads and writes the potential, multiplies by the decay and adds the current.
    EnergyModel{"horowitz45nm_memory",
                "the same, and 32-bit weights and potentials in 32 KB SRAM, 10 pJ an access", 14.6,
                10.9, 0.0, 24.6},
};

/// What ptflops counts for one layer, given the shapes of its input and output.
struct AnnOperations {
  const model::MapShape& in;
  const model::LayerInfo& info;
  bool folded;

  std::int64_t operator()(const model::InputLayer&) const { return 0; }
  std::int64_t operator()(const model::ConvLayer& conv) const {
    const std::int64_t per_output = folded ? 2 : 1;
    return info.dense_macs + (conv.bias ? per_output * info.shape.elements() : 0);
  }
  std::int64_t operator()(const model::BatchNormLayer&) const { return 2 * info.shape.elements(); }
  std::int64_t operator()(const model::NeuronLayer&) const { return info.shape.elements(); }
  std::int64_t operator()(const model::AddLayer&) const { return 0; }
  std::int64_t operator()(const model::AvgPoolLayer&) const { return in.elements(); }
  std::int64_t operator()(const model::GlobalAvgPoolLayer&) const { return in.elements(); }
  std::int64_t operator()(const model::LinearLayer& linear) const {
    return info.dense_macs + (linear.bias ? linear.out_features : 0);
  }
  std::int64_t operator()(const model::ScaleLayer&) const { return 0; }
};

}  // namespace

std::span<const EnergyModel> energy_models() { return kEnergyModels; }

const EnergyModel& energy_model(std::string_view name) {
  const auto found = std::find_if(kEnergyModels.begin(), kEnergyModels.end(),
                                  [&](const EnergyModel& model) { return model.name == name; });
  if (found != kEnergyModels.end()) {
    return *found;
  }
  std::string names;
  for (const EnergyModel& model : kEnergyModels) {
    names.append(names.empty() ? "" : ", ").append(model.name);
  }
  throw ConfigError("energy model",
                    "'" + std::string(name) + "' is unknown, expected one of " + names);
}

double energy_pj(const EnergyModel& model, const Counts& counts) {
  return counts.macs * model.mac_pj + counts.synaptic_operations * model.synaptic_operation_pj +
         counts.sign_operations * model.sign_operation_pj +
         counts.membrane_updates * model.membrane_update_pj;
}

std::int64_t ann_additions(const model::NetworkSpec& network, model::Stage stage) {
  const std::vector<model::LayerInfo> infos = model::infer(network);
  const bool folded = stage != model::Stage::kTrained;
  std::int64_t operations = 0;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const model::Layer& layer = network.layers[i];
    const model::MapShape& in =
        layer.inputs.empty() ? infos[i].shape : infos[layer.inputs[0]].shape;
    operations += std::visit(AnnOperations{in, infos[i], folded}, layer.params);
  }
  return operations;
}

std::int64_t first_layer_flops(const model::NetworkSpec& network) {
  const std::vector<model::LayerInfo> infos = model::infer(network);
  std::int64_t macs = 0;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const std::vector<int>& inputs = network.layers[i].inputs;
    if (std::find(inputs.begin(), inputs.end(), 0) != inputs.end()) {
      macs += infos[i].dense_macs;
    }
  }
  return macs * network.time_steps;
}

PaperEstimate paper_estimate(const model::NetworkSpec& network, model::Stage stage,
                             const Summary& summary) {
  PaperEstimate estimate;
  estimate.firing_rate = summary.firing_rate;
  estimate.additions = static_cast<double>(ann_additions(network, stage));
  estimate.flops = static_cast<double>(first_layer_flops(network));
  estimate.synaptic_operations = summary.firing_rate * network.time_steps * estimate.additions;
  estimate.sign_operations = summary.total.sign_operations;
  Counts counts;
  counts.macs = estimate.flops;
  counts.synaptic_operations = estimate.synaptic_operations;
  counts.sign_operations = estimate.sign_operations;
  estimate.energy_pj = energy_pj(energy_model("paper"), counts);
  return estimate;
}

}  // namespace trispike::analysis
