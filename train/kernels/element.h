// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What is done to one element of a map besides the neuron's equations (model/neurons/lif.h): how it
// is stored, normalised, and pulled down by the firing-rate objective. Shared by the CPU's kernels
// and the GPU's; as in surrogates/constants.h nothing may leave a symbol behind.
#pragma once

#include <cstdint>

#include "surrogates/constants.h"
#include "trispike/model/host_device.h"
#include "trispike/model/neurons/lif.h"

namespace trispike::train::kernels {

/// Storage of a map: computed in float.
struct BFloat16 {
  std::uint16_t bits;
};
/// IEEE binary16. Storage of a map on the GPU.
struct Float16 {
  std::uint16_t bits;
};

/// Fraction of the threshold from which the firing rate's gradient acts.
constexpr double kRateHinge = 0.8;

template <class Real>
struct NeuronConstants {
  model::LifConstants<Real> lif;
  SurrogateConstants<Real> surrogate;
  model::SurrogateKind surrogate_kind;
  Real amplitude;
  Real hinge;  ///< |u| (or u) from which the firing-rate objective pulls the potential down
};

TRISPIKE_HD float load(const float* p) { return *p; }
TRISPIKE_HD double load(const double* p) { return *p; }
TRISPIKE_HD float load(const BFloat16* p) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(p->bits) << 16);
}
TRISPIKE_HD float load(const Float16* p) {
  // The exponent's bias is 112 smaller than float's; a factor turns subnormal numbers right, too.
  const std::uint32_t magnitude = static_cast<std::uint32_t>(p->bits & 0x7fffu) << 13;
  const float scaled = __builtin_bit_cast(float, magnitude) * 0x1p112f;
  const std::uint32_t finite = __builtin_bit_cast(std::uint32_t, scaled);
  const std::uint32_t bits = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : finite;
  return __builtin_bit_cast(float, bits | static_cast<std::uint32_t>(p->bits & 0x8000u) << 16);
}

// Rounded to nearest, ties to even; NaN stays NaN.
TRISPIKE_HD void store(float* p, float v) { *p = v; }
TRISPIKE_HD void store(double* p, double v) { *p = v; }
TRISPIKE_HD void store(BFloat16* p, float v) {
  const std::uint32_t u = __builtin_bit_cast(std::uint32_t, v);
  const std::uint32_t rounded = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
  p->bits = static_cast<std::uint16_t>(v == v ? rounded : 0x7fc0);
}
TRISPIKE_HD void store(Float16* p, float v) {
  const std::uint32_t u = __builtin_bit_cast(std::uint32_t, v);
  const std::uint32_t magnitude = u & 0x7fffffffu;
  // Below 2^-14 the last place of binary16 is 2^-24, that of a float from 0.5 on.
  const float shifted = __builtin_bit_cast(float, magnitude) + 0.5f;
  const std::uint32_t subnormal = __builtin_bit_cast(std::uint32_t, shifted) - 0x3f000000u;
  const std::uint32_t normal = (magnitude - 0x38000000u + 0xfffu + ((magnitude >> 13) & 1)) >> 13;
  std::uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
  if (magnitude >= 0x47800000u) half = 0x7c00u;  // 2^16 and beyond
  if (v != v) half = 0x7e00u;
  p->bits = static_cast<std::uint16_t>(half | (u >> 16 & 0x8000u));
}

/// What the norm makes of y.
template <class Real>
TRISPIKE_HD Real normalised(Real y, Real scale, Real shift) {
  return y * scale + shift;
}

/// The next number above one that is finite and > 0.
TRISPIKE_HD float next_above(float v) {
  return __builtin_bit_cast(float, __builtin_bit_cast(std::uint32_t, v) + 1);
}
TRISPIKE_HD double next_above(double v) {
  return __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, v) + 1);
}

/// The constants of the same neuron with threshold `v`.
template <class Real>
TRISPIKE_HD NeuronConstants<Real> at_threshold(NeuronConstants<Real> k, Real v) {
  const bool strict = k.lif.positive_threshold > k.surrogate.threshold;
  const bool two_sided = k.lif.negative_threshold == -k.lif.positive_threshold;
  k.lif.positive_threshold = strict ? next_above(v) : v;
  if (two_sided) k.lif.negative_threshold = -k.lif.positive_threshold;
  if (k.lif.soft_reset != Real(0)) k.lif.soft_reset = v;
  k.surrogate.threshold = v;
  k.hinge = static_cast<Real>(kRateHinge * static_cast<double>(v));
  return k;
}

/// -1, 0 or 1: which way an objective on the firing rate pushes a potential of u.
template <class Real>
TRISPIKE_HD Real hinge_pull(const NeuronConstants<Real>& k, Real u) {
  const Real negative = k.surrogate.two_sided != Real(0) ? Real(1) : Real(0);
  return (u >= k.hinge ? Real(1) : Real(0)) - negative * (u <= -k.hinge ? Real(1) : Real(0));
}

}  // namespace trispike::train::kernels
