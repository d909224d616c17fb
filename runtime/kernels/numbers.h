// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The number types of each arithmetic. Executor, packing and kernels are templates over `Number`:
// float, double, Integer, or a test's number that cannot multiply.
#pragma once

#include <cstdint>

#include "trispike/model/neurons/integer_lif.h"
#include "trispike/model/neurons/lif.h"

namespace trispike::runtime {

template <class Number>
struct Types {
  using Weight = Number;     ///< what an event adds: rows of these, one per output channel
  using Constant = Number;   ///< what an event adds to its own channel only
  using Current = Number;    ///< their sums
  using Potential = Number;  ///< membrane potentials, and sums that are not events
  using Value = Number;      ///< the input and real-valued maps
  using Factor = Number;     ///< what multiplies them
  using Neurons = model::LifConstants<Number>;
};

/// A weight within +-127, kept plus 128 (vector kernels may keep smaller ones plus less:
/// EventInput::bias). Bytes without sign can be summed in pairs in 16-bit lanes;
/// what they have too much is known from the number of rows.
class BiasedByte {
 public:
  static constexpr std::int32_t kBias = 128;

  BiasedByte() = default;
  explicit BiasedByte(double weight)
      : bits_(static_cast<std::uint8_t>(static_cast<std::int32_t>(weight) + kBias)) {}
  explicit operator std::int32_t() const { return bits_ - kBias; }
  /// The same weight kept plus `bias` instead.
  BiasedByte biased_by(std::int32_t bias) const {
    BiasedByte other;
    other.bits_ = static_cast<std::uint8_t>(bits_ - kBias + bias);
    return other;
  }

 private:
  std::uint8_t bits_ = kBias;
};
static_assert(sizeof(BiasedByte) == 1);

/// Integer neurons of one layer: thresholds of their own, [channels].
struct IntegerNeurons {
  model::IntegerLif shared;
  const std::int32_t* threshold;
};

/// Integer arithmetic (docs/integer.md).
struct Integer {};

template <>
struct Types<Integer> {
  using Weight = BiasedByte;
  using Constant = std::int32_t;
  using Current = std::int32_t;
  using Potential = std::int32_t;
  using Value = std::int16_t;
  using Factor = std::int16_t;
  using Neurons = IntegerNeurons;
};

/// The constants of channel `c`.
template <class Real>
TRISPIKE_HD const model::LifConstants<Real>& neuron_at(const model::LifConstants<Real>& neurons,
                                                       std::int64_t) {
  return neurons;
}
TRISPIKE_HD model::IntegerLif neuron_at(const IntegerNeurons& neurons, std::int64_t c) {
  model::IntegerLif neuron = neurons.shared;
  neuron.threshold = neurons.threshold[c];
  return neuron;
}

}  // namespace trispike::runtime
