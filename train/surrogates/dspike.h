// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "surrogates/constants.h"
#include "trispike/model/neuron.h"

namespace trispike::train {

/// sech^2(z/width) / (2 width tanh(1 / (2 width))) where |z| <= 1/2, else 0 (Li et al. 2021, b =
/// 1/width).
struct DspikeSurrogate {
  static constexpr model::SurrogateKind kKind = model::SurrogateKind::kDspike;
  static double height(double width) {
    return 1.0 / (2.0 * width * std::tanh(1.0 / (2.0 * width)));
  }
  template <class Real>
  TRISPIKE_HD static Real derivative(const SurrogateConstants<Real>& k, Real u) {
    const Real z = magnitude(distance(k, u));
    // sech(v) = 2 e / (1 + e^2) with e = exp(-|v|).
    const Real e = exponential(-z * k.inverse_width);
    const Real sech = Real(2) * e / (Real(1) + e * e);
    return z <= Real(0.5) ? k.height * sech * sech : Real(0);
  }
};

}  // namespace trispike::train
