// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the firing-rate objective counts and how its weight moves, against values computed by hand.
#include "src/firing_objective.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "trispike/model/error.h"

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
    EXPECT_DOUBLE_EQ(objective.rates({r[0], r[1], r[2]}).at(0), sum / total);
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
    objective.loss(layers, {1.0, {}}).backward();
    for (std::size_t i = 0; i < 3; ++i) {
      const double expected = of == RateOf::kNeurons ? 1.0 : 3 * kAdditions[i] / total;
      EXPECT_NEAR(layers[i].grad().item<double>(), expected, 1e-12) << i;
    }
  }
}

double followed(const FiringObjective& objective, double weight, double rate) {
  FiringWeights weights{weight, {}};
  objective.follow({rate}, weights);
  return weights.network;
}

TEST(FiringObjective, ItsWeightFollowsTheExcess) {
  TrainSection settings;
  settings.firing_rate_target = 0.2;
  settings.firing_rate_weight = 2.0;
  const FiringObjective objective(settings, small_network());
  EXPECT_EQ(objective.first_weights().network, 0.01);
  EXPECT_EQ(followed(objective, 0.5, 0.2), 0.5);
  EXPECT_DOUBLE_EQ(followed(objective, 0.5, 0.3), 0.5 * std::exp(3e-3 * 2 * 0.5));
  EXPECT_DOUBLE_EQ(followed(objective, 0.5, 0.9), 0.5 * std::exp(3e-3 * 2 * 2));  // at most
  EXPECT_DOUBLE_EQ(followed(objective, 0.5, 0.0), 0.5 * std::exp(-3e-3 * 2));
  EXPECT_EQ(followed(objective, 10.0, 0.9), 10.0);
  settings.firing_rate_target = 0;
  EXPECT_EQ(FiringObjective(settings, small_network()).first_weights().network, 0.0);
  EXPECT_TRUE(FiringObjective(settings, small_network()).targets().empty());
}

/// small_network with its neurons called a.0, a.1 and b.
NetworkSpec named_network() {
  NetworkSpec network = small_network();
  network.layers[2].name = "a.0";
  network.layers[5].name = "a.1";
  network.layers[8].name = "b";
  return network;
}

TEST(FiringObjective, LayersHaveTheTargetOfTheLongestName) {
  TrainSection settings;
  settings.firing_rate_targets = {{"a", 0.2}, {"b", 0.1}};
  const FiringObjective groups(settings, named_network());
  ASSERT_EQ(groups.targets().size(), 2u);
  const std::vector<double> r{0.5, 0.25, 0.125};
  EXPECT_DOUBLE_EQ(groups.rates(r)[0], (256 * r[0] + 256 * r[1]) / 512);
  EXPECT_DOUBLE_EQ(groups.rates(r)[1], r[2]);

  settings.firing_rate_targets = {{"a", 0.2}, {"a.1", 0.1}};
  const FiringObjective nested(settings, named_network());
  EXPECT_DOUBLE_EQ(nested.rates(r)[0], r[0]);
  EXPECT_DOUBLE_EQ(nested.rates(r)[1], r[1]);

  settings.firing_rate_of = RateOf::kOperations;
  settings.firing_rate_targets = {{"a", 0.2}};
  EXPECT_DOUBLE_EQ(FiringObjective(settings, named_network()).rates(r)[0],
                   (kAdditions[0] * r[0] + kAdditions[1] * r[1]) / (kAdditions[0] + kAdditions[1]));
}

TEST(FiringObjective, TargetsOfLayersAddToThatOfTheNetwork) {
  TrainSection settings;
  settings.firing_rate_target = 0.3;
  settings.firing_rate_targets = {{"a", 0.2}, {"b", 0.1}};
  for (const RateOf of : {RateOf::kNeurons, RateOf::kOperations}) {
    settings.firing_rate_of = of;
    const FiringObjective objective(settings, named_network());
    ASSERT_EQ(objective.targets().size(), 3u);
    EXPECT_EQ(objective.targets()[0].name, "");
    EXPECT_EQ(objective.first_weights().layers, (std::vector<double>{0.01, 0.01}));
    const std::vector<at::Tensor> layers = rates(0.5, 0.25, 0.125);
    objective.loss(layers, {0.5, {2.0, 3.0}}).backward();
    const double all = kAdditions[0] + kAdditions[1] + kAdditions[2],
                 of_a = kAdditions[0] + kAdditions[1];
    const bool neurons = of == RateOf::kNeurons;
    const double expected[] = {
        neurons ? 0.5 + 2 : 0.5 * 3 * kAdditions[0] / all + 2 * 2 * kAdditions[0] / of_a,
        neurons ? 0.5 + 2 : 0.5 * 3 * kAdditions[1] / all + 2 * 2 * kAdditions[1] / of_a,
        neurons ? 0.5 + 3 : 0.5 * 3 * kAdditions[2] / all + 3};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(layers[i].grad().item<double>(), expected[i], 1e-12) << i;
    }
  }
}

TEST(FiringObjective, EachWeightFollowsItsOwnTarget) {
  TrainSection settings;
  settings.firing_rate_target = 0.4;
  settings.firing_rate_targets = {{"a", 0.2}, {"b", 0.1}};
  const FiringObjective objective(settings, named_network());
  FiringWeights weights{0.5, {2.0, 3.0}};
  objective.follow({0.4, 0.3, 0.05}, weights);
  EXPECT_DOUBLE_EQ(weights.network, 0.5);
  EXPECT_DOUBLE_EQ(weights.layers[0], 2.0 * std::exp(3e-3 * 0.5));
  EXPECT_DOUBLE_EQ(weights.layers[1], 3.0 * std::exp(3e-3 * -0.5));
}

std::string error_of(std::map<std::string, double> targets) {
  TrainSection settings;
  settings.firing_rate_targets = std::move(targets);
  try {
    const FiringObjective objective(settings, named_network());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(FiringObjective, NamesOfNoLayerListThoseThereAre) {
  EXPECT_EQ(error_of({{"a.2", 0.1}}),
            "train.firing_rate_targets: 'a.2' is no spiking layer and no group of them; expected "
            "one of a.0, a.1, b, or what such names begin with up to a dot");
  EXPECT_THAT(error_of({{"c1", 0.1}}), testing::HasSubstr("'c1' is no spiking layer"));
  EXPECT_THAT(error_of({{"a.", 0.1}}), testing::HasSubstr("'a.' is no spiking layer"));
  EXPECT_THAT(error_of({{"", 0.1}}), testing::HasSubstr("'' is no spiking layer"));
  EXPECT_THAT(error_of({{"a", 0.1}, {"a.0", 0.1}, {"a.1", 0.2}}),
              testing::HasSubstr("all layers of 'a' have targets of their own"));
}

}  // namespace
}  // namespace trispike::train
