// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A sample time step by time step, for what Session::run does not tell.
#pragma once

#include <cstddef>
#include <span>

#include "trispike/runtime/runtime.h"

namespace trispike::cli {

/// Runs all time steps of a sample on `input`, as Session::run takes it; after each calls
/// `each(t, logits)` with the logits of this step alone.
template <class Each>
void run_steps(runtime::Session& session, const model::NetworkSpec& network,
               std::span<const float> input, Each each) {
  const bool is_static = network.input().kind == model::InputKind::kStatic;
  const auto map = static_cast<std::size_t>(network.input().shape.elements());
  session.reset();
  for (int t = 0; t < network.time_steps; ++t) {
    each(t, is_static ? session.step(t == 0 ? input : std::span<const float>())
                      : session.step(input.subspan(static_cast<std::size_t>(t) * map, map)));
  }
}

}  // namespace trispike::cli
