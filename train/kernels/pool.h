// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Average pooling by whole windows on channels-last maps. Plain pointers, one implementation per
// instruction set, as in neuron_layer.h.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

/// `samples` maps of height x width positions with `channels` each; both sides are multiples of
/// `window`.
struct PoolShape {
  std::int64_t samples, height, width, channels, window;
};

template <class Store>
struct PoolKernels {
  void (*forward)(const PoolShape&, const Store* x, Store* out, int threads);
  /// Every element of a window gets its share of the window's gradient.
  void (*backward)(const PoolShape&, const Store* grad_out, Store* grad_x, int threads);
};

struct PoolTable {
  PoolKernels<float> f32;
  PoolKernels<BFloat16> bf16;
  PoolKernels<double> f64;
};

/// Those of neuron_layer_target().
const PoolTable& pool_table();

}  // namespace trispike::train::kernels
