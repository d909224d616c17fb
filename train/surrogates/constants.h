// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What all surrogate gradients share. The kernels that include this are compiled once per
// instruction set: everything here is inlined, nothing may leave a symbol behind.
#pragma once

#include "trispike/model/host_device.h"

namespace trispike::train {

/// Constants of a layer's surrogate, computed once.
template <class Real>
struct SurrogateConstants {
  Real threshold;
  Real width;
  Real inverse_width;
  Real height;     ///< the factor in front, per kind
  Real low;        ///< straight-through: lower end of the window, -width or 0
  Real two_sided;  ///< 1 if the neuron has negative spikes, so that |u| counts; else 0
};

template <class Real>
TRISPIKE_HD Real magnitude(Real v) {
  return v < Real(0) ? -v : v;
}

/// Distance to the nearest threshold: |u| - V, or u - V without negative spikes.
template <class Real>
TRISPIKE_HD Real distance(const SurrogateConstants<Real>& k, Real u) {
  const Real value = k.two_sided != Real(0) ? magnitude(u) : u;
  return value - k.threshold;
}

#if defined(__CUDA_ARCH__)
TRISPIKE_HD float exponential(float v) { return expf(v); }
TRISPIKE_HD double exponential(double v) { return exp(v); }
#else
TRISPIKE_HD float exponential(float v) { return __builtin_expf(v); }
TRISPIKE_HD double exponential(double v) { return __builtin_exp(v); }
#endif

}  // namespace trispike::train
