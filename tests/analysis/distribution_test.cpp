// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Statistics of a layer of four neurons, worked out by hand.
#include "trispike/analysis/distribution.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "trispike/model/error.h"

namespace trispike::test {
namespace {

using analysis::Distributions;

/// Input of four features, one layer of ternary neurons of threshold 0.5, T = 2.
model::NetworkSpec four_neurons() {
  model::NetworkSpec network;
  network.name = "four";
  network.time_steps = 2;
  model::NeuronSpec neuron;
  neuron.threshold = 0.5;
  network.layers = {{"input", {}, model::InputLayer{{4, 1, 1}, model::InputKind::kStatic}},
                    {"neuron", {0}, model::NeuronLayer{neuron}}};
  return network;
}

/// Neuron 0 always fires +1, neuron 1 never, neuron 2 fires +1 in sample 0 and -1 in sample 1,
/// neuron 3 fires +1 at t = 0 of sample 0 only.
Distributions two_samples() {
  Distributions d(four_neurons());
  d.add({{"neuron", {1, 0, 1, 1, 1, 0, 1, 0}}},
        {{"neuron", {0.5F, 0, 0.5F, 0.5F, 1, 0, 0.75F, 0.25F}}});
  d.add({{"neuron", {1, 0, -1, 0, 1, 0, -1, 0}}},
        {{"neuron", {0.5F, 0, -0.5F, 0, 1, 0, -0.75F, -0.25F}}});
  return d;
}

TEST(Distributions, RatesAndTheirSpread) {
  const auto layers = two_samples().statistics();
  ASSERT_EQ(layers.size(), 1u);
  const auto& layer = layers[0];
  EXPECT_EQ(layer.layer, "neuron");
  EXPECT_EQ(layer.dead, 1);
  EXPECT_EQ(layer.saturated, 2);  // neurons 0 and 2
  EXPECT_DOUBLE_EQ(layer.firing_rate, 9.0 / 16);
  EXPECT_DOUBLE_EQ(layer.rate_deviation, 0.5 / 8);  // 5 and 4 spikes of 8
  ASSERT_EQ(layer.steps.size(), 2u);
  EXPECT_DOUBLE_EQ(layer.steps[0].positive_rate, 4.0 / 8);
  EXPECT_DOUBLE_EQ(layer.steps[0].negative_rate, 1.0 / 8);
  EXPECT_DOUBLE_EQ(layer.steps[0].rate_deviation, 0.5 / 4);  // 3 and 2 of 4
  EXPECT_DOUBLE_EQ(layer.steps[1].rate_deviation, 0);        // 2 and 2
}

TEST(Distributions, Entropies) {
  const auto step = two_samples().statistics()[0].steps[0];
  // Neurons 2 and 3 take two values once each: one bit; the others none.
  EXPECT_DOUBLE_EQ(step.neuron_entropy, 0.5);
  EXPECT_DOUBLE_EQ(step.entropy_bias, 2 * (1 / (2 * 2 * std::log(2.0))) / 4);
  // Of 8 spikes: 4 +1, 1 -1, 3 silent.
  const double pooled =
      -(0.5 * std::log2(0.5) + 0.125 * std::log2(0.125) + 0.375 * std::log2(0.375));
  EXPECT_DOUBLE_EQ(step.pooled_entropy, pooled);
}

TEST(Distributions, MomentsOfThePotential) {
  const auto step = two_samples().statistics()[0].steps[0];
  // 0.5 four times, 0 three times, -0.5 once.
  EXPECT_NEAR(step.potential.mean, 1.5 / 8, 1e-12);
  const double variance = 5 * 0.25 / 8 - std::pow(1.5 / 8, 2);
  EXPECT_NEAR(step.potential.standard_deviation, std::sqrt(variance), 1e-12);
  double third = 0, fourth = 0;
  for (const double u : {0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, -0.5}) {
    third += std::pow(u - 1.5 / 8, 3) / 8;
    fourth += std::pow(u - 1.5 / 8, 4) / 8;
  }
  EXPECT_NEAR(step.potential.skewness, third / std::pow(variance, 1.5), 1e-9);
  EXPECT_NEAR(step.potential.excess_kurtosis, fourth / (variance * variance) - 3, 1e-9);
  EXPECT_DOUBLE_EQ(step.potential.least, -0.5);
  EXPECT_DOUBLE_EQ(step.potential.largest, 0.5);
}

TEST(Distributions, HistogramIsInUnitsOfTheThreshold) {
  Distributions d(four_neurons());
  const float beyond = 100;
  const float none = std::nanf("");
  d.add({{"neuron", std::vector<std::int8_t>(8)}},
        {{"neuron", {0.5F, -0.5F, beyond, -beyond, none, 0, 0, 0}}});
  const auto layer = d.statistics()[0];
  const auto& first = layer.steps[0].histogram;
  ASSERT_EQ(first.size(), std::size_t(analysis::kPotentialBins + 2));
  const int zero = 1 + analysis::kPotentialRange * analysis::kBinsPerThreshold;
  EXPECT_EQ(first[std::size_t(zero + analysis::kBinsPerThreshold)], 1);  // 1 threshold
  EXPECT_EQ(first[std::size_t(zero - analysis::kBinsPerThreshold)], 1);
  EXPECT_EQ(first.back(), 1);
  EXPECT_EQ(first.front(), 1);
  EXPECT_EQ(layer.steps[1].histogram.front(), 1);  // what is no number
  EXPECT_EQ(layer.steps[1].histogram[std::size_t(zero)], 3);
}

TEST(Distributions, MergingIsAddingAll) {
  Distributions all = two_samples();
  all.merge(two_samples());
  const auto once = two_samples().statistics()[0];
  const auto twice = all.statistics()[0];
  EXPECT_EQ(all.samples(), 4);
  EXPECT_DOUBLE_EQ(twice.firing_rate, once.firing_rate);
  EXPECT_DOUBLE_EQ(twice.rate_deviation, once.rate_deviation);
  EXPECT_EQ(twice.dead, once.dead);
  EXPECT_DOUBLE_EQ(twice.steps[0].neuron_entropy, once.steps[0].neuron_entropy);
  EXPECT_DOUBLE_EQ(twice.steps[0].entropy_bias, once.steps[0].entropy_bias / 2);
}

TEST(Distributions, Faults) {
  Distributions d(four_neurons());
  EXPECT_THROW(d.statistics(), Error);
  EXPECT_THROW(d.add({}, {}), Error);
  EXPECT_THROW(d.add({{"other", std::vector<std::int8_t>(8)}}, {{"other", std::vector<float>(8)}}),
               Error);
  EXPECT_THROW(
      d.add({{"neuron", std::vector<std::int8_t>(4)}}, {{"neuron", std::vector<float>(8)}}), Error);
}

TEST(Entropy, PlugInAndItsBias) {
  EXPECT_DOUBLE_EQ(analysis::entropy_bits(std::array<std::int64_t, 3>{7, 0, 0}), 0);
  EXPECT_DOUBLE_EQ(analysis::entropy_bits(std::array<std::int64_t, 4>{5, 5, 5, 5}), 2);
  EXPECT_DOUBLE_EQ(analysis::entropy_bits({}), 0);
  EXPECT_DOUBLE_EQ(analysis::entropy_bias_bits(std::array<std::int64_t, 3>{7, 0, 0}), 0);
  EXPECT_DOUBLE_EQ(analysis::entropy_bias_bits(std::array<std::int64_t, 3>{4, 3, 3}),
                   2 / (20 * std::log(2.0)));
}

TEST(Entropy, UniformIsTheLargest) {  // Proposition 1
  const std::array<std::int64_t, 3> uniform = {40, 40, 40};
  EXPECT_DOUBLE_EQ(analysis::entropy_bits(uniform), std::log2(3.0));
  for (std::int64_t shift = 1; shift <= 40; ++shift) {
    EXPECT_LT(analysis::entropy_bits(std::array<std::int64_t, 3>{40 - shift, 40, 40 + shift}),
              std::log2(3.0));
  }
}

}  // namespace
}  // namespace trispike::test
