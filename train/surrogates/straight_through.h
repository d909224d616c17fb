// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// 1 where |u| <= width (0 <= u <= width without negative spikes), else 0. The paper's and the
/// authors'.
struct StraightThroughSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kStraightThrough;
  static double height(double) { return 1.0; }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    return (u >= k.low ? Real(1) : Real(0)) * (u <= k.width ? Real(1) : Real(0));
  }
};

}  // namespace trispike::train
