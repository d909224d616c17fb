// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/loss_scale.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr double kFirst = 65536.0, kLargest = 16777216.0;
constexpr double kFall = 0.5, kRise = 2.0;
constexpr std::int64_t kRiseAfter = 2000;
/// Below this, gradients overflow although the loss is made smaller: they are not finite at all.
constexpr double kSmallest = 1.0 / 1024.0;

}  // namespace

LossScale first_loss_scale(at::ScalarType map_type) {
  LossScale scale;
  if (map_type == at::kHalf) scale.scale = kFirst;
  return scale;
}

void follow(LossScale& scale, bool finite) {
  if (!finite) {
    ++scale.skipped_steps;
    scale.good_steps = 0;
    scale.scale *= kFall;
    if (scale.scale < kSmallest) {
      throw Error("gradients are not finite in float16, whatever the loss is scaled by (" +
                  std::to_string(scale.skipped_steps) +
                  " iterations made no update); lower train.learning_rate or choose "
                  "train.precision = \"bfloat16\"");
    }
  } else if (++scale.good_steps >= kRiseAfter) {
    scale.good_steps = 0;
    scale.scale = std::min(kLargest, scale.scale * kRise);
  }
}

bool all_finite(const std::vector<at::Tensor>& tensors) {
  if (tensors.empty()) return true;
  return at::stack(at::_foreach_norm(tensors)).isfinite().all().item<bool>();
}

}  // namespace trispike::train
