// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the firing-rate objective counts and how its weight moves, against values computed by hand.
#include "src/firing_objective.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace trispike::train {
namespace {

using namespace model;  // NOLINT: the layer types

/// Three neuron layers: one with an identity shortcut behind it, one behind which spikes are
/// pooled, one that is averaged over its whole map.
NetworkSpec small_network() {
  NetworkSpec network;
  network.time_steps = 2;
  network.layers = {
      {"input", {}, InputLayer{{3, 8, 8}, InputKind::kStatic}},
      {"c1", {0}, ConvLayer{.in_channels = 3, .out_channels = 4, .kernel = 3, .padding = 1}},
      {"n1", {1}, NeuronLayer{}},
      {"c2", {2}, ConvLayer{.in_channels = 4, .out_channels = 4, .kernel = 3, .padding = 1}},
      {"sum", {3, 2}, AddLayer{}},
      {"n2", {4}, NeuronLayer{}},
      {"pool", {5}, AvgPoolLayer{}},
      {"c3", {6}, ConvLayer{.in_channels = 4, .out_channels = 6, .kernel = 1, .padding = 0}},
      {"n3", {7}, NeuronLayer{}},
      {"mean", {8}, GlobalAvgPoolLayer{}},
      {"head", {9}, LinearLayer{.in_features = 6, .out_features = 5}}};
  return network;
}

// n1: 4 x 4 x 9 weights at 64 places and 4 x 64 identities; n2: 4 x 6 weights at 16 places, four
// spikes to each; n3: 6 x 5 weights, 16 spikes to each.
constexpr double kAdditions[] = {9216 + 256, 4 * 384, 16 * 30};
constexpr double kNeurons[] = {256, 256, 96};

std::vector<at::Tensor> rates(double a, double b, double c) {
  std::vector<at::Tensor> all;
  for (const double rate : {a, b, c}) {
    all.push_back(at::scalar_tensor(rate, at::kDouble).set_requires_grad(true));
  }
  return all;
}

TEST(FiringObjective, CountsTheAdditionsThatSpikesCause) {
  const std::vector<double> additions = dense_additions(small_network());
  ASSERT_EQ(additions.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(additions[i], kAdditions[i]) << i;
}

TEST(FiringObjective, TheRateIsOfNeuronsOrOfOperations) {
  TrainSection settings;
  settings.firing_rate_target = 0.2;
  const double r[] = {0.5, 0.25, 0.125};
  for (const RateOf of : {RateOf::kNeurons, RateOf::kOperations}) {
    settings.firing_rate_of = of;
    const double* weight = of == RateOf::kNeurons ? kNeurons : kAdditions;
    double sum = 0, total = 0;
    for (int i = 0; i < 3; ++i) sum += weight[i] * r[i], total += weight[i];
    const FiringObjective objective(settings, small_network());
    EXPECT_DOUBLE_EQ(objective.rate(rates(r[0], r[1], r[2])), sum / total);
  }
}

TEST(FiringObjective, LayersCountEquallyOrByTheirAdditions) {
  TrainSection settings;
  settings.firing_rate_target = 0.2;
  const double total = kAdditions[0] + kAdditions[1] + kAdditions[2];
  for (const RateOf of : {RateOf::kNeurons, RateOf::kOperations}) {
    settings.firing_rate_of = of;
    const std::vector<at::Tensor> layers = rates(0.5, 0.25, 0.125);
    const FiringObjective objective(settings, small_network());
    objective.loss(layers).backward();
    for (std::size_t i = 0; i < 3; ++i) {
      const double expected = of == RateOf::kNeurons ? 1.0 : 3 * kAdditions[i] / total;
      EXPECT_NEAR(layers[i].grad().item<double>(), expected, 1e-12) << i;
    }
  }
}

TEST(FiringObjective, ItsWeightFollowsTheExcess) {
  TrainSection settings;
  settings.firing_rate_target = 0.2;
  settings.firing_rate_weight = 2.0;
  const FiringObjective objective(settings, small_network());
  EXPECT_EQ(objective.first_weight(), 0.01);
  EXPECT_EQ(objective.next_weight(0.5, 0.2), 0.5);
  EXPECT_DOUBLE_EQ(objective.next_weight(0.5, 0.3), 0.5 * std::exp(3e-3 * 2 * 0.5));
  EXPECT_DOUBLE_EQ(objective.next_weight(0.5, 0.9), 0.5 * std::exp(3e-3 * 2 * 2));  // at most
  EXPECT_DOUBLE_EQ(objective.next_weight(0.5, 0.0), 0.5 * std::exp(-3e-3 * 2));
  EXPECT_EQ(objective.next_weight(10.0, 0.9), 10.0);
  settings.firing_rate_target = 0;
  EXPECT_EQ(FiringObjective(settings, small_network()).first_weight(), 0.0);
}

}  // namespace
}  // namespace trispike::train
