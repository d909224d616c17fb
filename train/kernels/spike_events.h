// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Convolutions of spikes by events: a spike adds a row of weights to each output that sees it, or
// subtracts it, and in the gradient of the weights the outputs' gradients to its row. Zeros cost
// nothing. Plain pointers, one implementation per instruction set, as in neuron_layer.h.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

/// Maps of [samples, height, width] positions; windows of 3x3 taps, stride 1, one zero around.
/// Spikes are packed (spikes.h), channels-last, and stand for numbers of one magnitude.
struct EventShape {
  std::int64_t samples, height, width, inputs, outputs;  ///< the last two: channels, in 16s
};

/// Outputs that forward computes at a time, from so many inputs: their weights stay in the first
/// cache.
constexpr std::int64_t kEventBlock = 16, kEventGroup = 64;

struct EventTable {
  /// out[position][output] from weights[output / kEventBlock][kx][ky][input][output % kEventBlock].
  /// `workspace`: event_workspace numbers per thread.
  void (*forward)(const EventShape&, const std::uint8_t* spikes, float magnitude,
                  const float* weights, float* out, std::uint32_t* workspace, int threads);
  /// weights[input][ky][kx][output] from the gradient of the output [position][output]. Sums of
  /// event_parts(shape) parts of the samples, `sums` has room for them, are added in their order.
  void (*weight_gradient)(const EventShape&, const std::uint8_t* spikes, float magnitude,
                          const float* gradient, float* weights, float* sums,
                          std::uint32_t* workspace, int threads);
};

[[gnu::always_inline]] inline std::int64_t event_workspace(const EventShape& shape) {
  // Lists of spikes of both signs: forward's of a window's three rows; backward's, of half the
  // size, of up to a whole map, and the gradients beside it.
  const std::int64_t forward = 2 * (3 * shape.width * kEventGroup + shape.width + 1);
  const std::int64_t positions = (shape.height + 2) * (shape.width + 2);
  const std::int64_t backward =
      shape.height * shape.width * shape.inputs + 2 * shape.inputs + positions * 32 + 64;
  return forward > backward ? forward : backward;
}

/// Parts of the samples whose weight gradients are summed apart: no more threads than these have
/// work. As many sums as fit in 4 MiB, from 2 (for wide layers, more than that) to 32. Depends on
/// nothing but the shape.
[[gnu::always_inline]] inline std::int64_t event_parts(const EventShape& shape) {
  constexpr std::int64_t kNumbers = 1 << 20, kMost = 32;
  const std::int64_t fitting = kNumbers / (9 * shape.inputs * shape.outputs);
  const std::int64_t parts = fitting < 2 ? 2 : fitting > kMost ? kMost : fitting;
  return parts < shape.samples ? parts : shape.samples;
}

/// Those of neuron_layer_target().
const EventTable& event_table();

}  // namespace trispike::train::kernels
