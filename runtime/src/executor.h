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
#include <utility>
#include <vector>

#include "kernels/gather/scalar.h"
#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/engine.h"
#include "src/input_events.h"
#include "src/input_map.h"
#include "src/integer_bounds.h"
#include "src/narrow_state.h"
#include "src/packed.h"
#include "src/plan.h"
#include "src/recorder.h"
#include "src/thread_team.h"
#include "src/unit.h"

namespace trispike::runtime {

/// `plan`, `packed` and `kernels` must outlive it. All memory is allocated by the constructor, but
/// for event input that is denser than any before.
template <class Number>
class Executor final : public Engine {
 public:
  using Current = typename Types<Number>::Current;
  using Potential = typename Types<Number>::Potential;
  using Value = typename Types<Number>::Value;
  using Unit = runtime::Unit<Number>;
  using Worker = runtime::Worker<Number>;
  static constexpr bool kInteger = std::is_integral_v<Potential>;

  Executor(const Plan& plan, const Packed<Number>& packed, const Kernels<Number>& kernels,
           const SessionOptions& options)
      : plan_(plan),
        kernels_(kernels),
        recorder_(plan, options),
        team_(options.threads),
        workers_(static_cast<std::size_t>(options.threads)) {
    for (int i = 0; i < options.threads; ++i) workers_[static_cast<std::size_t>(i)].member = i;
    if (takes_events()) {
      input_events_ = InputEvents(plan.input.shape, plan.most_input_events);
    } else {
      input_ = InputMap<Value>(plan.input.shape, plan.fraction_bits);
    }
    units_.reserve(plan.populations.size());
    for (std::size_t i = 0; i < plan.populations.size(); ++i) {
      Unit& unit = units_.emplace_back(plan.populations[i], packed.populations[i], options.threads);
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
      unit.narrow.reset();
      // Where rows are narrow, wide potentials are written before they are read.
      if (!unit.narrow.empty()) continue;
      std::fill(unit.membrane_potential.begin(), unit.membrane_potential.end(), Potential(0));
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
      update(unit);
      if (unit.spikes()) recorder_.spikes(i, unit.spike_count, unit.event_view());
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
  bool takes_events() const { return plan_.input.kind == model::InputKind::kEvents; }

  void connect_units() {
    if constexpr (kInteger) {
      for (Unit& unit : units_) {
        if (kernels_.narrow != nullptr && unit.spikes()) unit.keep_bits();
      }
    }
    allocate_scratch();
    for (Unit& unit : units_) bind(unit);
    if constexpr (kInteger) choose_lists();
  }

  /// Spikes that may be multiplied by all that read them are listed at once only if one of these
  /// added in the step before; else when one does.
  void choose_lists() {
    if (kernels_.narrow == nullptr || kernels_.narrow->list == nullptr || recorder_.records())
      return;
    for (Unit& unit : units_) unit.may_list_later = unit.spikes();
    for (Unit& reader : units_) {
      for (std::size_t j = 0; j < reader.population.projections.size(); ++j) {
        const Projection& projection = reader.population.projections[j];
        if (!projection.adds_rows() || projection.source == kInputSource) continue;
        if (reader.packed.spike_weights[j] == nullptr) source(projection).may_list_later = false;
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
    for (Worker& worker : workers_) worker.allocate(row_size, columns, events, projections);
    if constexpr (kInteger) {
      multiplied_.resize(projections);
      allocate_dense_scratch();
    }
  }

  void allocate_dense_scratch() {
    std::int64_t bytes = 0;
    std::int64_t windows = 0;
    std::int64_t rows = 0;
    std::size_t sums = 0;
    for (const Unit& unit : units_) {
      for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
        if (unit.packed.spike_weights[j] == nullptr) continue;
        rows = std::max(rows, unit.population.shape.height);
        const SpikeMap map = spike_map(unit.population.projections[j]);
        bytes = std::max(bytes, map.size());
        if (kernels_.narrow->copies_windows) windows = std::max(windows, map.windows_size());
        sums = std::max(sums,
                        static_cast<std::size_t>(unit.population.positions() * unit.packed.stride));
      }
    }
    row_fits_.resize(static_cast<std::size_t>(rows));
    spike_map_.resize(static_cast<std::size_t>(bytes));
    for (Worker& worker : workers_) worker.windows.resize(static_cast<std::size_t>(windows));
    dense_sums_.resize(sums);
  }

  /// Needs all units in place: inputs point at their sources' buffers.
  void bind(Unit& unit) {
    unit.event_inputs.clear();
    unit.diagonal_inputs.clear();
    unit.dense_inputs.clear();
    unit.spike_inputs.clear();
    unit.drive_is_static = plan_.input.kind == model::InputKind::kStatic;
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      unit.event_inputs.emplace_back();
      unit.diagonal_inputs.emplace_back();
      unit.dense_inputs.emplace_back();
      unit.spike_inputs.emplace_back();
      if (const auto& dense = unit.packed.spike_weights[j]; dense != nullptr) {
        unit.spike_inputs.back() = {spike_map(projection),   dense->weights.data(),
                                    dense->excess.data(),    unit.packed.stride,
                                    projection.narrow_share, nullptr};
      }
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

  static StripWindow strip_window(const Window& window) {
    return {window.source_height, window.source_width, window.kernel_height,    window.kernel_width,
            window.stride,        window.padding,      window.destination_width};
  }

  TapView pools(const Projection& projection) const {
    return projection.connectivity == kNoPools ? TapView{} : plan_.connectivity(projection).view();
  }

  SpikeMap spike_map(const Projection& projection) {
    return {strip_window(projection.window),
            pools(projection),
            events_of(projection),
            projection.in_channels,
            static_cast<std::uint8_t>(plan_.pooled_positions(projection)),
            spike_map_.data()};
  }

  EventInput<typename Types<Number>::Weight> event_input(const Unit& unit, std::size_t j) {
    const Projection& projection = unit.population.projections[j];
    return {strip_window(projection.window),
            pools(projection),
            events_of(projection),
            unit.packed.event_weights[j]->data(),
            projection.in_channels,
            unit.packed.stride,
            {},  // of the thread
            unit.packed.event_rows[j].bias,
            unit.packed.event_rows[j].per_byte,
            projection.rows_in_16_bits,
            projection.narrow_share,
            projection.narrow_rows};
  }

  DenseInput<Number> dense_input(const Unit& unit, std::size_t j) const {
    const Projection& projection = unit.population.projections[j];
    const Connectivity& connectivity = plan_.connectivity(projection);
    DenseInput<Number> dense{connectivity.view(),
                             input_.data(),
                             plan_.input.shape.channels,
                             unit.packed.dense_weights[j]->data(),
                             projection.in_channels,
                             unit.packed.stride,
                             connectivity.repeats_blocks() ? 0 : std::ssize(connectivity.blocks)};
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
  Unit& source(const Projection& projection) {
    return units_[static_cast<std::size_t>(projection.source)];
  }

  template <class T>
  void take_input(std::span<const T> map) {
    if (!takes_events()) {
      input_.set(map);
      input_is_new_ = true;
    } else if (input_events_->set(map)) {
      connect_units();
    }
  }

  /// Bias and real-valued sources: the multiply-accumulates.
  void update_drive(Unit& unit) {
    team_.for_each_part(
        unit.population.positions(),
        [&](int, std::int64_t begin, std::int64_t end) { update_drive(unit, begin, end); });
    for (const Projection& projection : unit.population.projections) {
      if (!projection.event_driven) recorder_.macs(projection);
    }
    if constexpr (kInteger) unit.narrow.set_drive(unit.drive);
  }

  /// Of positions [begin, end).
  void update_drive(Unit& unit, std::int64_t begin, std::int64_t end) const {
    const std::int64_t stride = unit.packed.stride;
    Potential* sums = unit.drive.data() + begin * stride;
    for (std::int64_t p = 0; p < end - begin; ++p) {
      std::copy_n(unit.packed.dense_bias.data(), stride, sums + p * stride);
    }
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (projection.event_driven) continue;
      const auto kernel = projection.diagonal ? kernels_.dense_diagonal : kernels_.dense;
      kernel(unit.dense_inputs[j], begin, end, sums);
    }
    if constexpr (kInteger) {
      const int shift = unit.population.input_shift;
      if (shift == 0) return;
      for (std::int64_t i = 0; i < (end - begin) * stride; ++i) sums[i] >>= shift;
    }
  }

  /// One time step of a population, row by row: the currents of a row stay in the nearest cache.
  void update(Unit& unit) {
    if constexpr (std::is_same_v<Number, Integer>) {
      multiply_spikes(unit);
      if (!multiplies_all(unit)) list_sources(unit);
    }
    unit.listed = !unit.may_list_later || std::exchange(unit.lists_wanted, false);
    for (Worker& worker : workers_) worker.start();
    team_.for_each_part(unit.population.shape.height,
                        [&](int member, std::int64_t begin, std::int64_t end) {
                          Worker& worker = workers_[static_cast<std::size_t>(member)];
                          for (std::int64_t y = begin; y < end; ++y) update_row(unit, y, worker);
                        });
    unit.narrow.stepped();
    unit.spike_count = {};
    for (const Worker& worker : workers_) {
      unit.spike_count.positive += worker.spikes.positive;
      unit.spike_count.negative += worker.spikes.negative;
      for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
        const Projection& projection = unit.population.projections[j];
        if (projection.event_driven) {
          recorder_.synaptic_operations(projection, worker.operations[j]);
        }
      }
    }
  }

  void update_row(Unit& unit, std::int64_t y, Worker& worker) {
    const std::int64_t width = unit.population.shape.width;
    if constexpr (std::is_same_v<Number, Integer>) {
      if (unit.narrow.holds(y) && update_narrow(unit, y, worker)) return;
      unit.narrow.widen(y, unit.membrane_potential);
    }
    const Current* currents = currents_of_row(unit, y, worker);
    if (!unit.spikes()) {
      finish_values(unit, y * width, width, currents);
      return;
    }
    if (recorder_.records_potentials()) record_potentials(unit, y * width, currents);
    add(kernels_.lif(unit.lif(worker.member), currents,
                     unit.membrane_potential.data() + y * width * unit.packed.stride, width,
                     unit.event_sink(y * width)),
        worker.spikes);
  }

  static void add(SpikeCount count, SpikeCount& sum) {
    sum.positive += count.positive;
    sum.negative += count.negative;
  }

  const Current* currents_of_row(const Unit& unit, std::int64_t y, Worker& worker) const {
    const std::int64_t begin = y * unit.population.shape.width;
    if constexpr (std::is_same_v<Current, Potential>) {
      if (unit.driven_only) return unit.drive.data() + begin * unit.packed.stride;
    }
    start_row(unit, begin, worker.currents.data());
    add_events(unit, y, worker);
    return worker.currents.data();
  }

  /// Sums, in dense_sums_, of the projections whose spikes are so many that multiplying is faster.
  void multiply_spikes(const Unit& unit) requires std::is_same_v<Number, Integer> {
    any_multiplied_ = false;
    std::fill(multiplied_.begin(), multiplied_.end(), false);
    if (unit.narrow.empty()) return;
    std::fill(row_fits_.begin(), row_fits_.end(), std::uint8_t{1});
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      const auto& dense = unit.packed.spike_weights[j];
      if (dense == nullptr || source(projection).spike_count.all() < dense->from_spikes) continue;
      const DenseSpikesInput& input = unit.spike_inputs[j];
      kernels_.narrow->write_spike_map(input.map);
      team_.for_each_part(
          unit.population.shape.height, [&](int member, std::int64_t begin, std::int64_t end) {
            DenseSpikesInput mine = input;
            mine.windows = workers_[static_cast<std::size_t>(member)].windows.data();
            kernels_.narrow->dense_spikes(mine, begin, end, any_multiplied_, dense_sums_.data(),
                                          row_fits_.data());
          });
      multiplied_[j] = any_multiplied_ = true;
      recorder_.multiplied_step(projection);
    }
  }

  /// Whether no list of spikes is read in this time step.
  bool multiplies_all(const Unit& unit) const requires std::is_same_v<Number, Integer> {
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      if (unit.population.projections[j].adds_rows() && !multiplied_[j]) return false;
    }
    for (std::int64_t y = 0; y < unit.population.shape.height; ++y) {
      if (!unit.narrow.holds(y)) return false;
      if (any_multiplied_ && row_fits_[static_cast<std::size_t>(y)] == 0) return false;
    }
    return true;
  }

  void list_sources(const Unit& unit) requires std::is_same_v<Number, Integer> {
    for (const Projection& projection : unit.population.projections) {
      if (!projection.event_driven || projection.source == kInputSource) continue;
      Unit& from = source(projection);
      from.lists_wanted = true;
      if (std::exchange(from.listed, true)) continue;
      team_.for_each_part(
          from.population.positions(), [&](int, std::int64_t begin, std::int64_t end) {
            kernels_.narrow->list(from.population.shape.channels, end - begin, from.lists(begin));
          });
    }
  }

  /// One time step of row `y` in 16 bits; returns false, and changes nothing, if a current needs
  /// more.
  bool update_narrow(Unit& unit, std::int64_t y,
                     Worker& worker) const requires std::is_same_v<Number, Integer> {
    const NarrowKernels& kernels = *kernels_.narrow;
    const std::vector<Projection>& projections = unit.population.projections;
    const std::int64_t width = unit.population.shape.width;
    const std::int64_t row = width * unit.packed.stride;
    if (any_multiplied_ && row_fits_[static_cast<std::size_t>(y)] == 0) return false;
    bool add = any_multiplied_;
    // Sums of multiplied spikes are added to where they are: a row that does not fit is not read
    // again.
    std::int16_t* sums = add ? dense_sums_.data() + y * row : worker.narrow_sums.data();
    for (std::size_t j = 0; j < projections.size(); ++j) {
      if (!projections[j].adds_rows()) continue;
      if (multiplied_[j]) {
        if (recorder_.counts()) worker.rows[j] = scalar::count_rows(unit.event_inputs[j], y);
        continue;
      }
      const auto rows = kernels.gather(worker.with_strip(unit.event_inputs[j]), y, add, sums);
      if (!rows) return false;
      worker.rows[j] = *rows;
      add = true;
    }
    if (!add) std::fill_n(sums, row, std::int16_t{0});
    for (std::size_t j = 0; j < projections.size(); ++j) {
      if (!projections[j].event_driven) continue;
      if (projections[j].diagonal) {
        worker.operations[j] +=
            kernels.gather_diagonal(unit.diagonal_inputs[j], y * width, (y + 1) * width, sums);
      } else {
        worker.operations[j] += worker.rows[j] * unit.population.shape.channels;
      }
    }
    const std::int16_t* drive = unit.narrow.drive(y);
    this->add(kernels.lif(unit.narrow.lif(), drive != nullptr ? drive : sums,
                          unit.narrow.potentials(y), width, unit.event_sink(y * width)),
              worker.spikes);
    return true;
  }

  /// Of the row of destinations from `begin` on.
  void start_row(const Unit& unit, std::int64_t begin, Current* to) const {
    const std::int64_t stride = unit.packed.stride;
    for (std::int64_t x = 0; x < unit.population.shape.width; ++x, to += stride) {
      const Potential* from =
          unit.drive.empty() ? unit.packed.bias.data() : unit.drive.data() + (begin + x) * stride;
      for (std::int64_t c = 0; c < stride; ++c) to[c] = Current(from[c]);
    }
  }

  void add_events(const Unit& unit, std::int64_t y, Worker& worker) const {
    const std::int64_t width = unit.population.shape.width;
    Current* currents = worker.currents.data();
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (!projection.event_driven) continue;
      if (projection.diagonal) {
        worker.operations[j] +=
            kernels_.gather_diagonal(unit.diagonal_inputs[j], y * width, (y + 1) * width, currents);
      } else {
        worker.operations[j] +=
            kernels_.gather(worker.with_strip(unit.event_inputs[j]), y, currents) *
            unit.population.shape.channels;
      }
    }
  }

  /// The potentials that a row of neurons is about to fire at, which no kernel keeps.
  void record_potentials(const Unit& unit, std::int64_t begin, const Current* currents) {
    const Population& population = unit.population;
    float* map = recorder_.potentials(static_cast<std::size_t>(&unit - units_.data())) + begin;
    for (std::int64_t x = 0; x < population.shape.width; ++x) {
      const std::int64_t first = x * unit.packed.stride;
      for (std::int64_t c = 0; c < population.shape.channels; ++c) {
        const auto neuron = neuron_at(unit.neurons(), c);
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
  InputMap<Value> input_;
  std::optional<InputEvents> input_events_;  // instead, if the input is events
  bool input_is_new_ = false;
  std::vector<Unit> units_;
  ThreadTeam team_;
  std::vector<Worker> workers_;
  // Of the population being updated.
  AlignedVector<std::uint8_t> spike_map_;
  mutable AlignedVector<std::int16_t> dense_sums_;  // [positions][stride]
  AlignedVector<std::uint8_t> row_fits_;  // 1 where all sums of multiplied spikes are within shares
  std::vector<bool> multiplied_;          // of each projection
  bool any_multiplied_ = false;
};

}  // namespace trispike::runtime
