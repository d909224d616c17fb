// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a set of kernels can do. All maps are position-major: position y * width + x, then channels,
// each position padded with zeros to `stride` numbers. A kernel works on a range of destination
// positions and reads its inputs through taps, so padding, stride, pooling and the head need no
// kernels of their own.
//
// Each floating-point sum has one fixed order (taps in order; positive events, then negative ones),
// and vector kernels run across output channels; integer sums are exact in any order. So every set
// of kernels gives the same bits.
#pragma once

#include <cstdint>

#include "kernels/numbers.h"

namespace trispike::runtime {

/// One input of a destination position: a source position, seen through one block of the weights.
struct Tap {
  std::uint32_t source;
  std::uint32_t block;
};

/// Taps of destination d: taps[first[d]] up to, not including, taps[first[d + 1]].
struct TapView {
  const std::uint32_t* first;
  const Tap* taps;
};

/// Events (spikes) of a map: at position p the list channels[p * stride ...] holds the channels
/// that spiked +1, positive[p] of them, then the negative[p] ones that spiked -1, both ascending.
/// The vector kernels read up to kListSlack entries past a list's end.
template <class Index, class Count>
struct EventSpan {
  Index* channels;
  Count* positive;
  Count* negative;
  std::int64_t stride;
};
using EventView = EventSpan<const std::uint16_t, const std::uint16_t>;
using EventSink = EventSpan<std::uint16_t, std::uint16_t>;
inline constexpr std::int64_t kListSlack = 64;
inline constexpr std::int64_t kMaxChannels = 65535;

/// Events and the weights they add: [blocks][in_channels][stride], or for a diagonal projection
/// (one constant per channel) [blocks][stride].
template <class Weight>
struct EventInput {
  TapView taps;
  EventView events;
  const Weight* weights;
  std::int64_t in_channels;
  std::int64_t stride;
  /// Scratch, each as long as all events that can reach one destination, plus kListSlack.
  std::uint32_t* positive_rows;
  std::uint32_t* negative_rows;
  /// Integers only: the sum of any so many rows fits 16 bits (Projection::rows_in_16_bits).
  std::int64_t rows_in_16_bits = 0;
};

/// A real-valued map and weights as above.
template <class Number>
struct DenseInput {
  TapView taps;
  const typename Types<Number>::Value* source;
  std::int64_t source_stride;
  const typename Types<Number>::Factor* weights;
  std::int64_t in_channels;
  std::int64_t stride;
};

/// A neuron layer's constants and geometry.
template <class Number>
struct LifLayer {
  typename Types<Number>::Neurons neurons;
  std::int64_t channels;
  std::int64_t stride;
  std::int8_t* spikes;  ///< scratch, round_up(stride, kListSlack), zero behind `stride`
};

struct SpikeCount {
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

/// A set of kernels for one arithmetic. `sums` and `currents` point at destination `begin`.
template <class Number>
struct Kernels {
  using Weight = typename Types<Number>::Weight;
  using Constant = typename Types<Number>::Constant;
  using Current = typename Types<Number>::Current;
  using Potential = typename Types<Number>::Potential;

  /// Strides are multiples of this.
  std::int64_t lanes;

  /// Adds to the sums of destinations [begin, end) the weight rows of all events that reach them;
  /// returns the number of rows added or subtracted.
  std::int64_t (*gather)(const EventInput<Weight>& input, std::int64_t begin, std::int64_t end,
                         Current* sums);
  /// The same where each event reaches its own channel only; returns the number of additions.
  std::int64_t (*gather_diagonal)(const EventInput<Constant>& input, std::int64_t begin,
                                  std::int64_t end, Current* sums);

  /// Multiply-accumulates on a real-valued map.
  void (*dense)(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
                Potential* sums);
  void (*dense_diagonal)(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
                         Potential* sums);

  /// Charge, fire, reset of `positions` positions; writes their events.
  SpikeCount (*lif)(const LifLayer<Number>& layer, const Current* currents,
                    Potential* membrane_potential, std::int64_t positions, EventSink events);
};

}  // namespace trispike::runtime
