// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "counts_json.h"

namespace trispike::cli {

Json counts_json(const analysis::Counts& counts) {
  return {{"macs", counts.macs},
          {"synaptic_operations", counts.synaptic_operations},
          {"sign_operations", counts.sign_operations},
          {"membrane_updates", counts.membrane_updates},
          {"dense_operations", counts.dense_operations}};
}

Json synapses_json(const analysis::Summary& summary) {
  Json synapses = Json::array();
  for (const analysis::SynapseSummary& layer : summary.synapse_layers) {
    synapses.push_back({{"layer", layer.layer},
                        {"macs", layer.macs},
                        {"synaptic_operations", layer.synaptic_operations},
                        {"dense_operations", layer.dense_operations}});
  }
  return synapses;
}

Json energies_json(const analysis::Counts& counts) {
  Json energies = Json::array();
  for (const analysis::EnergyModel& model : analysis::energy_models()) {
    energies.push_back({{"model", model.name},
                        {"mac_pj", model.mac_pj},
                        {"synaptic_operation_pj", model.synaptic_operation_pj},
                        {"sign_operation_pj", model.sign_operation_pj},
                        {"membrane_update_pj", model.membrane_update_pj},
                        {"energy_pj", analysis::energy_pj(model, counts)}});
  }
  return energies;
}

Json estimate_json(const std::optional<analysis::PaperEstimate>& estimate, int time_steps) {
  if (!estimate) return nullptr;
  return {{"firing_rate", estimate->firing_rate},
          {"time_steps", time_steps},
          {"additions", estimate->additions},
          {"flops", estimate->flops},
          {"synaptic_operations", estimate->synaptic_operations},
          {"sign_operations", estimate->sign_operations},
          {"energy_pj", estimate->energy_pj}};
}

}  // namespace trispike::cli
