// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// After the first layer the runtime only adds: the executor, planner and scalar kernels that
// everybody runs are instantiated with a number that has no multiplication and counts its
// additions. The count must be the one that is reported, and the one that the naive reference finds
// by sliding a window of ones over |spikes|.
#include <gtest/gtest.h>

#include <type_traits>

#include "kernels/scalar.h"
#include "runtime/cases.h"
#include "src/executor.h"
#include "support/reference_network.h"

namespace trispike::runtime {
namespace {

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

  static std::int64_t additions;

 private:
  double value_ = 0;
};
std::int64_t Addable::additions = 0;

template <class T>
concept Multiplies = requires(T a, T b, double x) {
  a* b;
}
|| requires(T a, double x) { a* x; }
|| requires(T a, double x) { x* a; }
|| requires(T a, T b) { a *= b; }
|| requires(T a, T b) { a / b; }
|| requires(T a, T b) { a /= b; };
static_assert(Multiplies<double>);
static_assert(!Multiplies<Addable>);

}  // namespace

/// Potentials decay by a multiplication: they, and the first layer, are outside the claim.
template <>
struct RealOf<Addable> {
  using type = double;
};

namespace {

std::int64_t reported_operations(const model::Activity& activity) {
  std::int64_t sum = 0;
  for (const model::SynapseActivity& synapse : activity.synapses) {
    sum += synapse.synaptic_operations;
  }
  return sum;
}

/// Runs `trained` with Addable numbers and checks every count, spike and logit.
void expect_additions_only(const model::ModelData& trained) {
  const model::ModelData folded = model::fold(trained);
  const std::vector<double> input = test_input(folded.network);
  const std::size_t map_size = static_cast<std::size_t>(folded.network.input().shape.elements());
  const bool frames = folded.network.input().kind == model::InputKind::kFrames;

  const Plan plan = make_plan(folded);
  const Packed<Addable> packed = pack<Addable>(plan, folded.tensors, 1);
  Executor<Addable> executor(plan, packed, scalar_kernels<Addable>(),
                             {.record_activity = true, .record_spikes = true});
  Addable::additions = 0;
  for (int t = 0; t < plan.time_steps; ++t) {
    if (t == 0 || frames) {
      executor.set_input(std::span(input).subspan(frames ? t * map_size : 0, map_size));
    }
    executor.step();
  }
  const std::int64_t additions = Addable::additions;
  EXPECT_GT(additions, 0);

  const model::Activity& activity = executor.recorder().activity();
  EXPECT_EQ(additions, reported_operations(activity));

  const test::ReferenceResult reference = test::run_reference(folded, input, 1);
  std::int64_t independent = 0;
  for (std::size_t i = 0; i < reference.synapses.size(); ++i) {
    const model::SynapseActivity& expected = reference.synapses[i];
    EXPECT_EQ(activity.synapses[i].synaptic_operations, expected.synaptic_operations)
        << expected.layer;
    EXPECT_EQ(activity.synapses[i].macs == 0, i != 0) << "only the first layer may multiply";
    independent += expected.synaptic_operations;
  }
  EXPECT_EQ(additions, independent);
  for (std::size_t i = 0; i < reference.spikes.size(); ++i) {
    EXPECT_TRUE(executor.recorder().spike_records()[i].spikes == reference.spikes[i].spikes)
        << reference.spikes[i].layer;
  }

  // The same bits as what everybody runs.
  Session session(Model::from(trained, {Arithmetic::kFloat64, ""}), {.record_spikes = true});
  session.run(input);
  for (std::size_t i = 0; i < reference.spikes.size(); ++i) {
    EXPECT_TRUE(session.spikes()[i].spikes == reference.spikes[i].spikes);
  }
}

TEST(AdditionOnly, FullWidthResnet20) {
  model::NetworkOptions options;
  options.neuron.kind = model::NeuronKind::kTrainableTernary;
  expect_additions_only(test::random_weights(model::build_network("resnet20", options), 1));
}

TEST(AdditionOnly, EveryNetworkAndNeuron) {
  for (const model::NetworkEntry& entry : model::networks()) {
    for (const model::NeuronKindInfo& kind : model::neuron_kinds()) {
      if (!kind.spiking) continue;
      for (const auto input_kind : {model::InputKind::kStatic, model::InputKind::kFrames}) {
        SCOPED_TRACE(std::string(entry.name) + ", " + std::string(kind.name));
        model::NetworkOptions options;
        options.width = 7;
        options.input = entry.default_input.height > 100 ? model::MapShape{3, 41, 35}
                                                         : model::MapShape{3, 13, 11};
        options.input_kind = input_kind;
        options.neuron.kind = kind.kind;
        expect_additions_only(test::random_weights(model::build_network(entry.name, options), 2));
      }
    }
  }
}

}  // namespace
}  // namespace trispike::runtime
