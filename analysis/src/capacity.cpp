// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/capacity.h"

#include <cmath>

namespace trispike::analysis {

MapCapacity map_capacity(const model::MapShape& shape, int time_steps) {
  constexpr double kPotentialBits = 32;
  const double spikes = static_cast<double>(shape.elements()) * time_steps;
  return {spikes, std::log2(3.0) * spikes, kPotentialBits * spikes};
}

}  // namespace trispike::analysis
