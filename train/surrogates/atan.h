// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// 1 / (2 width) / (1 + (pi z / (2 width))^2) (PLIF, SEW: Fang et al. 2021).
struct AtanSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kAtan;
  static double height(double width) { return 1.0 / (2.0 * width); }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    const Real scaled = Real(1.57079632679489661923) * distance(k, u) * k.inverse_width;
    return k.height / (Real(1) + scaled * scaled);
  }
};

}  // namespace trispike::train
