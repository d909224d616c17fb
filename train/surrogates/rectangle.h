// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// 1 / (2 width) where |z| < width, else 0 (STBP: Wu et al. 2018).
struct RectangleSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kRectangle;
  static double height(double width) { return 1.0 / (2.0 * width); }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    return magnitude(distance(k, u)) < k.width ? k.height : Real(0);
  }
};

}  // namespace trispike::train
