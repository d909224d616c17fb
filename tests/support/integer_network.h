// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The definition of integer arithmetic (docs/integer.md): plain loops over 64-bit integers, layer
// by layer. Shares no arithmetic with the library.
#pragma once

#include <cstdint>
#include <vector>

#include "trispike/model/activity.h"
#include "trispike/model/model_data.h"

namespace trispike::test {

struct IntegerResult {
  std::vector<double> logits;              ///< [classes], mean over the time steps
  std::vector<model::SpikeRecord> spikes;  ///< spiking layers in execution order, [T, C, H, W]
};

/// Runs one input, [C, H, W] (static) or [T, C, H, W] (frames), of a quantised model.
IntegerResult run_integer(const model::ModelData& model, const std::vector<double>& input);

}  // namespace trispike::test
