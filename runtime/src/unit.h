// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The state of one population, and what one thread needs to update its rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/narrow_state.h"
#include "src/packed.h"
#include "src/plan.h"

namespace trispike::runtime {

/// A population with its state and its inputs as the kernels want them.
template <class Number>
struct Unit {
  using Potential = typename Types<Number>::Potential;
  static constexpr bool kInteger = std::is_integral_v<Potential>;

  Unit(const Population& p, const PackedPopulation<Number>& w, int threads)
      : population(p),
        packed(w),
        // What is written too much behind a list must not meet another thread's.
        list_stride(p.shape.channels + (threads > 1 ? kListSlack : 0)) {
    const auto positions = static_cast<std::size_t>(p.positions());
    const std::size_t size = positions * static_cast<std::size_t>(w.stride);
    if (spikes()) {
      membrane_potential.resize(size);
      // Vector kernels read whole vectors of a list, also of the last one.
      event_channels.resize(static_cast<std::size_t>(p.positions() * list_stride + kListSlack));
      positive.resize(positions);
      negative.resize(positions);
      spikes_of_position.resize(static_cast<std::size_t>(threads * scratch_size()));
    } else {
      values.resize(size);
    }
    const auto dense = [](const Projection& projection) { return !projection.event_driven; };
    if (std::any_of(p.projections.begin(), p.projections.end(), dense)) drive.resize(size);
    driven_only = !drive.empty() && std::all_of(p.projections.begin(), p.projections.end(), dense);
  }

  bool spikes() const { return population.activation == Activation::kSpikes; }
  typename Types<Number>::Neurons neurons() const {
    if constexpr (kInteger) {
      return {model::lower_integer(population.neuron), packed.thresholds.data()};
    } else {
      return model::lower<Potential>(population.neuron);
    }
  }
  std::int64_t scratch_size() const { return round_up(packed.stride, kListSlack); }
  LifLayer<Number> lif(int member) {
    return {neurons(), population.shape.channels, packed.stride,
            spikes_of_position.data() + member * scratch_size()};
  }
  EventView event_view() const {
    return {event_channels.data(), positive.data(), negative.data(),
            list_stride,           bits(0),         bits_stride()};
  }
  EventSink event_sink(std::int64_t position) {
    return {listed ? event_channels.data() + position * list_stride : nullptr,
            positive.data() + position,
            negative.data() + position,
            list_stride,
            bits(position),
            bits_stride()};
  }
  /// For writing the lists of `position` and those behind it from their bits.
  EventSink lists(std::int64_t position) {
    EventSink sink = event_sink(position);
    sink.channels = event_channels.data() + position * list_stride;
    return sink;
  }
  std::int64_t bits_stride() const { return round_up(packed.stride, 64) / 8 + kBitsSlack; }
  void keep_bits() {
    spike_bits.resize(static_cast<std::size_t>(2 * population.positions() * bits_stride()));
  }
  std::uint8_t* bits(std::int64_t position) {
    return spike_bits.empty() ? nullptr : spike_bits.data() + 2 * position * bits_stride();
  }
  const std::uint8_t* bits(std::int64_t position) const {
    return spike_bits.empty() ? nullptr : spike_bits.data() + 2 * position * bits_stride();
  }

  const Population& population;
  const PackedPopulation<Number>& packed;
  const std::int64_t list_stride;
  AlignedVector<std::int8_t> spikes_of_position;  // [threads][scratch_size()]
  AlignedVector<Potential> membrane_potential;    // spiking: [positions][stride]
  AlignedVector<std::uint16_t> event_channels;
  AlignedVector<std::uint16_t> positive;
  AlignedVector<std::uint16_t> negative;
  AlignedVector<std::uint8_t> spike_bits;  // if something reads them
  NarrowState narrow;                      // integers only
  AlignedVector<Potential> values;         // not spiking: [positions][stride]
  // Bias and dense projections: [positions][stride]; empty: only bias.
  AlignedVector<Potential> drive;
  SpikeCount spike_count;       // in the last time step
  bool may_list_later = false;  ///< all that read its spikes may multiply them instead
  bool lists_wanted = false;    ///< by a reader, in the last time step
  bool listed = true;           ///< the lists of the last time step are written
  bool drive_is_static = false;
  bool driven_only = false;  // no event adds to it
  // Per projection; unused ones are empty.
  std::vector<EventInput<typename Types<Number>::Weight>> event_inputs;
  std::vector<DiagonalInput<typename Types<Number>::Constant>> diagonal_inputs;
  std::vector<DenseInput<Number>> dense_inputs;
  std::vector<DenseSpikesInput> spike_inputs;  // integers only
};

/// Scratch of one thread.
template <class Number>
struct Worker {
  using Current = typename Types<Number>::Current;

  /// Room for any row of a network: numbers, columns, events of a strip, projections of a
  /// population.
  void allocate(std::int64_t row_size, std::int64_t columns, std::int64_t events,
                std::size_t projections) {
    const std::int64_t room = events + columns * kStripMultiple + kListSlack;
    positive_rows.resize(static_cast<std::size_t>(room));
    negative_rows.resize(static_cast<std::size_t>(room));
    strip_columns.resize(static_cast<std::size_t>(columns));
    currents.resize(static_cast<std::size_t>(row_size), Current(0));
    narrow_sums.resize(std::is_same_v<Number, Integer> ? currents.size() : 0);
    rows.resize(projections);
    operations.resize(projections);
  }

  int member = 0;  // of the team

  void start() {
    std::fill(operations.begin(), operations.end(), 0);
    spikes = {};
  }

  /// `input` with this thread's scratch.
  template <class Weight>
  EventInput<Weight> with_strip(const EventInput<Weight>& input) {
    EventInput<Weight> mine = input;
    mine.strip = {positive_rows.data(), negative_rows.data(), strip_columns.data()};
    return mine;
  }

  AlignedVector<Current> currents;          // of one row
  AlignedVector<std::int16_t> narrow_sums;  // of one row, integers only
  AlignedVector<std::uint32_t> positive_rows;
  AlignedVector<std::uint32_t> negative_rows;
  AlignedVector<Strip::Column> strip_columns;
  AlignedVector<std::uint8_t> windows;   // DenseSpikesInput::windows
  std::vector<std::int64_t> rows;        // of each projection, in one row of destinations
  std::vector<std::int64_t> operations;  // of each projection, in the update of a population
  SpikeCount spikes;                     // in the update of a population
};

}  // namespace trispike::runtime
