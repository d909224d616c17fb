// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Dynamic loss scaling (Micikevicius et al. 2018): small gradients would be lost in float16, so the
// loss is multiplied by a factor before backward, and gradients are divided by it before the
// update. An iteration whose gradients overflow makes no update, and the factor falls; after many
// without it rises again.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace trispike::train {

struct LossScale {
  double scale = 0.0;              ///< a power of two; 0: no scaling
  std::int64_t good_steps = 0;     ///< updates since it last changed
  std::int64_t skipped_steps = 0;  ///< iterations that made no update, in all
  bool is_on() const { return scale > 0; }
};

/// Before the first iteration, for maps of this type: on for float16, else off.
LossScale first_loss_scale(at::ScalarType map_type);

/// After an iteration with finite gradients, or with others. Throws Error if they are not finite
/// even without scaling.
void follow(LossScale& scale, bool finite);

/// True if all numbers in all tensors are finite. Waits for a GPU.
bool all_finite(const std::vector<at::Tensor>& tensors);

}  // namespace trispike::train
