// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// After the first layer the runtime only adds, with event input in it, too: the executor, planner
// and scalar kernels that everybody runs are instantiated with a number that has no multiplication
// and counts its additions. The count must be the one that is reported, and the one that the naive
// reference finds by sliding a window of ones over |spikes|.
#include <gtest/gtest.h>

#include "runtime/adding_runtime.h"
#include "runtime/cases.h"
#include "support/reference_network.h"
#include "trispike/model/quantise.h"

namespace trispike::runtime {
namespace {

/// Runs `trained` with AddableReal numbers and checks every count and spike.
void expect_additions_only(const model::ModelData& trained) {
  const model::ModelData folded = model::fold(trained);
  const std::vector<double> input = test_input(folded.network);
  AddingRuntime<AddableReal> runtime(folded);
  const std::int64_t additions = runtime.run(input);
  EXPECT_GT(additions, 0);
  const model::Activity& activity = runtime.activity();
  EXPECT_EQ(additions, synaptic_operations(activity));

  const test::ReferenceResult reference = test::run_reference(folded, input, 1);
  std::int64_t independent = 0;
  ASSERT_EQ(activity.synapses.size(), reference.synapses.size());
  for (std::size_t i = 0; i < reference.synapses.size(); ++i) {
    const model::SynapseActivity& expected = reference.synapses[i];
    EXPECT_EQ(activity.synapses[i].synaptic_operations, expected.synaptic_operations)
        << expected.layer;
    const bool multiplies = i == 0 && folded.network.input().kind != model::InputKind::kEvents;
    EXPECT_EQ(activity.synapses[i].macs > 0, multiplies) << "only the first layer may multiply";
    independent += expected.synaptic_operations;
  }
  EXPECT_EQ(additions, independent);

  // It is the same computation as the one that everybody runs.
  Session session(Model::from(trained, {Arithmetic::kFloat64, ""}), {.record_spikes = true});
  session.run(input);
  for (std::size_t i = 0; i < reference.spikes.size(); ++i) {
    EXPECT_TRUE(runtime.spikes()[i].spikes == reference.spikes[i].spikes)
        << reference.spikes[i].layer;
    EXPECT_TRUE(session.spikes()[i].spikes == reference.spikes[i].spikes)
        << reference.spikes[i].layer;
  }
}

/// The same in integers, where also the decay is no multiplication.
void expect_integer_additions_only(const model::ModelData& trained) {
  const model::ModelData quantised = model::quantise(model::fold(trained), {});
  const std::vector<double> input = test_input(quantised.network);
  AddingRuntime<AddableInteger> runtime(quantised);
  const std::int64_t executed = runtime.run(input);
  EXPECT_GT(executed, 0);
  EXPECT_EQ(executed, synaptic_operations(runtime.activity()));
  bool multiplies = quantised.network.input().kind != model::InputKind::kEvents;
  for (const model::SynapseActivity& synapse : runtime.activity().synapses) {
    EXPECT_EQ(synapse.macs > 0, multiplies) << synapse.layer;
    multiplies = false;  // no other layer
  }

  Session session(Model::from(quantised), {.record_activity = true, .record_spikes = true});
  session.run(input);
  EXPECT_EQ(executed, synaptic_operations(session.activity()));
  for (std::size_t i = 0; i < session.spikes().size(); ++i) {
    EXPECT_TRUE(runtime.spikes()[i].spikes == session.spikes()[i].spikes)
        << session.spikes()[i].layer;
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
      for (const auto input_kind :
           {model::InputKind::kStatic, model::InputKind::kFrames, model::InputKind::kEvents}) {
        SCOPED_TRACE(std::string(entry.name) + ", " + std::string(kind.name));
        model::NetworkOptions options;
        options.width = 7;
        options.input = entry.default_input.height > 100 ? model::MapShape{3, 41, 35}
                                                         : model::MapShape{3, 13, 11};
        options.input_kind = input_kind;
        options.neuron.kind = kind.kind;
        const model::ModelData trained =
            test::random_weights(model::build_network(entry.name, options), 2);
        expect_additions_only(trained);
        expect_integer_additions_only(trained);
      }
    }
  }
}

}  // namespace
}  // namespace trispike::runtime
