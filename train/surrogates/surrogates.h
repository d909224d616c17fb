// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The list of surrogate gradients: one file and one line each.
#pragma once

#include "surrogates/atan.h"
#include "surrogates/constants.h"
#include "surrogates/dspike.h"
#include "surrogates/rectangle.h"
#include "surrogates/sigmoid.h"
#include "surrogates/straight_through.h"
#include "surrogates/triangle.h"

namespace trispike::train {

template <class... Surrogates>
struct SurrogateList {
  /// Calls `f(Surrogate{})` with the surrogate of this kind.
  template <class F>
  static constexpr void visit(model::SurrogateKind kind, F&& f) {
    (void)((kind == Surrogates::kKind && (f(Surrogates{}), true)) || ...);
  }
};

using Surrogates = SurrogateList<StraightThroughSurrogate, RectangleSurrogate, TriangleSurrogate,
                                 SigmoidSurrogate, AtanSurrogate, DspikeSurrogate>;

template <class Real>
SurrogateConstants<Real> lower_surrogate(const model::NeuronSpec& neuron) {
  const double width = neuron.surrogate.width;
  const bool negative = model::info(neuron.kind).negative_spikes;
  double height = 0.0;
  Surrogates::visit(neuron.surrogate.kind, [&](auto s) { height = s.height(width); });
  return {static_cast<Real>(neuron.threshold),
          static_cast<Real>(width),
          static_cast<Real>(1.0 / width),
          static_cast<Real>(height),
          negative ? static_cast<Real>(-width) : Real(0),
          negative ? Real(1) : Real(0)};
}

}  // namespace trispike::train
