// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A number that cannot multiply, and the runtime's own executor, planner and scalar kernels
// instantiated with it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/scalar.h"
#include "src/executor.h"
#include "src/packed.h"
#include "src/plan.h"

namespace trispike::runtime {

/// A double that can be added, subtracted, and nothing else.
class Addable {
 public:
  Addable() = default;
  explicit Addable(double value) : value_(value) {}
  explicit operator double() const { return value_; }

  Addable& operator+=(const Addable& other) {
    value_ += other.value_;
    ++additions;
    return *this;
  }
  Addable& operator-=(const Addable& other) {
    value_ -= other.value_;
    ++additions;
    return *this;
  }
  template <class T>
  friend Addable operator*(const Addable&, const T&) = delete;
  template <class T>
  friend Addable operator/(const Addable&, const T&) = delete;

  inline static std::int64_t additions = 0;  ///< and subtractions, of all numbers

 private:
  double value_ = 0;
};

template <class T>
concept Multiplies = requires(T a, T b) {
  a* b;
}
|| requires(T a, double x) { a* x; }
|| requires(T a, double x) { x* a; }
|| requires(T a, T b) { a *= b; }
|| requires(T a, T b) { a / b; }
|| requires(T a, T b) { a /= b; };
static_assert(Multiplies<double>);
static_assert(!Multiplies<Addable>);

/// Potentials decay by a multiplication: they, and the first layer, are outside the claim.
template <>
struct RealOf<Addable> {
  using type = double;
};

/// Runs folded networks with Addable numbers, recording everything.
class AddingRuntime {
 public:
  explicit AddingRuntime(const model::ModelData& folded)
      : plan_(make_plan(folded)),
        packed_(pack<Addable>(plan_, folded.tensors, 1)),
        executor_(plan_, packed_, scalar_kernels<Addable>(),
                  {.record_activity = true, .record_spikes = true}) {}

  /// Runs one sample; returns the number of additions that the kernels executed.
  std::int64_t run(std::span<const double> input) {
    const bool frames = plan_.input.kind == model::InputKind::kFrames;
    const auto map_size = static_cast<std::size_t>(plan_.input.shape.elements());
    const std::int64_t before = Addable::additions;
    executor_.reset();
    for (int t = 0; t < plan_.time_steps; ++t) {
      const std::size_t map = frames ? static_cast<std::size_t>(t) : 0;
      if (t == 0 || frames) executor_.set_input(input.subspan(map * map_size, map_size));
      executor_.step();
    }
    return Addable::additions - before;
  }
  const model::Activity& activity() { return executor_.recorder().activity(); }
  const std::vector<model::SpikeRecord>& spikes() { return executor_.recorder().spike_records(); }

 private:
  Plan plan_;
  Packed<Addable> packed_;
  Executor<Addable> executor_;
};

inline std::int64_t synaptic_operations(const model::Activity& activity) {
  std::int64_t sum = 0;
  for (const model::SynapseActivity& synapse : activity.synapses) {
    sum += synapse.synaptic_operations;
  }
  return sum;
}

}  // namespace trispike::runtime
