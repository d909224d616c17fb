// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a feature map can tell at most (paper, Eq. 6 and Proposition 1): the logarithm of the number
// of its values.
#pragma once

#include "trispike/model/network.h"

namespace trispike::analysis {

/// Bits of one sample's map over `time_steps` time steps.
struct MapCapacity {
  double binary = 0;   ///< T * C * H * W
  double ternary = 0;  ///< T * log2(3) * C * H * W
  double real = 0;     ///< T * 32 * C * H * W: a membrane potential has 32 bits
};
MapCapacity map_capacity(const model::MapShape& shape, int time_steps);

}  // namespace trispike::analysis
