// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The neuron layer of kernels/neuron_layer.h on a GPU: the same layout, the same arithmetic
// (kernels/element.h, kernels/norm.h, model/neurons/lif.h), pointers into the GPU's memory. Nothing
// here waits: what a kernel needs from another stays in that memory. No header of CUDA or LibTorch,
// so that the same bodies are also compiled for the CPU, where tests run them (block.h).
//
// Sums are made in two passes without atomic operations: each block of threads leaves its part,
// then the parts are added in order. Number and order depend on the map's size alone.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::cuda {

using kernels::BFloat16;
using kernels::Float16;
using kernels::MapSize;

/// A queue of the GPU: cudaStream_t.
using Stream = void*;

template <class Store>
struct RealOf {
  using type = float;
};
template <>
struct RealOf<double> {
  using type = double;
};

/// sums[part][group][2][channels]: of y - centre and of its square. With broadcast: one group.
template <class Store>
struct StatisticsArguments {
  MapSize size;
  const Store* y;
  const double* centre;  ///< [channels]
  double* sums;
};

/// out = amplitude * spike; fired[scalar part]: number of spikes of either sign.
template <class Store>
struct ForwardArguments {
  using Real = typename RealOf<Store>::type;
  MapSize size;
  kernels::NeuronConstants<Real> neuron;  ///< its amplitude is not read
  const Real* amplitude;                  ///< null: 1
  const Real* threshold;                  ///< null: the neuron's
  const Real* norm;                       ///< [4, groups, channels] of NormTableArguments
  const Store* y;
  const Store* residual;  ///< or null
  Store* out;
  double* fired;
};

/// What kernels::NeuronLayerKernels::backward computes; sums[part][group][2][channels] and
/// amplitude_sums and threshold_sums [scalar part].
template <class Store>
struct BackwardArguments {
  using Real = typename RealOf<Store>::type;
  MapSize size;
  kernels::NeuronConstants<Real> neuron;
  const Real* amplitude;
  const Real* threshold;
  const Real* norm;
  const Store* y;
  const Store* residual;
  const Store* grad_out;
  const double* rate_gradient;  ///< dL/d(fraction of neurons that fire), or null: 0
  Store* grad_input;
  double* sums;
  double* amplitude_sums;  ///< or null
  double* threshold_sums;  ///< or null
  Real* workspace;         ///< workspace_size() elements
};

/// grad_y = a * grad_input + b * y + c per group and channel; may be in place.
template <class Store>
struct NormBackwardArguments {
  using Real = typename RealOf<Store>::type;
  MapSize size;
  const Store* y;
  const Store* grad_input;
  Store* grad_y;
  const Real* lines;  ///< [3, groups, channels] of NormGradientArguments
};

/// From sums to the rows scale, shift, mean, inverse standard deviation of `table` [4, groups,
/// channels]; running statistics move as PyTorch moves them.
template <class Real>
struct NormTableArguments {
  std::int64_t groups, channels;
  const double* sums;        ///< [groups, 2, channels] about `centre`; null: running statistics
  const double* centre;      ///< [channels]
  double places;             ///< behind each sum
  const double* all_places;  ///< if not null: is read instead of `places`
  double copies;             ///< equal values behind each place (a static current's time steps)
  std::int64_t updates;      ///< of the running statistics: 1, or one per time step
  double momentum, eps, factor;
  const Real* weight;  ///< [channels]; null: no norm, y itself
  const Real* bias;
  Real* running_mean;
  Real* running_var;
  Real* table;
};

/// From sums of gradients to `lines` [3, groups, channels] and the gradients of weight and bias.
template <class Real>
struct NormGradientArguments {
  std::int64_t groups, channels;
  const double* own;  ///< [groups, 2, channels] of this process: of the parameters' gradients
  const double* all;  ///< of all processes
  double places;
  const double* all_places;
  bool batch_statistics;  ///< false: they were running statistics, which do not depend on y
  double factor;
  const Real* table;
  Real* grad_weight;
  Real* grad_bias;
  Real* lines;
};

/// total[columns]: the sum of the parts [parts, columns].
struct CombineArguments {
  std::int64_t parts, columns;
  const double* in;
  double* total;
};

/// One type of maps. Functions return when the work is queued.
template <class Store>
struct NeuronLayerKernels {
  using Real = typename RealOf<Store>::type;
  void (*statistics)(const StatisticsArguments<Store>&, Stream);
  void (*norm_table)(const NormTableArguments<Real>&, Stream);
  void (*forward)(const ForwardArguments<Store>&, Stream);
  void (*backward)(const BackwardArguments<Store>&, Stream);
  void (*norm_gradient)(const NormGradientArguments<Real>&, Stream);
  void (*norm_backward)(const NormBackwardArguments<Store>&, Stream);
};

struct NeuronLayerTable {
  NeuronLayerKernels<float> f32;
  NeuronLayerKernels<double> f64;
  NeuronLayerKernels<BFloat16> bf16;
  NeuronLayerKernels<Float16> f16;
  void (*combine)(const CombineArguments&, Stream);
};

/// Threads of a block.
constexpr int kThreads = 256;
/// Blocks that share the rows of a map, at most: some for each processor of a large GPU.
constexpr std::int64_t kMostParts = 1024;

/// How the threads of a block are spread over a map. A thread has `width` neighbouring channels of
/// every so many rows, so that it keeps their constants and sums; the block covers `lanes` * width
/// channels of rows_per_block rows at a time. More channels than that are cut into tiles.
struct Spread {
  std::int64_t packs;  ///< of `width` channels in a row
  std::int64_t lanes, rows_per_block, parts, tiles;
  TRISPIKE_HD Spread(const MapSize& size, int width)
      : packs(size.channels / width),
        lanes(packs < kThreads ? packs : kThreads),
        rows_per_block(kThreads / lanes),
        parts((size.rows + rows_per_block - 1) / rows_per_block),
        tiles((packs + lanes - 1) / lanes) {
    if (parts > kMostParts) parts = kMostParts;
  }
};

/// Channels that a thread takes together.
TRISPIKE_HD int width_of(const MapSize& size) { return size.channels % 4 == 0 ? 4 : 1; }
/// Numbers of time steps whose potentials stay in registers; others go through the workspace.
TRISPIKE_HD bool in_registers(const MapSize& size) {
  return size.time_steps == 2 || size.time_steps == 4;
}

inline std::int64_t part_count(const MapSize& size) { return Spread(size, width_of(size)).parts; }
inline std::int64_t scalar_part_count(const MapSize& size) {
  const Spread spread(size, width_of(size));
  return spread.parts * spread.tiles;
}
/// Elements that backward needs: per thread its potentials and, with a group per time step, its
/// sums of all time steps.
inline std::int64_t workspace_size(const MapSize& size) {
  const std::int64_t numbers = size.groups > 1 ? 3 : 1;
  const std::int64_t steps = in_registers(size) ? 0 : size.time_steps;
  return scalar_part_count(size) * kThreads * numbers * steps * width_of(size);
}

}  // namespace trispike::train::cuda
