// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// max(0, width - |z|) / width^2 (TET: Deng et al. 2022).
struct TriangleSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kTriangle;
  static double height(double width) { return 1.0 / (width * width); }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    const Real rest = k.width - magnitude(distance(k, u));
    return (rest > Real(0) ? rest : Real(0)) * k.height;
  }
};

}  // namespace trispike::train
