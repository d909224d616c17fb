// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Runs a plan, one time step after the other. A template over the number type of the event path, so
// that the very same executor runs with numbers that cannot multiply
// (tests/runtime/addition_only_test.cpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
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

/// `plan`, `packed` and `kernels` must outlive it. All memory is allocated by the constructor.
template <class Number>
class Executor final : public Engine {
 public:
  using Real = typename RealOf<Number>::type;

  Executor(const Plan& plan, const Packed<Number>& packed, const Kernels<Number>& kernels,
           const SessionOptions& options)
      : plan_(plan), kernels_(kernels), recorder_(plan, options) {
    input_.resize(static_cast<std::size_t>(plan.input.shape.elements()));
    units_.reserve(plan.populations.size());
    for (std::size_t i = 0; i < plan.populations.size(); ++i) {
      units_.emplace_back(plan.populations[i], packed.populations[i]);
    }
    allocate_scratch();
    for (Unit& unit : units_) bind(unit);
  }

  void reset() override {
    for (Unit& unit : units_) {
      std::fill(unit.membrane_potential.begin(), unit.membrane_potential.end(), Real(0));
    }
    recorder_.reset();
  }

  void set_input(std::span<const float> map) override { transpose_input(map); }
  void set_input(std::span<const double> map) override { transpose_input(map); }

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
    const AlignedVector<Real>& values = units_.back().values;
    std::copy_n(values.begin(), logits.size(), logits.begin());
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
        lif = {model::lower<Real>(p.neuron), p.shape.channels, w.stride, spikes_of_position.data()};
      } else {
        values.resize(size);
      }
      const auto dense = [](const Projection& projection) { return !projection.event_driven; };
      if (std::any_of(p.projections.begin(), p.projections.end(), dense)) drive.resize(size);
    }

    bool spikes() const { return population.activation == Activation::kSpikes; }
    EventView event_view() const {
      return {event_channels.data(), positive.data(), negative.data(), population.shape.channels};
    }
    EventSink event_sink(std::int64_t position) {
      const std::int64_t stride = population.shape.channels;
      return {event_channels.data() + position * stride, positive.data() + position,
              negative.data() + position, stride};
    }

    const Population& population;
    const PackedPopulation<Number>& packed;
    LifLayer<Real> lif{};
    AlignedVector<std::int8_t> spikes_of_position;
    AlignedVector<Real> membrane_potential;  // spiking: [positions][stride]
    AlignedVector<std::uint16_t> event_channels;
    AlignedVector<std::uint16_t> positive;
    AlignedVector<std::uint16_t> negative;
    AlignedVector<Real> values;  // not spiking: [positions][stride]
    AlignedVector<Real> drive;  // bias and dense projections: [positions][stride]; empty: only bias
    bool drive_is_static = false;
    std::vector<EventInput<Number>> event_inputs;  // per projection; unused ones are empty
    std::vector<DenseInput<Real>> dense_inputs;
  };

  void allocate_scratch() {
    std::int64_t rows = 0;
    std::int64_t row_size = 0;
    for (const Unit& unit : units_) {
      row_size = std::max(row_size, unit.population.shape.width * unit.packed.stride);
      for (const Projection& projection : unit.population.projections) {
        if (projection.event_driven && !projection.diagonal) {
          rows = std::max(rows, connectivity(projection).most_taps * projection.in_channels);
        }
      }
    }
    positive_rows_.resize(static_cast<std::size_t>(rows + kListSlack));
    negative_rows_.resize(static_cast<std::size_t>(rows + kListSlack));
    currents_.resize(static_cast<std::size_t>(row_size), Number(0));
  }

  /// Needs all units in place: inputs point at their sources' buffers.
  void bind(Unit& unit) {
    unit.drive_is_static = plan_.input.kind == model::InputKind::kStatic;
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      const TapView taps = connectivity(projection).view();
      EventInput<Number> events{};
      DenseInput<Real> dense{};
      if (projection.event_driven) {
        events = {taps,
                  source(projection).event_view(),
                  unit.packed.event_weights[j]->data(),
                  projection.in_channels,
                  unit.packed.stride,
                  positive_rows_.data(),
                  negative_rows_.data()};
      } else {
        const bool from_input = projection.source == kInputSource;
        dense = {taps,
                 from_input ? input_.data() : source(projection).values.data(),
                 from_input ? plan_.input.shape.channels : source(projection).packed.stride,
                 unit.packed.dense_weights[j]->data(),
                 projection.in_channels,
                 unit.packed.stride};
        if (!from_input) unit.drive_is_static = false;
      }
      unit.event_inputs.push_back(events);
      unit.dense_inputs.push_back(dense);
    }
  }

  const Connectivity& connectivity(const Projection& projection) const {
    return plan_.connectivities[static_cast<std::size_t>(projection.connectivity)];
  }
  const Unit& source(const Projection& projection) const {
    return units_[static_cast<std::size_t>(projection.source)];
  }

  template <class T>
  void transpose_input(std::span<const T> map) {
    const std::int64_t channels = plan_.input.shape.channels;
    const std::int64_t positions = plan_.input.shape.height * plan_.input.shape.width;
    for (std::int64_t c = 0; c < channels; ++c) {
      const T* from = map.data() + c * positions;
      Real* to = input_.data() + c;
      for (std::int64_t p = 0; p < positions; ++p) to[p * channels] = static_cast<Real>(from[p]);
    }
    input_is_new_ = true;
  }

  /// Bias and real-valued sources: the multiply-accumulates.
  void update_drive(Unit& unit) {
    const std::int64_t positions = unit.population.positions();
    const std::int64_t stride = unit.packed.stride;
    for (std::int64_t p = 0; p < positions; ++p) {
      std::copy_n(unit.packed.bias.data(), stride, unit.drive.data() + p * stride);
    }
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (projection.event_driven) continue;
      const auto kernel = projection.diagonal ? kernels_.dense_diagonal : kernels_.dense;
      kernel(unit.dense_inputs[j], 0, positions, unit.drive.data());
      recorder_.macs(projection);
    }
  }

  /// One time step of a population, row by row: the currents of a row stay in the nearest cache.
  SpikeCount update(Unit& unit) {
    const std::int64_t width = unit.population.shape.width;
    SpikeCount total;
    for (std::int64_t begin = 0; begin < unit.population.positions(); begin += width) {
      start_row(unit, begin, width);
      add_events(unit, begin, begin + width);
      if (unit.spikes()) {
        const SpikeCount count = kernels_.lif(
            unit.lif, currents_.data(), unit.membrane_potential.data() + begin * unit.packed.stride,
            width, unit.event_sink(begin));
        total.positive += count.positive;
        total.negative += count.negative;
      } else {
        finish_values(unit, begin, width);
      }
    }
    return total;
  }

  void start_row(const Unit& unit, std::int64_t begin, std::int64_t width) {
    const std::int64_t stride = unit.packed.stride;
    for (std::int64_t x = 0; x < width; ++x) {
      const Real* from =
          unit.drive.empty() ? unit.packed.bias.data() : unit.drive.data() + (begin + x) * stride;
      Number* to = currents_.data() + x * stride;
      for (std::int64_t c = 0; c < stride; ++c) to[c] = Number(from[c]);
    }
  }

  void add_events(const Unit& unit, std::int64_t begin, std::int64_t end) {
    for (std::size_t j = 0; j < unit.population.projections.size(); ++j) {
      const Projection& projection = unit.population.projections[j];
      if (!projection.event_driven) continue;
      const auto kernel = projection.diagonal ? kernels_.gather_diagonal : kernels_.gather;
      const std::int64_t count = kernel(unit.event_inputs[j], begin, end, currents_.data());
      const std::int64_t fan_out = projection.diagonal ? 1 : unit.population.shape.channels;
      recorder_.synaptic_operations(projection, count * fan_out);
    }
  }

  void finish_values(Unit& unit, std::int64_t begin, std::int64_t width) {
    Real* to = unit.values.data() + begin * unit.packed.stride;
    const bool relu = unit.population.activation == Activation::kRelu;
    for (std::int64_t i = 0; i < width * unit.packed.stride; ++i) {
      const Real sum = static_cast<Real>(currents_[static_cast<std::size_t>(i)]);
      to[i] = relu ? std::max(sum, Real(0)) : sum;
    }
  }

  const Plan& plan_;
  const Kernels<Number> kernels_;
  Recorder recorder_;
  AlignedVector<Real> input_;  // [positions][channels]
  bool input_is_new_ = false;
  std::vector<Unit> units_;
  // Scratch, shared by all units.
  AlignedVector<Number> currents_;  // of one row
  AlignedVector<std::uint32_t> positive_rows_;
  AlignedVector<std::uint32_t> negative_rows_;
};

}  // namespace trispike::runtime
