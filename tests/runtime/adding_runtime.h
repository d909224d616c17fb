// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers that cannot multiply, real and integer, and the runtime's own executor, planner and
// scalar kernels instantiated with them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/scalar.h"
#include "src/executor.h"
#include "src/packed.h"
#include "src/plan.h"

namespace trispike::runtime {

/// Counts the additions and subtractions of all Addable numbers.
inline std::int64_t additions = 0;

/// A number that can be added, subtracted, and nothing else.
template <class Value>
class Addable {
 public:
  Addable() = default;
  explicit Addable(double value) : value_(static_cast<Value>(value)) {}
  explicit Addable(BiasedByte weight) : value_(static_cast<Value>(weight)) {}
  explicit operator Value() const { return value_; }

  Addable& operator+=(const Addable& other) {
    value_ += other.value_;
    ++runtime::additions;
    return *this;
  }
  Addable& operator-=(const Addable& other) {
    value_ -= other.value_;
    ++runtime::additions;
    return *this;
  }
  template <class T>
  friend Addable operator*(const Addable&, const T&) = delete;
  template <class T>
  friend Addable operator/(const Addable&, const T&) = delete;

 private:
  Value value_ = 0;
};
using AddableReal = Addable<double>;
using AddableInteger = Addable<std::int32_t>;

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
static_assert(!Multiplies<AddableReal>);
static_assert(!Multiplies<AddableInteger>);
static_assert(!Multiplies<BiasedByte>);

/// Potentials decay by a multiplication: they, and the first layer, are outside the claim.
template <>
struct Types<AddableReal> {
  using Weight = AddableReal;
  using Constant = AddableReal;
  using Current = AddableReal;
  using Potential = double;
  using Value = double;
  using Factor = double;
  using Neurons = model::LifConstants<double>;
};

/// The first layer is outside the claim.
template <>
struct Types<AddableInteger> : Types<Integer> {
  using Constant = AddableInteger;
  using Current = AddableInteger;
};

/// Runs folded (AddableReal) or quantised (AddableInteger) networks, recording everything.
template <class Number>
class AddingRuntime {
 public:
  explicit AddingRuntime(const model::ModelData& model)
      : plan_(make_plan(model)),
        packed_(pack<Number>(plan_, model.tensors, 1)),
        executor_(plan_, packed_, scalar_kernels<Number>(),
                  {.record_activity = true, .record_spikes = true}) {}

  /// Runs one sample; returns the number of additions that the kernels executed.
  std::int64_t run(std::span<const double> input) {
    const bool frames = plan_.input.kind != model::InputKind::kStatic;
    const auto map_size = static_cast<std::size_t>(plan_.input.shape.elements());
    const std::int64_t before = additions;
    executor_.reset();
    for (int t = 0; t < plan_.time_steps; ++t) {
      const std::size_t map = frames ? static_cast<std::size_t>(t) : 0;
      if (t == 0 || frames) executor_.set_input(input.subspan(map * map_size, map_size));
      executor_.step();
    }
    return additions - before;
  }
  const model::Activity& activity() { return executor_.recorder().activity(); }
  const std::vector<model::SpikeRecord>& spikes() { return executor_.recorder().spike_records(); }
  std::vector<double> logits() const {
    std::vector<double> logits(plan_.populations.back().bias.size());
    executor_.read_logits(logits);
    return logits;
  }

 private:
  Plan plan_;
  Packed<Number> packed_;
  Executor<Number> executor_;
};

inline std::int64_t synaptic_operations(const model::Activity& activity) {
  std::int64_t sum = 0;
  for (const model::SynapseActivity& synapse : activity.synapses) {
    sum += synapse.synaptic_operations;
  }
  return sum;
}

}  // namespace trispike::runtime
