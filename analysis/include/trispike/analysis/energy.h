// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Energy of one sample: operation counts times the cost of each operation under a named model, and
// the estimate that the Ternary Spike paper prints in its Table 5. Formulas and sources:
// docs/energy.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "trispike/analysis/summary.h"
#include "trispike/model/model_data.h"

namespace trispike::analysis {

/// What one operation costs, in picojoules. Only `horowitz45nm_memory` charges memory traffic and
/// membrane updates.
struct EnergyModel {
  std::string_view name;
  std::string_view summary;
  double mac_pj;
  double synaptic_operation_pj;
  double sign_operation_pj;
  double membrane_update_pj = 0;
};

/// `paper`, `horowitz45nm`, `horowitz45nm_memory`.
std::span<const EnergyModel> energy_models();
/// Throws ConfigError listing the names if there is no model of that name.
const EnergyModel& energy_model(std::string_view name);

double energy_pj(const EnergyModel& model, const Counts& counts);

/// A of the paper's s * T * A: operations of the ANN of the same architecture on one image, counted
/// as ptflops does (conv and linear MACs and biases, 2 per element of a batch norm's output, 1 per
/// element of an activation, 1 per element of a pool's input). A folded or quantised network counts
/// as the trained one it came from: the bias of a convolution as its batch norm, a scale as
/// nothing.
std::int64_t ann_additions(const model::NetworkSpec& network, model::Stage stage);

/// Multiply-accumulates of the layers that see the input, charged once per time step as the paper
/// does (an engine computes a static image's first layer once).
std::int64_t first_layer_flops(const model::NetworkSpec& network);

/// One row of the paper's Table 5.
struct PaperEstimate {
  double firing_rate = 0;          ///< s
  double additions = 0;            ///< A
  double flops = 0;                ///< first_layer_flops
  double synaptic_operations = 0;  ///< s * T * A
  double sign_operations = 0;
  double energy_pj = 0;  ///< under the energy model `paper`
};

PaperEstimate paper_estimate(const model::NetworkSpec& network, model::Stage stage,
                             const Summary& summary);

}  // namespace trispike::analysis
