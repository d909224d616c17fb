// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of weights.h. Included after neuron_layer-inl.h, once per instruction set; the same
// rules hold.
#include "kernels/weights.h"

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

inline void sgd(float* p, float* m, const float* gradient, std::int64_t n, const SgdConstants& c,
                int threads) {
  // Pieces of a fixed size: small tensors stay on one thread.
  constexpr std::int64_t kPiece = 16384;
  const std::int64_t pieces = (n + kPiece - 1) / kPiece;
  const float look_ahead = c.nesterov ? c.momentum : 0.0f;
#pragma omp parallel for schedule(static) num_threads(threads) if (pieces > 1)
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const std::int64_t first = piece * kPiece, last = first + kPiece < n ? first + kPiece : n;
#pragma omp simd
    for (std::int64_t i = first; i < last; ++i) {
      const float g = gradient[i] + c.weight_decay * p[i];
      const float momentum = c.momentum * m[i] + g;
      m[i] = momentum;
      p[i] -= c.learning_rate * (c.nesterov ? g + look_ahead * momentum : momentum);
    }
  }
}

template <class Weight, class Store>
void spread(const WindowShape& shape, const Weight* weight, Store* matrix, int threads) {
  const std::int64_t positions = shape.positions(), inputs = shape.inputs;
  const std::int64_t taps = shape.kernel * shape.kernel;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t o = 0; o < shape.outputs; ++o) {
    for (std::int64_t out = 0; out < positions; ++out) {
      Store* row = matrix + (out * shape.outputs + o) * positions * inputs;
      for (std::int64_t in = 0; in < positions; ++in) {
        const Weight* from = weight + (o * taps + shape.tap(out, in)) * inputs;
        Store* to = row + in * inputs;
#pragma omp simd
        for (std::int64_t i = 0; i < inputs; ++i) store(to + i, from[i]);
      }
    }
  }
}

template <class Weight, class Store>
void gather(const WindowShape& shape, const Store* matrix, Weight* gradient, int threads) {
  const std::int64_t positions = shape.positions(), inputs = shape.inputs;
  const std::int64_t taps = shape.kernel * shape.kernel;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t o = 0; o < shape.outputs; ++o) {
    Weight* mine = gradient + o * taps * inputs;
    for (std::int64_t i = 0; i < taps * inputs; ++i) mine[i] = Weight(0);
    for (std::int64_t out = 0; out < positions; ++out) {
      const Store* row = matrix + (out * shape.outputs + o) * positions * inputs;
      for (std::int64_t in = 0; in < positions; ++in) {
        const Store* from = row + in * inputs;
        Weight* to = mine + shape.tap(out, in) * inputs;
#pragma omp simd
        for (std::int64_t i = 0; i < inputs; ++i) to[i] += load(from + i);
      }
    }
  }
}

constexpr WeightTable weight_kernels() {
  return {sgd,
          {spread<float, float>, gather<float, float>},
          {spread<float, BFloat16>, gather<float, BFloat16>},
          {spread<double, double>, gather<double, double>}};
}

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
