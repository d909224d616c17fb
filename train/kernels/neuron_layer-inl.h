// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of neuron_layer.h. Included by one .cpp per instruction set, which sets
// TRISPIKE_KERNEL_NAMESPACE; no function of the standard library is instantiated here, since the
// linker might keep this file's copy for machines that cannot run it.
//
// A block is a run of rows with about kBlockElements elements: rows are contiguous, so loops over a
// block are flat, with the per-channel constants tiled to its length.
#include <omp.h>

#include <cstdint>

#include "kernels/neuron_layer.h"
#include "surrogates/surrogates.h"

#ifndef TRISPIKE_KERNEL_NAMESPACE
#error "define TRISPIKE_KERNEL_NAMESPACE before including this file"
#endif

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

#define TRISPIKE_INLINE inline __attribute__((always_inline))

/// Asks for `n` elements from memory. Blocks of one time step are far from those of the next, so
/// the processor does not foresee by itself what comes; maps are read at twice the speed with this.
template <class Store>
TRISPIKE_INLINE void prefetch(const Store* p, std::int64_t n) {
  constexpr std::int64_t kLine = 64;
  const char* bytes = reinterpret_cast<const char*>(p);
  const std::int64_t end = n * static_cast<std::int64_t>(sizeof(Store));
  for (std::int64_t i = 0; i < end; i += kLine) __builtin_prefetch(bytes + i);
}

/// How a map is cut into blocks of rows and chunks of blocks.
struct Cut {
  std::int64_t rows, channels, rows_per_block, elements, blocks, chunks;
  explicit Cut(const MapSize& size) : rows(size.rows), channels(size.channels) {
    const std::int64_t fitting = kBlockElements / size.channels;
    rows_per_block = fitting > 1 ? fitting : 1;
    elements = rows_per_block * size.channels;
    blocks = (size.rows + rows_per_block - 1) / rows_per_block;
    chunks = blocks < kMaxChunks ? blocks : kMaxChunks;
  }
  std::int64_t first_block(std::int64_t chunk) const { return chunk * blocks / chunks; }
  /// Elements of the block behind the one of `n` elements at `row`.
  std::int64_t clip(std::int64_t row, std::int64_t n) const {
    const std::int64_t left = (rows - row) * channels - n;
    return left < elements ? left : elements;
  }
};

template <class Real>
void tile(const Real* values, std::int64_t channels, std::int64_t elements, Real* out) {
  for (std::int64_t i = 0; i < elements; i += channels) {
    for (std::int64_t c = 0; c < channels; ++c) out[i + c] = values[c];
  }
}

/// Adds a tiled float accumulator to per-channel double sums and clears it.
template <class Real>
void flush(Real* tiled, std::int64_t channels, std::int64_t elements, double* sums) {
  for (std::int64_t i = 0; i < elements; i += channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      sums[c] += static_cast<double>(tiled[i + c]);
      tiled[i + c] = Real(0);
    }
  }
}

/// Float accumulators are emptied into double ones after this many blocks.
constexpr std::int64_t kFlushEvery = 16;

template <class Store, class Real>
void statistics(const MapSize& size, const Store* y, const Real* pilot, double* sums,
                Real* workspace, int threads) {
  const Cut cut(size);
  const std::int64_t channels = size.channels, elements = cut.elements;
  const std::int64_t steps = size.broadcast ? 1 : size.time_steps;
  const std::int64_t groups = size.broadcast ? 1 : size.groups;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t chunk = 0; chunk < cut.chunks; ++chunk) {
    Real* mine = workspace + omp_get_thread_num() * workspace_size(size);
    Real* shift = mine;
    Real* sum = mine + elements;
    Real* square = sum + elements;
    double* out = sums + chunk * groups * 2 * channels;
    for (std::int64_t i = 0; i < groups * 2 * channels; ++i) out[i] = 0.0;
    for (std::int64_t i = 0; i < 2 * elements; ++i) sum[i] = Real(0);
    tile(pilot, channels, elements, shift);
    for (std::int64_t t = 0; t < steps; ++t) {
      const std::int64_t group = groups == 1 ? 0 : t;
      double* to = out + group * 2 * channels;
      const std::int64_t first = cut.first_block(chunk), last = cut.first_block(chunk + 1);
      for (std::int64_t block = first; block < last; ++block) {
        const std::int64_t row = block * cut.rows_per_block;
        const std::int64_t left = (size.rows - row) * channels;
        const std::int64_t n = left < elements ? left : elements;
        const Store* in = y + (t * size.rows + row) * channels;
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) {
          const Real v = load(in + i) - shift[i];
          sum[i] += v;
          square[i] += v * v;
        }
        if ((block - first) % kFlushEvery == kFlushEvery - 1 || block + 1 == last) {
          flush(sum, channels, elements, to);
          flush(square, channels, elements, to + channels);
        }
      }
    }
  }
}

template <class Real>
struct TiledNorm {
  Real* scale;
  Real* shift;
  Real* mean;
};

/// Tiles the norm constants of all groups into `space` [3, groups, elements].
template <class Real>
TiledNorm<Real> tile_norm(const MapSize& size, const NormConstants<Real>& norm,
                          std::int64_t elements, bool backward, Real* space) {
  const std::int64_t stride = size.groups * elements;
  TiledNorm<Real> tiled{space, space + stride, space + 2 * stride};
  for (std::int64_t g = 0; g < size.groups; ++g) {
    const std::int64_t from = g * size.channels, to = g * elements;
    tile(norm.scale + from, size.channels, elements, tiled.scale + to);
    tile(norm.shift + from, size.channels, elements, tiled.shift + to);
    if (backward) tile(norm.mean + from, size.channels, elements, tiled.mean + to);
  }
  return tiled;
}

template <bool kResidual, class Store, class Real>
TRISPIKE_INLINE Real input_current(const Store* y, const Store* residual, std::int64_t i,
                                   Real scale, Real shift) {
  const Real x = normalised<Real>(load(y + i), scale, shift);
  if constexpr (kResidual) return x + load(residual + i);
  return x;
}

template <bool kResidual, class Store, class Real>
void forward_impl(const MapSize& size, const NeuronConstants<Real>& neuron,
                  const NormConstants<Real>& norm, const Store* y, const Store* residual,
                  Store* out, double* fired, Real* workspace, int threads) {
  const Cut cut(size);
  const std::int64_t channels = size.channels, elements = cut.elements;
  const model::LifConstants<Real> lif = neuron.lif;
  const Real amplitude = neuron.amplitude;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t chunk = 0; chunk < cut.chunks; ++chunk) {
    Real* u = workspace + omp_get_thread_num() * workspace_size(size);
    const TiledNorm<Real> tiled = tile_norm(size, norm, elements, false, u + elements);
    double count = 0.0;
    for (std::int64_t block = cut.first_block(chunk); block < cut.first_block(chunk + 1); ++block) {
      const std::int64_t row = block * cut.rows_per_block;
      const std::int64_t left = (size.rows - row) * channels;
      const std::int64_t n = left < elements ? left : elements;
      for (std::int64_t i = 0; i < n; ++i) u[i] = Real(0);
      for (std::int64_t t = 0; t < size.time_steps; ++t) {
        const std::int64_t at = (t * size.rows + row) * channels;
        const Store* in = y + (size.broadcast ? row * channels : at);
        const Store* extra = kResidual ? residual + at : nullptr;
        Store* to = out + at;
        const std::int64_t group = size.groups == 1 ? 0 : t * elements;
        const Real* scale = tiled.scale + group;
        const Real* shift = tiled.shift + group;
        if (n == elements && !(size.broadcast && t > 0)) {  // of the next block
          prefetch(in + n, cut.clip(row, n));
          if constexpr (kResidual) prefetch(extra + n, cut.clip(row, n));
        }
        Real spikes = Real(0);
#pragma omp simd reduction(+ : spikes)
        for (std::int64_t i = 0; i < n; ++i) {
          const Real x = input_current<kResidual>(in, extra, i, scale[i], shift[i]);
          const Real before = model::charge(lif, u[i], x);
          const Real spike = model::fire(lif, before);
          u[i] = model::reset(lif, before, spike);
          spikes += spike * spike;
          store(to + i, amplitude * spike);
        }
        count += static_cast<double>(spikes);
      }
    }
    fired[chunk] = count;
  }
}

template <class Store, class Real>
void forward(const MapSize& size, const NeuronConstants<Real>& neuron,
             const NormConstants<Real>& norm, const Store* y, const Store* residual, Store* out,
             double* fired, Real* workspace, int threads) {
  if (residual) {
    forward_impl<true>(size, neuron, norm, y, residual, out, fired, workspace, threads);
  } else {
    forward_impl<false>(size, neuron, norm, y, residual, out, fired, workspace, threads);
  }
}

/// The parts of a thread's workspace in backward.
template <class Real>
struct BackwardSpace {
  Real *u, *grad_u, *grad_sum, *surrogate, *amplitude, *threshold, *potential, *accumulated;
  Real* constants;
  BackwardSpace(const MapSize& size, std::int64_t elements, Real* space) {
    u = space;
    grad_u = u + elements;
    grad_sum = grad_u + elements;
    surrogate = grad_sum + elements;
    amplitude = surrogate + elements;
    threshold = amplitude + elements;
    potential = threshold + elements;                      // [T, elements]
    accumulated = potential + size.time_steps * elements;  // [groups, 2, elements]
    constants = accumulated + size.groups * 2 * elements;  // [3, groups, elements]
  }
};

enum class Trained {
  /// What most recipes train, with its constants known to the compiler: straight-through surrogate,
  /// hard reset that gradients flow through, no amplitude, no firing-rate objective.
  kPlain,
  kGeneral,
  kThreshold  ///< and the threshold
};

template <bool kResidual, bool kBroadcast, Trained kTrained, class Store, class Real>
void backward_impl(const MapSize& size, const NeuronConstants<Real>& neuron,
                   const NormConstants<Real>& norm, const Store* y, const Store* residual,
                   const Store* grad_out, Real rate_gradient, Store* grad_input, double* sums,
                   double* amplitude_sums, double* threshold_sums, Real* workspace, int threads) {
  constexpr bool kPlain = kTrained == Trained::kPlain;
  constexpr bool kThreshold = kTrained == Trained::kThreshold;
  const Cut cut(size);
  const std::int64_t channels = size.channels, elements = cut.elements;
  const std::int64_t sums_per_chunk = size.groups * 2 * channels;
  model::LifConstants<Real> lif = neuron.lif;
  if constexpr (kPlain) {
    lif.hard_reset = lif.reset_gradient = Real(1);
    lif.soft_reset = Real(0);
  }
  const SurrogateConstants<Real> window = neuron.surrogate;
  const NeuronConstants<Real> constants = neuron;  // not a reference that stores might change
  const Real amplitude = kPlain ? Real(1) : neuron.amplitude;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t chunk = 0; chunk < cut.chunks; ++chunk) {
    const BackwardSpace<Real> space(size, elements,
                                    workspace + omp_get_thread_num() * workspace_size(size));
    const TiledNorm<Real> tiled = tile_norm(size, norm, elements, true, space.constants);
    for (std::int64_t i = 0; i < size.groups * 2 * elements; ++i) space.accumulated[i] = Real(0);
    double* out = sums + chunk * sums_per_chunk;
    for (std::int64_t i = 0; i < sums_per_chunk; ++i) out[i] = 0.0;
    for (std::int64_t i = 0; i < elements; ++i) space.amplitude[i] = space.threshold[i] = Real(0);
    double amplitude_sum = 0.0, threshold_sum = 0.0;
    const std::int64_t first = cut.first_block(chunk), last = cut.first_block(chunk + 1);
    for (std::int64_t block = first; block < last; ++block) {
      const std::int64_t row = block * cut.rows_per_block;
      const std::int64_t left = (size.rows - row) * channels;
      const std::int64_t n = left < elements ? left : elements;
      Real *u = space.u, *grad_u = space.grad_u, *grad_sum = space.grad_sum;
      for (std::int64_t i = 0; i < n; ++i) u[i] = grad_u[i] = grad_sum[i] = Real(0);

      for (std::int64_t t = 0; t < size.time_steps; ++t) {  // the potentials, as in forward
        const std::int64_t at = (t * size.rows + row) * channels;
        const Store* in = y + (size.broadcast ? row * channels : at);
        const Store* extra = kResidual ? residual + at : nullptr;
        const std::int64_t group = size.groups == 1 ? 0 : t * elements;
        const Real* scale = tiled.scale + group;
        const Real* shift = tiled.shift + group;
        Real* before = space.potential + t * elements;
        prefetch(grad_out + at, n);
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) {
          const Real x = input_current<kResidual>(in, extra, i, scale[i], shift[i]);
          const Real h = model::charge(lif, u[i], x);
          before[i] = h;
          u[i] = model::reset(lif, h, model::fire(lif, h));
        }
      }

      for (std::int64_t t = size.time_steps - 1; t >= 0; --t) {
        const std::int64_t at = (t * size.rows + row) * channels;
        const Store* in = y + (size.broadcast ? row * channels : at);
        const Store* from = grad_out + at;
        [[maybe_unused]] Store* to = grad_input + at;
        if (n == elements && !(size.broadcast && t > 0)) {  // of the next block
          prefetch(in + n, cut.clip(row, n));
          if constexpr (kResidual) prefetch(residual + at + n, cut.clip(row, n));
        }
        const Real* before = space.potential + t * elements;
        Real* surrogate = space.surrogate;
        if constexpr (!kPlain) {
          Surrogates::visit(
              neuron.surrogate_kind, [&](auto kind) __attribute__((always_inline)) {
#pragma omp simd
                for (std::int64_t i = 0; i < n; ++i) {
                  surrogate[i] = kind.derivative(window, before[i]);
                }
              });
        }
        const std::int64_t group = size.groups == 1 ? 0 : t;
        const Real* mean = tiled.mean + group * elements;
        Real* sum = space.accumulated + group * 2 * elements;
        Real* product = sum + elements;
        Real* amplitude_part = space.amplitude;
        [[maybe_unused]] Real* threshold_part = space.threshold;
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) {
          const Real h = before[i];
          const Real spike = model::fire(lif, h);
          const Real incoming = load(from + i);
          Real gradient;
          if constexpr (kPlain) {
            gradient = model::step_back(lif, grad_u[i], h, spike, incoming,
                                        StraightThroughSurrogate::derivative(window, h));
          } else {
            amplitude_part[i] += incoming * spike;
            const Real pull = hinge_pull(constants, h);
            if constexpr (kThreshold) {
              threshold_part[i] += model::threshold_gradient(lif, grad_u[i], h, spike,
                                                             amplitude * incoming, surrogate[i]) -
                                   rate_gradient * Real(kRateHinge) * pull * pull;
            }
            gradient = model::step_back(lif, grad_u[i], h, spike, amplitude * incoming,
                                        surrogate[i], rate_gradient * pull);
          }
          if constexpr (kBroadcast) {
            grad_sum[i] += gradient;
          } else {
            store(to + i, gradient);
            sum[i] += gradient;
            product[i] += gradient * (load(in + i) - mean[i]);
          }
        }
      }

      if constexpr (kBroadcast) {  // all time steps share the statistics of the one map
        const Store* in = y + row * channels;
        Store* to = grad_input + row * channels;
        Real* sum = space.accumulated;
        Real* product = sum + elements;
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) {
          store(to + i, grad_sum[i]);
          sum[i] += grad_sum[i];
          product[i] += grad_sum[i] * (load(in + i) - tiled.mean[i]);
        }
      }
      if ((block - first) % kFlushEvery == kFlushEvery - 1 || block + 1 == last) {
        for (std::int64_t g = 0; g < size.groups * 2; ++g) {
          flush(space.accumulated + g * elements, channels, elements, out + g * channels);
        }
        for (std::int64_t i = 0; !kPlain && i < elements; ++i) {
          amplitude_sum += static_cast<double>(space.amplitude[i]);
          space.amplitude[i] = Real(0);
        }
        for (std::int64_t i = 0; kThreshold && i < elements; ++i) {
          threshold_sum += static_cast<double>(space.threshold[i]);
          space.threshold[i] = Real(0);
        }
      }
    }
    // Sums of gradient * (y - mean) so far.
    for (std::int64_t g = 0; g < size.groups; ++g) {
      double* product = out + (g * 2 + 1) * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        product[c] *= static_cast<double>(norm.inverse_std[g * channels + c]);
      }
    }
    if (amplitude_sums) amplitude_sums[chunk] = amplitude_sum;
    if (threshold_sums) threshold_sums[chunk] = threshold_sum;
  }
}

template <Trained kTrained, class Store, class Real>
auto backward_of(const Store* residual, const MapSize& size) {
  return residual         ? backward_impl<true, false, kTrained, Store, Real>
         : size.broadcast ? backward_impl<false, true, kTrained, Store, Real>
                          : backward_impl<false, false, kTrained, Store, Real>;
}

template <class Store, class Real>
void backward(const MapSize& size, const NeuronConstants<Real>& neuron,
              const NormConstants<Real>& norm, const Store* y, const Store* residual,
              const Store* grad_out, Real rate_gradient, Store* grad_input, double* sums,
              double* amplitude_sums, double* threshold_sums, Real* workspace, int threads) {
  const model::LifConstants<Real>& lif = neuron.lif;
  const bool plain = neuron.surrogate_kind == model::SurrogateKind::kStraightThrough &&
                     lif.hard_reset == Real(1) && lif.soft_reset == Real(0) &&
                     lif.reset_gradient == Real(1) && amplitude_sums == nullptr &&
                     threshold_sums == nullptr && rate_gradient == Real(0);
  const auto run = threshold_sums ? backward_of<Trained::kThreshold, Store, Real>(residual, size)
                   : plain        ? backward_of<Trained::kPlain, Store, Real>(residual, size)
                                  : backward_of<Trained::kGeneral, Store, Real>(residual, size);
  run(size, neuron, norm, y, residual, grad_out, rate_gradient, grad_input, sums, amplitude_sums,
      threshold_sums, workspace, threads);
}

template <class Store, class Real>
void norm_backward(const MapSize& size, const Store* y, const Store* grad_input, Store* grad_y,
                   const Real* a, const Real* b, const Real* c, Real* workspace, int threads) {
  const Cut cut(size);
  const std::int64_t channels = size.channels, elements = cut.elements;
  const std::int64_t steps = size.broadcast ? 1 : size.time_steps;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t chunk = 0; chunk < cut.chunks; ++chunk) {
    Real* ta = workspace + omp_get_thread_num() * workspace_size(size);
    Real* tb = ta + elements;
    Real* tc = tb + elements;
    for (std::int64_t t = 0; t < steps; ++t) {
      const std::int64_t group = size.groups == 1 || size.broadcast ? 0 : t;
      if (t == 0 || group != 0) {
        tile(a + group * channels, channels, elements, ta);
        tile(b + group * channels, channels, elements, tb);
        tile(c + group * channels, channels, elements, tc);
      }
      for (std::int64_t block = cut.first_block(chunk); block < cut.first_block(chunk + 1);
           ++block) {
        const std::int64_t row = block * cut.rows_per_block;
        const std::int64_t left = (size.rows - row) * channels;
        const std::int64_t n = left < elements ? left : elements;
        const std::int64_t at = (t * size.rows + row) * channels;
        const Store* in = y + at;
        const Store* gradient = grad_input + at;
        Store* to = grad_y + at;
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) {
          store(to + i, ta[i] * load(gradient + i) + tb[i] * load(in + i) + tc[i]);
        }
      }
    }
  }
}

template <class Store, class Real>
constexpr NeuronLayerKernels<Store, Real> table() {
  return {statistics<Store, Real>, forward<Store, Real>, backward<Store, Real>,
          norm_backward<Store, Real>};
}

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
