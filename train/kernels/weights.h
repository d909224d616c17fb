// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What training does to weights besides multiplying with them: the update, and the form in which a
// convolution on a map smaller than its kernel is one matrix product. Plain pointers, one
// implementation per instruction set, as in neuron_layer.h.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

/// gradient += weight_decay * p; m = momentum * m + gradient; p -= learning_rate * m, or with
/// Nesterov's momentum p -= learning_rate * (gradient + momentum * m).
struct SgdConstants {
  float learning_rate, momentum, weight_decay;
  bool nesterov;
};

/// A convolution (stride 1, k x k taps, `padding` zeros around) whose every window covers the whole
/// map of side x side positions: each output sees each input through exactly one tap.
struct WindowShape {
  std::int64_t outputs, inputs;  ///< channels
  std::int64_t kernel, padding, side;
  [[gnu::always_inline]] std::int64_t positions() const { return side * side; }
  /// The tap through which output position `out` sees input position `in` (both y * side + x).
  [[gnu::always_inline]] std::int64_t tap(std::int64_t out, std::int64_t in) const {
    const std::int64_t y = in / side - out / side + padding, x = in % side - out % side + padding;
    return y * kernel + x;
  }
};

template <class Weight, class Store>
struct WindowKernels {
  /// matrix[(out, output channel)][(in, input channel)] = weight[output][tap(out, in)][input].
  void (*spread)(const WindowShape&, const Weight* weight, Store* matrix, int threads);
  /// The reverse for gradients: gradient[output][tap][input] is the sum of all places of its tap.
  void (*gather)(const WindowShape&, const Store* matrix, Weight* gradient, int threads);
};

struct WeightTable {
  void (*sgd)(float* p, float* m, const float* gradient, std::int64_t n, const SgdConstants&,
              int threads);
  WindowKernels<float, float> f32;
  WindowKernels<float, BFloat16> bf16;
  WindowKernels<double, double> f64;
};

/// Those of neuron_layer_target().
const WeightTable& weight_table();

}  // namespace trispike::train::kernels
