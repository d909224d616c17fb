// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Why integers cannot overflow, shown anew for each model (docs/integer.md).
#pragma once

#include "src/plan.h"

namespace trispike::runtime {

/// The largest input in fixed point, either sign.
inline constexpr std::int64_t kLargestInput = 32767;

/// Sets rows_in_16_bits of every projection that adds rows of weights, and checks that whatever the
/// network is shown, currents stay below model::kPotentialLimit and sums with the input in 32 bits.
/// Throws ShapeError naming the layer.
void prove_bounds(Plan& plan, const model::TensorMap& tensors);

}  // namespace trispike::runtime
