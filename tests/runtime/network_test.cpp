// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Whole networks against the naive reference: the same spikes, the same operations, the same
// logits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/cases.h"
#include "support/reference_network.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {
namespace {

std::string describe_case(const model::NetworkSpec& network, std::string_view target) {
  return network.name + ", T = " + std::to_string(network.time_steps) + ", target " +
         std::string(target);
}

/// Runs the folded network in float64 on every target of this machine and compares with the
/// reference.
void expect_equal_to_reference(const model::ModelData& trained) {
  const model::ModelData folded = model::fold(trained);
  const std::vector<double> input = test_input(folded.network);
  const test::ReferenceResult expected = test::run_reference(folded, input, 1);
  for (const TargetInfo& target : targets()) {
    if (!target.supported) continue;
    SCOPED_TRACE(describe_case(folded.network, target.name));
    const Model model = Model::from(trained, {Arithmetic::kFloat64, std::string(target.name)});
    Session session(model, {.record_activity = true, .record_spikes = true});
    const std::span<const double> logits = session.run(input);
    ASSERT_EQ(logits.size(), expected.logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) {
      EXPECT_NEAR(logits[i], expected.logits[i], 1e-9) << "class " << i;
    }
    ASSERT_EQ(session.spikes().size(), expected.spikes.size());
    for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
      EXPECT_EQ(session.spikes()[i].layer, expected.spikes[i].layer);
      EXPECT_TRUE(session.spikes()[i].spikes == expected.spikes[i].spikes)
          << "spikes of " << expected.spikes[i].layer;
    }
    const model::Activity& activity = session.activity();
    ASSERT_EQ(activity.synapses.size(), expected.synapses.size());
    for (std::size_t i = 0; i < expected.synapses.size(); ++i) {
      const model::SynapseActivity& found = activity.synapses[i];
      const model::SynapseActivity& wanted = expected.synapses[i];
      EXPECT_EQ(found.layer, wanted.layer);
      EXPECT_EQ(found.synaptic_operations, wanted.synaptic_operations) << wanted.layer;
      EXPECT_EQ(found.macs, wanted.macs) << wanted.layer;
      EXPECT_EQ(found.dense_operations, wanted.dense_operations) << wanted.layer;
    }
  }
}

// Odd at every pool, and large enough for the stem of the ImageNet networks.
model::MapShape odd_input(std::string_view network) {
  const bool imagenet = network == "resnet18" || network == "resnet34";
  return imagenet ? model::MapShape{3, 45, 37} : model::MapShape{3, 19, 15};
}

std::vector<std::string> network_names() {
  std::vector<std::string> names;
  for (const model::NetworkEntry& entry : model::networks()) names.emplace_back(entry.name);
  return names;
}

class EachNetwork : public testing::TestWithParam<std::string> {};

TEST_P(EachNetwork, EqualsReference) {
  for (const model::NeuronKindInfo& kind : model::neuron_kinds()) {
    for (const int time_steps : {1, 2, 4}) {
      if (!kind.spiking && time_steps > 1) continue;
      SCOPED_TRACE(kind.name);
      model::NetworkOptions options;
      options.width = 6;
      options.time_steps = time_steps;
      options.num_classes = 7;
      options.input = odd_input(GetParam());
      options.neuron.kind = kind.kind;
      expect_equal_to_reference(test::random_weights(model::build_network(GetParam(), options),
                                                     static_cast<std::uint64_t>(time_steps)));
    }
  }
}

TEST_P(EachNetwork, FramesAndEventsEqualReference) {
  for (const auto kind : {model::InputKind::kFrames, model::InputKind::kEvents}) {
    SCOPED_TRACE(model::to_string(kind));
    model::NetworkOptions options;
    options.width = 5;
    options.time_steps = 3;
    options.num_classes = 3;
    options.input = odd_input(GetParam());
    options.input.channels = 2;
    options.input_kind = kind;
    expect_equal_to_reference(test::random_weights(model::build_network(GetParam(), options), 5));
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, EachNetwork, testing::ValuesIn(network_names()),
                         [](const auto& network) { return network.param; });

TEST(NeuronOptions, AllEqualReference) {
  for_each_neuron({0.0, 0.25, 0.9, 1.0}, expect_equal_to_reference);
}

TEST(Float32, IsBitIdenticalOnAllTargets) {
  for (const auto kind : {model::InputKind::kStatic, model::InputKind::kEvents}) {
    model::NetworkOptions options;
    options.width = 13;
    options.input = {3, 17, 17};
    options.input_kind = kind;
    const model::ModelData trained =
        test::random_weights(model::build_network("resnet20", options), 3);
    const std::vector<double> input = test_input(trained.network);
    std::vector<double> expected;
    for (const TargetInfo& target : targets()) {
      if (!target.supported) continue;
      Session session(Model::from(trained, {Arithmetic::kFloat32, std::string(target.name)}));
      const std::span<const double> logits = session.run(input);
      const std::vector<double> found(logits.begin(), logits.end());
      if (expected.empty()) expected = found;
      EXPECT_EQ(found, expected) << target.name;
    }
  }
}

TEST(Float32, IsFloat64Rounded) {
  // Without spikes nothing is chaotic: rounding stays small.
  model::NetworkOptions options;
  options.width = 13;
  options.time_steps = 1;
  options.input = {3, 17, 17};
  options.neuron.kind = model::NeuronKind::kRelu;
  const model::ModelData trained = test::parity_weights(model::build_network("resnet20", options));
  const std::vector<double> input = test_input(trained.network);
  Session single(Model::from(trained, {Arithmetic::kFloat32, ""}));
  Session twice(Model::from(trained, {Arithmetic::kFloat64, ""}));
  const std::span<const double> rounded = single.run(input);
  const std::span<const double> exact = twice.run(input);
  double scale = 0;
  for (const double logit : exact) scale = std::max(scale, std::abs(logit));
  ASSERT_GT(scale, 0);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    EXPECT_NEAR(rounded[i], exact[i], 1e-5 * scale);
    EXPECT_NE(rounded[i], exact[i]) << "float32 is really used";
  }
}

}  // namespace
}  // namespace trispike::runtime
