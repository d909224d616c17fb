// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Counted operations and their energy as JSON: the same keys wherever a command reports them.
#pragma once

#include <optional>

#include "json.h"
#include "trispike/analysis/energy.h"
#include "trispike/analysis/summary.h"

namespace trispike::cli {

Json counts_json(const analysis::Counts& counts);
/// One object per layer with weights.
Json synapses_json(const analysis::Summary& summary);
/// One object per energy model.
Json energies_json(const analysis::Counts& counts);
/// null for a network without spikes.
Json estimate_json(const std::optional<analysis::PaperEstimate>& estimate, int time_steps);

}  // namespace trispike::cli
