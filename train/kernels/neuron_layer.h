// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Batch norm + (residual) + LIF + amplitude over all time steps in one pass, forward and backward.
// The membrane potential is never stored: backward recomputes it from the norm's input. Plain
// pointers, no LibTorch; one implementation template, compiled once per instruction set
// (neuron_layer_<target>.cpp).
//
// Layout: channels-last, time first: element (t, row, c) of a map is at (t * rows + row) * channels
// + c, where a row is one position of one sample. All sums are made over fixed chunks of rows in a
// fixed order, so that results do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/element.h"

namespace trispike::train::kernels {

constexpr std::int64_t kBlockElements = 1024;
constexpr std::int64_t kMaxChunks = 64;

/// A residual and `broadcast` exclude each other; with `broadcast`, groups is 1.
struct MapSize {
  std::int64_t time_steps;
  std::int64_t rows;  ///< of one time step
  std::int64_t channels;
  bool broadcast;       ///< the norm's input holds one time step, seen at every step (static image)
  std::int64_t groups;  ///< sets of batch statistics: 1, or time_steps (one each)
};

/// Per channel and group [groups, channels]: normalised input = y * scale + shift.
template <class Real>
struct NormConstants {
  const Real* scale;
  const Real* shift;
  const Real* mean;         ///< of the batch (backward only)
  const Real* inverse_std;  ///< of the batch (backward only)
};

/// Number of chunks that `size` is cut into; independent of the number of threads.
std::int64_t chunk_count(const MapSize& size);
/// Elements of Real that each thread's workspace needs.
std::int64_t workspace_size(const MapSize& size);

template <class Store, class Real>
struct NeuronLayerKernels {
  /// sums[chunk][group][2][channels]: of y - pilot and of its square. With broadcast: one group.
  void (*statistics)(const MapSize&, const Store* y, const Real* pilot, double* sums,
                     Real* workspace, int threads);
  /// out = amplitude * spike; fired[chunk]: number of spikes of either sign.
  void (*forward)(const MapSize&, const NeuronConstants<Real>&, const NormConstants<Real>&,
                  const Store* y, const Store* residual, Store* out, double* fired, Real* workspace,
                  int threads);
  /// grad_input: dL/d(normalised input [+ residual]); one time step if broadcast. `rate_gradient`
  /// is dL/d(fraction of neurons that fire) / elements. sums[chunk][group][2][channels]: of the
  /// gradient and of gradient * xhat, then amplitude_sums[chunk] and threshold_sums[chunk], of
  /// their gradients, or null if there is no amplitude, or the threshold is not trainable.
  void (*backward)(const MapSize&, const NeuronConstants<Real>&, const NormConstants<Real>&,
                   const Store* y, const Store* residual, const Store* grad_out, Real rate_gradient,
                   Store* grad_input, double* sums, double* amplitude_sums, double* threshold_sums,
                   Real* workspace, int threads);
  /// grad_y = a * grad_input + b * y + c, with a, b, c per group and channel. May be in place.
  void (*norm_backward)(const MapSize&, const Store* y, const Store* grad_input, Store* grad_y,
                        const Real* a, const Real* b, const Real* c, Real* workspace, int threads);
};

/// The kernels of one instruction set, per storage type.
struct NeuronLayerTable {
  NeuronLayerKernels<float, float> f32;
  NeuronLayerKernels<BFloat16, float> bf16;
  NeuronLayerKernels<double, double> f64;
};

struct EventTable;   // spike_events.h
struct PatchTable;   // patches.h
struct PoolTable;    // pool.h
struct WeightTable;  // weights.h
struct SpikeTable;   // spikes.h

struct NeuronLayerTarget {
  std::string_view name;  ///< "avx512", "avx2", "scalar"
  bool (*supported)();
  const NeuronLayerTable* table;
  const EventTable* events;
  const PatchTable* patches;
  const PoolTable* pools;
  const WeightTable* weights;
  const SpikeTable* spikes;
};

/// Best first; the last one runs everywhere.
std::span<const NeuronLayerTarget> neuron_layer_targets();
/// The first supported one, or the one TRISPIKE_TARGET names (throws ConfigError).
const NeuronLayerTarget& neuron_layer_target();

template <class Store>
struct KernelsOf;
template <>
struct KernelsOf<float> {
  using Real = float;
  static const auto& get(const NeuronLayerTarget& target) { return target.table->f32; }
};
template <>
struct KernelsOf<BFloat16> {
  using Real = float;
  static const auto& get(const NeuronLayerTarget& target) { return target.table->bf16; }
};
template <>
struct KernelsOf<double> {
  using Real = double;
  static const auto& get(const NeuronLayerTarget& target) { return target.table->f64; }
};

}  // namespace trispike::train::kernels
