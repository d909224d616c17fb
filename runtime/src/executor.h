// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Runs a plan, one time step after the other. A template over the number type of the event path, so
// that the very same executor runs with numbers that cannot multiply
// (tests/runtime/addition_only_test.cpp).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/input_events.h"
#include "src/integer_bounds.h"
#include "src/narrow_state.h"
#include "src/packed.h"
#include "src/plan.h"
#include "src/recorder.h"

namespace trispike::runtime {

/// What a Session needs of an executor, whatever its number type.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  virtual void reset() = 0;
  /// The input map [C, H, W] of the next step and, if it is static, of those after it.
  virtual void set_input(std::span<const float> map) = 0;
  virtual void set_input(std::span<const double> map) = 0;
  virtual void step() = 0;
  /// Of the last step, [classes].
  virtual void read_logits(std::span<double> logits) const = 0;
  virtual Recorder& recorder() = 0;
};

/// `plan`, `packed` and `kernels` must outlive it. All memory is allocated by the constructor, but
/// for event input that is denser than any before.
template <class Number>
class Executor final : public Engine {
 public:
  using Current = typename Types<Number>::Current;
  using Potential = typename Types<Number>::Potential;
  using Value = typename Types<Number>::Value;
  static constexpr bool kInteger = std::is_integral_v<Potential>;

  Executor(const Plan& plan, const Packed<Number>& packed, const Kernels<Number>& kernels,
           const SessionOptions& options)
      : plan_(plan), kernels_(kernels), recorder_(plan, options) {
    if (takes_events()) {
      input_events_ = InputEvents(plan.input.shape, plan.most_input_events);
    } else {
      input_.resize(static_cast<std::size_t>(plan.input.shape.elements()));
    }
    units_.reserve(plan.populations.size());
    for (std::size_t i = 0; i < plan.populations.size(); ++i) {
      Unit& unit = units_.emplace_back(plan.populations[i], packed.populations[i]);
      if constexpr (kInteger) {
        const bool narrow = kernels.narrow != nullptr && unit.population.narrow_limit > 0 &&
                            !options.record_potentials;
        if (narrow) unit.narrow = NarrowState(unit.population, unit.packed.stride);
      }
    }
    connect_units();
  }

  void reset() override {
    for (Unit& unit : units_) {
      std::fill(unit.membrane_potential.begin(), unit.membrane_potential.end(), Potential(0));
      unit.narrow.reset();
    }
    recorder_.reset();
  }

  void set_input(std::span<const float> map) override { take_input(map); }
  void set_input(std::span<const double> map) override { take_input(map); }

  void step() override {
    recorder_.begin_step();
    for (std::size_t i = 0; i < units_.size(); ++i) {
      Unit& unit = units_[i];
      if (!unit.drive.empty() && (input_is_new_ || !unit.drive_is_static)) update_drive(unit);
      const SpikeCount count = update(unit);
      if (unit.spikes()) recorder_.spikes(i, count, unit.event_view());
    }
    input_is_new_ = false;
  }

  void read_logits(std::span<double> logits) const override {
    const AlignedVector<Potential>& values = units_.back().values;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      logits[i] = plan_.logit_scale * static_cast<double>(values[i]);
    }
  }

  Recorder& recorder() override { return recorder_; }

 private:
  /// A population with its state and its inputs as the kernels want them.
  struct Unit {
    Unit(const Population& p, const PackedPopulation<Number>& w) : population(p), packed(w) {
      const auto positions = static_cast<std::size_t>(p.positions());
      const std::size_t size = positions * static_cast<std::size_t>(w.stride);
      if (spikes()) {
        membrane_potential.resize(size);
        // Vector kernels read whole vectors of a list, also of the last one.
        event_channels.resize(static_cast<std::size_t>(p.shape.elements() + kListSlack));
        positive.resize(positions);
        negative.resize(positions);
        spikes_of_position.resize(static_cast<std::size_t>(round_up(w.stride, kListSlack)));
        lif = {neurons(), p.shape.channels, w.stride, spikes_of_position.data()};
      } else {
        values.resize(size);
      }
      const auto dense = [](const Projection& projection) { return !projection.event_driven; };
      if (std::any_of(p.projections.begin(), p.projections.end(), dense)) drive.resize(size);
      driven_only =
          !drive.empty() && std::all_of(p.projections.begin(), p.projections.end(), dense);
    }

    bool spikes() const { return population.activation == Activation::kSpikes; }
    typename Types<Number>::Neurons neurons() const {
      if constexpr (kInteger) {
        return {model::lower_integer(population.neuron), packed.thresholds.data()};
      } else {
        return model::lower<Potential>(population.neuron);
      }
    }
    EventView event_view() const {
      return {event_channels.data(),     positive.data(), negative.data(),
              population.shape.channels, bits(0),         bits_stride()};
    }
    EventSink event_sink(std::int64_t position) {
      const std::int64_t stride = population.shape.channels;
      return {event_channels.data() + position * stride,
              positive.data() + position,
              negative.data() + position,
              stride,
              bits(position),
              bits_stride()};
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
    LifLayer<Number> lif{};
    AlignedVector<std::int8_t> spikes_of_position;
    AlignedVector<Potential> membrane_potential;  // spiking: [positions][stride]
    AlignedVector<std::uint16_t> event_channels;
    AlignedVector<std::uint16_t> positive;
    AlignedVector<std::uint16_t> negative;
    AlignedVector<std::uint8_t> spike_bits;  // if something reads them
    NarrowState narrow;                      // integers only
    AlignedVector<Potential> values;         // not spiking: [positions][stride]
    // Bias and dense projections: [positions][stride]; empty: only bias.
    AlignedVector<Potential> drive;
    bool drive_is_static = false;
    bool driven_only = false;  // no event adds to it
    // Per projection; unused ones are empty.
    std::vector<EventInput<typename Types<Number>::Weight>> event_inputs;
    std::vector<DiagonalInput<typename Types<Number>::Constant>> diagonal_inputs;
    std::vector<DenseInput<Number>> dense_inputs;
  };

  bool takes_events() const { return plan_.input.kind == model::InputKind::kEvents; }

  void connect_units() {
    allocate_scratch();
    keep_bits();
    for (Unit& unit : units_) bind(unit);
  }

  /// Of spikes that reach their own channel somewhere.
  void keep_bits() {
    if constexpr (std::is_same_v<Number, Integer>) {
      if (kernels_.narrow == nullptr) return;
      for (const Unit& unit : units_) {
        for (const Projection& p : unit.population.projections) {
          if (!p.event_driven || !p.diagonal || p.source == kInputSource) continue;
          units_[static_cast<std::size_t>(p.source)].keep_bits();
        }
      }
    }
  }

  void allocate_scratch() {
    std::int64_t events = 0;  // of a strip
    std::int64_t columns = 0;
    std::int64_t row_size = 0;
    std::size_t projections = 0;  // of a population
    for (const Unit& unit : units_) {
      row_size = std::max(row_size, unit.population.shape.width * unit.packed.stride);
      projections = std::max(projections, unit.population.projections.size());
      for (const Projection& projection : unit.population.projections) {
        if (!projection.adds_rows()) continue;
        const Window& window = projection.window;
        const std::int64_t of_position =
            projection.source == kInputSource ? input_events_->room() : projection.in_channels;
        events = std::max(events, window.source_width *
                                      std::min(window.kernel_height, window.source_height) *
                                      plan_.pooled_positions(projection) * of_position);
        columns = std::max(columns, window.source_width + 1);
      }
    }
    const std::int64_t room = events + columns * kStripMultiple + kListSlack;
    positive_rows_.resize(static_cast<std::size_t>(room));
    negative_rows_.resize(static_cast<std::size_t>(room));
    strip_columns_.resize(static_cast<std::size_t>(columns));
    currents_.resize(static_cast<std::size_t>(row_size), Current(0));
    if constexpr (kInteger) {
      narrow_sums_.resize(static_cast<std::size_t>(row_size));
      rows_.resize(projections);
    }
  }

  /// Needs all units in place: inputs point at their sources' buffers.
  void bind(Unit& unit) {
    unit.event_inputs.clear();
    unit.diagonal_inputs.clear();
    unit.dense_inputs.clear();
    unit.drive_is_static = plan_.input.kind == model::InputKind::kStatic;
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      unit.event_inputs.emplace_back();
      unit.diagonal_inputs.emplace_back();
      unit.dense_inputs.emplace_back();
      if (!projection.event_driven) {
        unit.dense_inputs.back() = dense_input(unit, j);
        if (projection.source != kInputSource) unit.drive_is_static = false;
      } else if (projection.diagonal) {
        unit.diagonal_inputs.back() = {plan_.connectivity(projection).view(), events_of(projection),
                                       unit.packed.event_constants[j]->data(), unit.packed.stride};
      } else {
        unit.event_inputs.back() = event_input(unit, j);
      }
    }
  }

  EventView events_of(const Projection& projection) const {
    return projection.source == kInputSource ? input_events_->view()
                                             : source(projection).event_view();
  }

  EventInput<typename Types<Number>::Weight> event_input(const Unit& unit, std::size_t j) {
    const Projection& projection = unit.population.projections[j];
    const Window& window = projection.window;
    const bool pools = projection.connectivity != kNoPools;
    return {{window.source_height, window.source_width, window.kernel_height, window.kernel_width,
             window.stride, window.padding, window.destination_width},
            pools ? plan_.connectivity(projection).view() : TapView{},
            events_of(projection),
            unit.packed.event_weights[j]->data(),
            projection.in_channels,
            unit.packed.stride,
            {positive_rows_.data(), negative_rows_.data(), strip_columns_.data()},
            projection.rows_in_16_bits,
            projection.narrow_share,
            projection.narrow_rows};
  }

  DenseInput<Number> dense_input(const Unit& unit, std::size_t j) const {
    const Projection& projection = unit.population.projections[j];
    DenseInput<Number> dense{
        plan_.connectivity(projection).view(), input_.data(),          plan_.input.shape.channels,
        unit.packed.dense_weights[j]->data(),  projection.in_channels, unit.packed.stride};
    if (projection.source == kInputSource) return dense;
    if constexpr (kInteger) {
      throw std::logic_error("quantised models have real-valued maps at the input only");
    } else {
      dense.source = source(projection).values.data();
      dense.source_stride = source(projection).packed.stride;
    }
    return dense;
  }

  const Unit& source(const Projection& projection) const {
    return units_[static_cast<std::size_t>(projection.source)];
  }

  template <class T>
  void take_input(std::span<const T> map) {
    if (!takes_events()) {
      transpose_input(map);
    } else if (input_events_->set(map)) {
      connect_units();
    }
  }

  template <class T>
  void transpose_input(std::span<const T> map) {
    const std::int64_t channels = plan_.input.shape.channels;
    const std::int64_t positions = plan_.input.shape.height * plan_.input.shape.width;
    for (std::int64_t c = 0; c < channels; ++c) {
      const T* from = map.data() + c * positions;
      Value* to = input_.data() + c;
      for (std::int64_t p = 0; p < positions; ++p) to[p * channels] = to_value(from[p]);
    }
    input_is_new_ = true;
  }

  /// In integers: fixed point, to nearest (ties to even), saturated; what is no number counts as
  /// the lowest.
  template <class T>
  Value to_value(T number) const {
    if constexpr (kInteger) {
      constexpr double kLimit = double(kLargestInput);
      const double scaled = std::nearbyint(static_cast<double>(number) * input_unit_);
      return static_cast<Value>(scaled >= -kLimit ? std::min(scaled, kLimit) : -kLimit);
    } else {
      return static_cast<Value>(number);
    }
  }

  /// Bias and real-valued sources: the multiply-accumulates.
  void update_drive(Unit& unit) {
    const std::int64_t positions = unit.population.positions();
    const std::int64_t stride = unit.packed.stride;
    for (std::int64_t p = 0; p < positions; ++p) {
      std::copy_n(unit.packed.dense_bias.data(), stride, unit.drive.data() + p * stride);
    }
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (projection.event_driven) continue;
      const auto kernel = projection.diagonal ? kernels_.dense_diagonal : kernels_.dense;
      kernel(unit.dense_inputs[j], 0, positions, unit.drive.data());
      recorder_.macs(projection);
    }
    if constexpr (kInteger) {
      if (unit.population.input_shift > 0) {
        for (Potential& sum : unit.drive) sum >>= unit.population.input_shift;
      }
      unit.narrow.set_drive(unit.drive);
    }
  }

  /// One time step of a population, row by row: the currents of a row stay in the nearest cache.
  SpikeCount update(Unit& unit) {
    const std::int64_t width = unit.population.shape.width;
    SpikeCount total;
    for (std::int64_t begin = 0; begin < unit.population.positions(); begin += width) {
      if constexpr (std::is_same_v<Number, Integer>) {
        const std::int64_t y = begin / width;
        if (const auto count = unit.narrow.holds(y) ? update_narrow(unit, y) : std::nullopt) {
          total.positive += count->positive;
          total.negative += count->negative;
          continue;
        }
        unit.narrow.widen(y, unit.membrane_potential);
      }
      const Current* currents = currents_of_row(unit, begin, width);
      if (unit.spikes()) {
        if (recorder_.records_potentials()) record_potentials(unit, begin, currents);
        const SpikeCount count = kernels_.lif(
            unit.lif, currents, unit.membrane_potential.data() + begin * unit.packed.stride, width,
            unit.event_sink(begin));
        total.positive += count.positive;
        total.negative += count.negative;
      } else {
        finish_values(unit, begin, width, currents);
      }
    }
    return total;
  }

  /// Of the destinations from `begin` on.
  const Current* currents_of_row(const Unit& unit, std::int64_t begin, std::int64_t width) {
    if constexpr (std::is_same_v<Current, Potential>) {
      if (unit.driven_only) return unit.drive.data() + begin * unit.packed.stride;
    }
    start_row(unit, begin, width);
    add_events(unit, begin / width);
    return currents_.data();
  }

  /// One time step of row `y` in 16 bits; nothing, and no change, if a current needs more.
  std::optional<SpikeCount> update_narrow(Unit& unit,
                                          std::int64_t y) requires std::is_same_v<Number, Integer> {
    const NarrowKernels& kernels = *kernels_.narrow;
    const std::vector<Projection>& projections = unit.population.projections;
    const std::int64_t width = unit.population.shape.width;
    std::int16_t* sums = narrow_sums_.data();
    bool add = false;
    for (std::size_t j = 0; j < projections.size(); ++j) {
      if (!projections[j].adds_rows()) continue;
      const auto rows = kernels.gather(unit.event_inputs[j], y, add, sums);
      if (!rows) return std::nullopt;
      rows_[j] = *rows * unit.population.shape.channels;
      add = true;
    }
    if (!add) std::fill_n(sums, width * unit.packed.stride, std::int16_t{0});
    for (std::size_t j = 0; j < projections.size(); ++j) {
      if (!projections[j].event_driven) continue;
      if (projections[j].diagonal) {
        rows_[j] =
            kernels.gather_diagonal(unit.diagonal_inputs[j], y * width, (y + 1) * width, sums);
      }
      recorder_.synaptic_operations(projections[j], rows_[j]);
    }
    const std::int16_t* drive = unit.narrow.drive(y);
    return kernels.lif(unit.narrow.lif(), drive != nullptr ? drive : sums,
                       unit.narrow.potentials(y), width, unit.event_sink(y * width));
  }

  void start_row(const Unit& unit, std::int64_t begin, std::int64_t width) {
    const std::int64_t stride = unit.packed.stride;
    for (std::int64_t x = 0; x < width; ++x) {
      const Potential* from =
          unit.drive.empty() ? unit.packed.bias.data() : unit.drive.data() + (begin + x) * stride;
      Current* to = currents_.data() + x * stride;
      for (std::int64_t c = 0; c < stride; ++c) to[c] = Current(from[c]);
    }
  }

  void add_events(const Unit& unit, std::int64_t y) {
    const std::int64_t width = unit.population.shape.width;
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (!projection.event_driven) continue;
      Current* currents = currents_.data();
      const std::int64_t count = projection.diagonal
                                     ? kernels_.gather_diagonal(unit.diagonal_inputs[j], y * width,
                                                                (y + 1) * width, currents)
                                     : kernels_.gather(unit.event_inputs[j], y, currents);
      const std::int64_t fan_out = projection.diagonal ? 1 : unit.population.shape.channels;
      recorder_.synaptic_operations(projection, count * fan_out);
    }
  }

  /// The potentials that a row of neurons is about to fire at, which no kernel keeps.
  void record_potentials(const Unit& unit, std::int64_t begin, const Current* currents) {
    const Population& population = unit.population;
    float* map = recorder_.potentials(static_cast<std::size_t>(&unit - units_.data())) + begin;
    for (std::int64_t x = 0; x < population.shape.width; ++x) {
      const std::int64_t first = x * unit.packed.stride;
      for (std::int64_t c = 0; c < population.shape.channels; ++c) {
        const auto neuron = neuron_at(unit.lif.neurons, c);
        const Potential u =
            model::charge(neuron, unit.membrane_potential[begin * unit.packed.stride + first + c],
                          static_cast<Potential>(currents[first + c]));
        double value = static_cast<double>(u);
        // An integer neuron's threshold is its channel's own: its unit is the weights' step.
        if constexpr (kInteger) value *= population.neuron.threshold / neuron.threshold;
        map[c * population.positions() + x] = static_cast<float>(value);
      }
    }
  }

  void finish_values(Unit& unit, std::int64_t begin, std::int64_t width,
                     const Current* currents) const {
    Potential* to = unit.values.data() + begin * unit.packed.stride;
    const bool relu = unit.population.activation == Activation::kRelu;
    for (std::int64_t i = 0; i < width * unit.packed.stride; ++i) {
      const Potential sum = static_cast<Potential>(currents[i]);
      to[i] = relu ? std::max(sum, Potential(0)) : sum;
    }
  }

  const Plan& plan_;
  const Kernels<Number> kernels_;
  Recorder recorder_;
  const double input_unit_ = std::ldexp(1.0, plan_.fraction_bits);  // integers per 1
  AlignedVector<Value> input_;                                      // [positions][channels]
  std::optional<InputEvents> input_events_;  // instead, if the input is events
  bool input_is_new_ = false;
  std::vector<Unit> units_;
  // Scratch, shared by all units.
  AlignedVector<Current> currents_;          // of one row
  AlignedVector<std::int16_t> narrow_sums_;  // of one row
  std::vector<std::int64_t> rows_;           // of each projection in one row
  AlignedVector<std::uint32_t> positive_rows_;
  AlignedVector<std::uint32_t> negative_rows_;
  AlignedVector<Strip::Column> strip_columns_;
};

}  // namespace trispike::runtime
