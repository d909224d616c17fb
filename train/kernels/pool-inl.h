// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of pool.h. Included after neuron_layer-inl.h, once per instruction set; the same
// rules hold.
#include "kernels/pool.h"

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

template <class Store, class Real>
void pool_forward(const PoolShape& shape, const Store* x, Store* out, int threads) {
  const std::int64_t window = shape.window, channels = shape.channels;
  const std::int64_t rows = shape.samples * shape.height / window, columns = shape.width / window;
  const Real share = Real(1) / static_cast<Real>(window * window);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const Store* corner = x + (row * window * shape.width + column * window) * channels;
      Store* to = out + (row * columns + column) * channels;
#pragma omp simd
      for (std::int64_t c = 0; c < channels; ++c) {
        Real sum = Real(0);
        for (std::int64_t dy = 0; dy < window; ++dy) {
          for (std::int64_t dx = 0; dx < window; ++dx) {
            sum += load(corner + (dy * shape.width + dx) * channels + c);
          }
        }
        store(to + c, sum * share);
      }
    }
  }
}

/// The window of nearly all networks, its loops unrolled.
template <class Store, class Real>
void pool_forward_2(const PoolShape& shape, const Store* x, Store* out, int threads) {
  const std::int64_t channels = shape.channels, line = shape.width * channels;
  const std::int64_t rows = shape.samples * shape.height / 2, columns = shape.width / 2;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const Store* upper = x + row * 2 * line + column * 2 * channels;
      const Store* lower = upper + line;
      Store* to = out + (row * columns + column) * channels;
#pragma omp simd
      for (std::int64_t c = 0; c < channels; ++c) {
        const Real sum = load(upper + c) + load(upper + channels + c) + load(lower + c) +
                         load(lower + channels + c);
        store(to + c, sum * Real(0.25));
      }
    }
  }
}

template <class Store, class Real>
void pool_either(const PoolShape& shape, const Store* x, Store* out, int threads) {
  if (shape.window == 2) {
    pool_forward_2<Store, Real>(shape, x, out, threads);
  } else {
    pool_forward<Store, Real>(shape, x, out, threads);
  }
}

template <class Store, class Real>
void pool_backward(const PoolShape& shape, const Store* grad_out, Store* grad_x, int threads) {
  const std::int64_t window = shape.window, channels = shape.channels;
  const std::int64_t lines = shape.samples * shape.height, columns = shape.width / window;
  const Real share = Real(1) / static_cast<Real>(window * window);
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t line = 0; line < lines; ++line) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const Store* from = grad_out + (line / window * columns + column) * channels;
      Store* to = grad_x + (line * shape.width + column * window) * channels;
      for (std::int64_t dx = 0; dx < window; ++dx) {
#pragma omp simd
        for (std::int64_t c = 0; c < channels; ++c) {
          store(to + dx * channels + c, load(from + c) * share);
        }
      }
    }
  }
}

template <class Store, class Real>
constexpr PoolKernels<Store> pool_of() {
  return {pool_either<Store, Real>, pool_backward<Store, Real>};
}

constexpr PoolTable pool_kernels() {
  return {pool_of<float, float>(), pool_of<BFloat16, float>(), pool_of<double, double>()};
}

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
