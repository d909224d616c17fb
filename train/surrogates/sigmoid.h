// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// s(z/width) (1 - s(z/width)) / width with s the logistic function (OTTT: Xiao et al. 2022).
struct SigmoidSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kSigmoid;
  static double height(double width) { return 1.0 / width; }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    // With e = exp(-|z| / width): s (1 - s) = e / (1 + e)^2, which cannot overflow.
    const Real e = exponential(-magnitude(distance(k, u)) * k.inverse_width);
    return k.height * e / ((Real(1) + e) * (Real(1) + e));
  }
};

}  // namespace trispike::train
