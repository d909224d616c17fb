// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a convolution on a small map needs to be a matrix product: the patches under its windows as
// the rows of a matrix, and the sum of such rows back into a map. Plain pointers, one
// implementation per instruction set, as in neuron_layer.h.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

/// Maps are [samples, height, width, channels]; windows have kernel x kernel taps, with `padding`
/// zeros around the map. Matrices are [(sample, output row, output column), (tap, channel)].
struct PatchShape {
  std::int64_t samples, height, width, channels;
  std::int64_t kernel, stride, padding;
  [[gnu::always_inline]] std::int64_t out_height() const {
    return (height + 2 * padding - kernel) / stride + 1;
  }
  [[gnu::always_inline]] std::int64_t out_width() const {
    return (width + 2 * padding - kernel) / stride + 1;
  }
  [[gnu::always_inline]] std::int64_t rows() const { return samples * out_height() * out_width(); }
  [[gnu::always_inline]] std::int64_t columns() const { return kernel * kernel * channels; }
};

template <class Store>
struct PatchKernels {
  void (*gather)(const PatchShape&, const Store* map, Store* matrix, int threads);
  /// Every element of the map becomes the sum of its places in the matrix.
  void (*scatter)(const PatchShape&, const Store* matrix, Store* map, int threads);
};

struct PatchTable {
  PatchKernels<float> f32;
  PatchKernels<BFloat16> bf16;
  PatchKernels<double> f64;
};

/// Those of neuron_layer_target().
const PatchTable& patch_table();

}  // namespace trispike::train::kernels
