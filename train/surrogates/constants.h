// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What all surrogate gradients share. The kernels that include this are compiled once per
// instruction set: everything here is inlined, nothing may leave a symbol behind.
#pragma once

#if defined(__CUDACC__)
#define TRISPIKE_SURROGATE __host__ __device__ __forceinline__
#else
#define TRISPIKE_SURROGATE inline __attribute__((always_inline))
#endif

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
TRISPIKE_SURROGATE Real magnitude(Real v) {
  return v < Real(0) ? -v : v;
}

/// Distance to the nearest threshold: |u| - V, or u - V without negative spikes.
template <class Real>
TRISPIKE_SURROGATE Real distance(const SurrogateConstants<Real>& k, Real u) {
  const Real value = k.two_sided != Real(0) ? magnitude(u) : u;
  return value - k.threshold;
}

TRISPIKE_SURROGATE float exponential(float v) { return __builtin_expf(v); }
TRISPIKE_SURROGATE double exponential(double v) { return __builtin_exp(v); }

}  // namespace trispike::train
