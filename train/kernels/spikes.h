// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spikes as two bits each, for what backward keeps. Plain pointers, one implementation per
// instruction set, as in neuron_layer.h.
#pragma once

#include <cstdint>

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

/// A block of so many elements becomes a quarter of it in bytes: byte j holds elements j, j + 64,
/// j + 128 and j + 192, lowest bits first; 1 is positive, 2 negative. So vectors need no shuffles.
constexpr std::int64_t kSpikeBlock = 256;

constexpr std::int64_t packed_spike_bytes(std::int64_t count) {
  return (count + kSpikeBlock - 1) / kSpikeBlock * (kSpikeBlock / 4);
}

template <class Store, class Real>
struct SpikeKernels {
  /// `x` holds zeros and numbers of one magnitude. Writes packed_spike_bytes(count) bytes and
  /// returns the magnitude.
  Real (*pack)(std::int64_t count, const Store* x, std::uint8_t* packed, int threads);
  /// The same numbers again, bit for bit (but a negative zero).
  void (*unpack)(std::int64_t count, const std::uint8_t* packed, Real magnitude, Store* x,
                 int threads);
};

struct SpikeTable {
  SpikeKernels<float, float> f32;
  SpikeKernels<BFloat16, float> bf16;
  SpikeKernels<double, double> f64;
};

/// Those of neuron_layer_target().
const SpikeTable& spike_table();

}  // namespace trispike::train::kernels
