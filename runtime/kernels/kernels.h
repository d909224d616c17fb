// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a set of kernels can do. All maps are position-major: position y * width + x, then channels,
// each position padded with zeros to `stride` numbers. A kernel works on a range of destination
// positions and reads its inputs through taps, so padding, stride, pooling and the head need no
// kernels of their own.
//
// Each floating-point sum has one fixed order (dense: taps in order; events: positive ones, then
// negative ones, column by column), and vector kernels run across output channels; integer sums are
// exact in any order. So every set of kernels gives the same bits.
#pragma once

#include <cstdint>
#include <optional>

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
/// The vector kernels read, and write before the next list is written, up to kListSlack entries
/// past a list's end.
template <class Number, class Byte>
struct EventSpan {
  Number* channels;
  Number* positive;
  Number* negative;
  std::int64_t stride;
  /// If not null, the same once more: bit c of bits[2 * p * bits_stride ...] says whether channel c
  /// spiked +1, that of the bits_stride bytes behind them whether it spiked -1. The vector kernels
  /// may write kBitsSlack bytes too much.
  Byte* bits = nullptr;
  std::int64_t bits_stride = 0;
};
using EventView = EventSpan<const std::uint16_t, const std::uint8_t>;
using EventSink = EventSpan<std::uint16_t, std::uint8_t>;
inline constexpr std::int64_t kBitsSlack = 8;
inline constexpr std::int64_t kListSlack = 64;
inline constexpr std::int64_t kMaxChannels = 65535;

/// The window of a convolution (or, over the whole map, of a linear layer) over a map.
struct StripWindow {
  std::int64_t height, width;  ///< of the map under the window
  std::int64_t kernel_height, kernel_width;
  std::int64_t stride, padding;
  std::int64_t destination_width;
};

/// All events under the windows of one row of destinations, sorted by column: each window sees one
/// contiguous part of them. An event is listed as the offset of its row of weights in a window that
/// begins in column 0; those of a window that begins in column x are x columns of weights smaller.
/// Kernels that add kStripMultiple rows at a time fill the lists of each column up with a row that
/// adds nothing.
struct Strip {
  /// Where the events of a column begin in the lists, and how many there are before it.
  struct Column {
    std::uint32_t positive;
    std::uint32_t negative;
    std::uint32_t events;
  };
  std::uint32_t* positive;
  std::uint32_t* negative;
  Column* columns;  ///< [columns + 1]
};
inline constexpr std::int64_t kStripMultiple = 4;

/// Events and the rows of weights they add.
template <class Weight>
struct EventInput {
  StripWindow window;
  /// The events of each position of the map under the window: those of the source's positions that
  /// are pooled there. `first` null: the source is that map. A tap's block chooses a copy of the
  /// weights.
  TapView sources;
  EventView events;
  /// [copies][kernel_width][kernel_height * in_channels + 1][stride]: the last row of each column
  /// of a window adds nothing.
  const Weight* weights;
  std::int64_t in_channels;
  std::int64_t stride;
  Strip
      strip;  ///< scratch, with room for all events, kStripMultiple more per column and kListSlack
  /// Integers only: what bytes have too much, and how many rows can be added in bytes without
  /// overflow: 1, 2 or 4. Scalar kernels know only these.
  std::int32_t bias = BiasedByte::kBias;
  int rows_per_byte = 1;
  /// Integers only: the sum of any so many rows fits 16 bits (Projection::rows_in_16_bits).
  std::int64_t rows_in_16_bits = 0;
  /// The share of the 16-bit currents that these rows may take, and how many of them surely do
  /// (Projection::narrow_share, narrow_rows).
  std::int32_t narrow_share = 0;
  std::int64_t narrow_rows = 0;

  std::int64_t column_size() const { return (window.kernel_height * in_channels + 1) * stride; }
};

/// Events that add one constant to their own channel: weights [blocks][stride].
template <class Constant>
struct DiagonalInput {
  TapView taps;
  EventView events;
  const Constant* weights;
  std::int64_t stride;
};

/// A real-valued map and weights as above.
template <class Number>
struct DenseInput {
  TapView taps;
  const typename Types<Number>::Value* source;
  std::int64_t source_stride;
  const typename Types<Number>::Factor* weights;  ///< [blocks][in_channels][stride]
  std::int64_t in_channels;
  std::int64_t stride;
  /// The number of blocks if no destination sees one more than once, else 0.
  std::int64_t cells = 0;
};

/// Spikes as numbers, multiplied by all weights: for maps so dense that this is faster than adding
/// rows. One position of the map under the window, with the padding around it, is `pitch()` bytes:
/// `zero` and the sum of the spikes that are pooled there.
struct SpikeMap {
  StripWindow window;
  TapView sources;   ///< as EventInput::sources; every tap has weight 1
  EventView events;  ///< with bits
  std::int64_t in_channels;
  std::uint8_t zero;    ///< no fewer than the taps of one position, so that no number is negative
  std::uint8_t* bytes;  ///< scratch, size()

  static constexpr std::int64_t kQuad = 4;  ///< channels that are multiplied at a time
  static constexpr std::uint8_t kMaxZero = 32;

  std::int64_t pitch() const { return (in_channels + kQuad - 1) / kQuad * kQuad; }
  std::int64_t width() const { return window.width + 2 * window.padding; }
  std::int64_t height() const { return window.height + 2 * window.padding; }
  std::int64_t row_pitch() const { return width() * pitch(); }
  /// Vector kernels write whole vectors.
  std::int64_t size() const { return height() * row_pitch() + kListSlack; }

  /// A kernel may copy what lies under so many windows side by side, and read half of them at once.
  static constexpr std::int64_t kWindows = 32;
  static constexpr std::int64_t kWindowMultiple = 64;  ///< of bytes of a window there

  std::int64_t window_pitch() const {
    const std::int64_t size = window.kernel_height * window.kernel_width * pitch();
    return (size + kWindowMultiple - 1) / kWindowMultiple * kWindowMultiple;
  }
  /// Of kWindows of them, or half as many if there are no more; vector kernels write whole vectors.
  std::int64_t copies_size() const {
    const std::int64_t rows = (height() - window.kernel_height) / window.stride + 1;
    const bool few = rows * window.destination_width <= kWindows / 2;
    return (few ? kWindows / 2 : kWindows) * window_pitch() + kListSlack;
  }
  /// Of the next ones, too.
  std::int64_t windows_size() const { return 2 * copies_size(); }
};

/// A spike map and what it is multiplied by.
struct DenseSpikesInput {
  SpikeMap map;
  /// [output blocks of kDenseChannels][kernel_height][kernel_width][pitch / kQuad][kDenseChannels]
  /// [kQuad], zeros where there is no channel; kWeightsSlack more are read.
  const std::int8_t* weights;
  const std::int32_t* excess;  ///< [stride]: `zero` times the sum of a channel's weights
  std::int64_t stride;         ///< of the sums
  std::int32_t narrow_share;   ///< as EventInput::narrow_share
  /// Scratch of the thread, SpikeMap::windows_size(), if NarrowKernels::copies_windows.
  std::uint8_t* windows;

  static constexpr std::int64_t kWeightsSlack = 4096;
};
inline constexpr std::int64_t kDenseChannels = 64;
inline constexpr std::int64_t kNearWeights = 100'000;

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

  std::int64_t all() const { return positive + negative; }
};

/// A layer of integer neurons whose currents and potentials are 16 bits wide.
struct NarrowLif {
  model::IntegerLif neuron;             ///< but for the threshold
  const std::int16_t* below_threshold;  ///< [stride], the thresholds less 1
  const std::int16_t* bias;             ///< [stride], added to the currents
  std::int64_t channels;
  std::int64_t stride;
};

/// How long `dense_spikes` and `gather` take, in units of what `gather` takes to add a row of
/// kDenseChannels weights: measured (bench/layer_costs.cpp, docs/performance.md). All 0: there is
/// no `dense_spikes`.
struct DenseCost {
  /// Of one input of a window, times kDenseChannels output channels.
  double narrow = 0;  ///< a layer of up to kDenseChannels output channels
  double wide = 0;
  double far = 0;     ///< more than kNearWeights for each destination: reading them takes the time
  double pooled = 0;  ///< behind a pool, any width
  /// Of a destination, times kDenseChannels output channels, whatever is under its window.
  double tile = 0;
  /// Of `gather`, for each list of spikes (a source position and a row of the kernel) that a
  /// destination needs more than its left neighbour, and kListsOfDestination more, whatever fires.
  double list = 0;
  std::int64_t at_once = 1;  ///< destinations that cost as much as one

  static constexpr double kListsOfDestination = 4;
};

/// The same in 16 bits, for a row of destinations whose currents fit (docs/integer.md): twice as
/// many numbers in a vector, and no conversion between the sums of bytes and the neurons.
struct NarrowKernels {
  /// Sets the sums of row `y` to, or adds to them, the rows of weights of all events. Returns the
  /// number of rows, or nothing if a sum exceeds its share: then `sums` is of no use.
  std::optional<std::int64_t> (*gather)(const EventInput<BiasedByte>& input, std::int64_t y,
                                        bool add, std::int16_t* sums);
  /// As Kernels::gather_diagonal.
  std::int64_t (*gather_diagonal)(const DiagonalInput<std::int32_t>& input, std::int64_t begin,
                                  std::int64_t end, std::int16_t* sums);
  /// As Kernels::lif; `events` has bits.
  SpikeCount (*lif)(const NarrowLif& layer, const std::int16_t* currents,
                    std::int16_t* membrane_potential, std::int64_t positions, EventSink events);
  /// Writes the lists of `positions` positions from their bits. Null: lists must be written at
  /// once. Else this `lif` and Kernels::lif write none where a sink's `channels` is null. Set only
  /// where `gather_diagonal` and `write_spike_map` read bits, not lists.
  SpikeCount (*list)(std::int64_t channels, std::int64_t positions, EventSink events) = nullptr;
  /// These two are null where a target has none. Fills the bytes of the map.
  void (*write_spike_map)(const SpikeMap& map) = nullptr;
  /// The same sums as `gather` gives, of rows of destinations [begin, end), from a map that is
  /// written; `sums` points at destination 0. Sets fits[y] to 0 for rows in which one exceeds its
  /// share: their sums are of no use.
  void (*dense_spikes)(const DenseSpikesInput& input, std::int64_t begin, std::int64_t end,
                       bool add, std::int16_t* sums, std::uint8_t* fits) = nullptr;
  bool copies_windows = false;  ///< `dense_spikes` needs DenseSpikesInput::windows
  DenseCost dense_cost{};
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

  /// Adds to the sums of a row of destinations, that of row `y`, the weight rows of all events that
  /// reach them; returns the number of rows added or subtracted.
  std::int64_t (*gather)(const EventInput<Weight>& input, std::int64_t y, Current* sums);
  /// Destinations [begin, end), where each event reaches its own channel only; returns the number
  /// of additions.
  std::int64_t (*gather_diagonal)(const DiagonalInput<Constant>& input, std::int64_t begin,
                                  std::int64_t end, Current* sums);

  /// Multiply-accumulates on a real-valued map.
  void (*dense)(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
                Potential* sums);
  void (*dense_diagonal)(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
                         Potential* sums);

  /// Charge, fire, reset of `positions` positions; writes their events.
  SpikeCount (*lif)(const LifLayer<Number>& layer, const Current* currents,
                    Potential* membrane_potential, std::int64_t positions, EventSink events);

  /// Integers only, and null where a target has none.
  const NarrowKernels* narrow = nullptr;
};

}  // namespace trispike::runtime
