// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What an early exit would give: after every time step, how clear the answer is and whether it is
// right.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "trispike/runtime/runtime.h"

namespace trispike::cli {

/// The answer for one sample after t + 1 time steps.
struct StepAnswer {
  double margin;  ///< best mean logit less the second best
  bool correct;
};

/// What a margin costs and gives.
struct EarlyExitPoint {
  double margin;
  double mean_time_steps;
  double accuracy;
};

/// Runs all time steps of a sample on `input`, as Session::run takes it.
std::vector<StepAnswer> answers_of_steps(runtime::Session& session,
                                         const model::NetworkSpec& network,
                                         std::span<const float> input, std::int64_t label);

/// At margin 0 (one time step), at tenths of all margins found before the last step, and at one
/// that no sample reaches, where all steps are taken. Every sample has as many answers.
std::vector<EarlyExitPoint> early_exit_curve(const std::vector<std::vector<StepAnswer>>& samples);

}  // namespace trispike::cli
