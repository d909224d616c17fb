// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Counts small enough to be checked by hand.
#include "trispike/analysis/summary.h"

#include <gtest/gtest.h>

#include "trispike/model/error.h"

namespace trispike::analysis {
namespace {

using model::NeuronKind;

/// 2 x 2 pixels - convolution - ternary neurons - head - binary neurons - head, T = 2.
model::NetworkSpec two_neuron_layers() {
  model::NeuronSpec ternary;
  model::NeuronSpec binary;
  binary.kind = NeuronKind::kBinary;
  model::NetworkSpec network;
  network.name = "two";
  network.time_steps = 2;
  network.layers = {
      {"input", {}, model::InputLayer{{1, 2, 2}, model::InputKind::kStatic}},
      {"conv", {0}, model::ConvLayer{1, 2, 1, 1, 0, false}},
      {"ternary", {1}, model::NeuronLayer{ternary}},
      {"hidden", {2}, model::LinearLayer{8, 2, false}},
      {"binary", {3}, model::NeuronLayer{binary}},
      {"head", {4}, model::LinearLayer{2, 3, true}},
  };
  return network;
}

/// Four samples of that network.
model::Activity four_samples() {
  model::Activity activity;
  activity.samples = 4;
  activity.time_steps = 2;
  activity.neurons = {{"ternary", 8, {8, 4}, {4, 0}}, {"binary", 2, {2, 4}, {0, 0}}};
  activity.synapses = {{"conv", 0, 32, 64}, {"hidden", 32, 0, 128}, {"head", 18, 0, 48}};
  activity.synaptic_operations_at = {20, 30};
  return activity;
}

TEST(Summary, RatesAreSpikesPerNeuronTimeStepAndSample) {
  const Summary summary = summarize(two_neuron_layers(), four_samples());
  ASSERT_EQ(summary.neuron_layers.size(), 2u);
  const NeuronSummary& ternary = summary.neuron_layers[0];
  EXPECT_EQ(ternary.layer, "ternary");
  EXPECT_EQ(ternary.neurons, 8);
  EXPECT_DOUBLE_EQ(ternary.positive_rate, 12.0 / 64);
  EXPECT_DOUBLE_EQ(ternary.negative_rate, 4.0 / 64);
  EXPECT_DOUBLE_EQ(ternary.firing_rate, 0.25);
  EXPECT_EQ(ternary.positive_rate_at, (std::vector<double>{0.25, 0.125}));
  EXPECT_EQ(ternary.negative_rate_at, (std::vector<double>{0.125, 0.0}));

  const NeuronSummary& binary = summary.neuron_layers[1];
  EXPECT_DOUBLE_EQ(binary.firing_rate, 6.0 / 16);
  EXPECT_EQ(binary.positive_rate_at, (std::vector<double>{0.25, 0.5}));
  EXPECT_EQ(binary.negative_rate, 0.0);
}

TEST(Summary, OverallRateWeighsNeuronsNotLayers) {
  const Summary summary = summarize(two_neuron_layers(), four_samples());
  EXPECT_EQ(summary.samples, 4);
  EXPECT_EQ(summary.time_steps, 2);
  EXPECT_EQ(summary.neurons, 10);
  EXPECT_DOUBLE_EQ(summary.firing_rate, 22.0 / 80);  // the mean of the layers' rates is 25 / 80
  EXPECT_DOUBLE_EQ(summary.positive_rate, 18.0 / 80);
  EXPECT_DOUBLE_EQ(summary.negative_rate, 4.0 / 80);
}

TEST(Summary, OperationsPerTimeStepAreOfOneSample) {
  EXPECT_EQ(summarize(two_neuron_layers(), four_samples()).synaptic_operations_at,
            (std::vector<double>{5.0, 7.5}));
}

TEST(Summary, SignOperationsAreDoubledForNeuronsThatFireBothWays) {
  const Summary summary = summarize(two_neuron_layers(), four_samples());
  EXPECT_DOUBLE_EQ(summary.neuron_layers[0].sign_operations, 2 * 16 / 4.0);
  EXPECT_DOUBLE_EQ(summary.neuron_layers[1].sign_operations, 6 / 4.0);
  EXPECT_DOUBLE_EQ(summary.total.sign_operations, 9.5);
}

TEST(Summary, OperationsAreThoseOfOneSample) {
  const Summary summary = summarize(two_neuron_layers(), four_samples());
  ASSERT_EQ(summary.synapse_layers.size(), 3u);
  EXPECT_DOUBLE_EQ(summary.synapse_layers[0].macs, 8.0);
  EXPECT_DOUBLE_EQ(summary.synapse_layers[1].synaptic_operations, 8.0);
  EXPECT_DOUBLE_EQ(summary.synapse_layers[2].synaptic_operations, 4.5);
  EXPECT_DOUBLE_EQ(summary.synapse_layers[2].dense_operations, 12.0);
  EXPECT_DOUBLE_EQ(summary.total.macs, 8.0);
  EXPECT_DOUBLE_EQ(summary.total.synaptic_operations, 12.5);
  EXPECT_DOUBLE_EQ(summary.total.dense_operations, 60.0);
  EXPECT_DOUBLE_EQ(summary.total.membrane_updates, 20.0);
}

TEST(Summary, NetworkWithoutSpikesHasRateZero) {
  model::Activity activity = four_samples();
  activity.neurons.clear();
  const Summary summary = summarize(two_neuron_layers(), activity);
  EXPECT_EQ(summary.firing_rate, 0.0);
  EXPECT_EQ(summary.total.sign_operations, 0.0);
  EXPECT_DOUBLE_EQ(summary.total.macs, 8.0);
}

template <class Change>
std::string message_after(Change change) {
  model::Activity activity = four_samples();
  change(activity);
  try {
    summarize(two_neuron_layers(), activity);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Summary, RefusesActivityOfAnotherNetwork) {
  EXPECT_EQ(message_after([](auto& activity) { activity.samples = 0; }),
            "activity of 0 samples, expected at least one");
  EXPECT_EQ(message_after([](auto& activity) { activity.neurons[0].layer = "conv"; }),
            "activity of 'conv': network 'two' has no neuron layer of that name");
  EXPECT_EQ(message_after([](auto& activity) { activity.neurons[0].layer = "nobody"; }),
            "activity of 'nobody': network 'two' has no neuron layer of that name");
  EXPECT_EQ(message_after([](auto& activity) { activity.neurons[1].negative.pop_back(); }),
            "activity of 'binary': spike counts of 1 time steps, expected 2");
}

}  // namespace
}  // namespace trispike::analysis
