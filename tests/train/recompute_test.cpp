// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Stretches of layers that backward computes again: nothing but memory and time may differ.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "src/network.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using at::Tensor;

struct Case {
  std::string name;
  const char* network;
  bool bfloat16 = false;
  bool per_time_step = false;
};

struct Outcome {
  std::map<std::string, Tensor> gradients, buffers;
  std::vector<double> rates;
  Tensor logits;
};

Outcome iterate(const Case& c, int recompute) {
  model::NetworkOptions options;
  options.time_steps = 2;
  options.width = 4;
  options.input = {3, 16, 16};
  options.num_classes = 10;
  options.neuron = model::neuron_preset("official_code", model::NeuronKind::kTrainableTernary);
  options.neuron.trainable_threshold = c.per_time_step;
  model::NetworkSpec spec = model::build_network(c.network, options);
  for (model::Layer& layer : spec.layers) {
    if (auto* norm = std::get_if<model::BatchNormLayer>(&layer.params)) {
      norm->per_time_step = c.per_time_step;
    }
  }
  Network network(spec, 7);
  at::Generator generator = at::detail::createCPUGenerator(3);
  const Tensor images = at::randn({4, 3, 16, 16}, generator, at::kFloat);
  ForwardOptions forward;
  forward.training = true;
  if (c.bfloat16) forward.maps = at::kBFloat16;
  forward.recompute = recompute;
  ForwardResult result = network.forward(images, forward);
  Tensor loss = at::cross_entropy_loss(result.logits, at::arange(4, at::kLong));
  Outcome outcome;
  for (const Tensor& rate : result.firing_rates) {
    loss = loss + 0.1 * rate;  // the objective of the firing rate goes through stretches, too
    outcome.rates.push_back(rate.item<double>());
  }
  loss.backward();
  for (const Parameter& parameter : network.parameters()) {
    outcome.gradients[parameter.name] = parameter.tensor.grad().clone();
  }
  for (const auto& [name, tensor] : network.tensors()) outcome.buffers[name] = to_torch(tensor);
  outcome.logits = result.logits.detach();
  return outcome;
}

class Recompute : public ::testing::TestWithParam<Case> {};

TEST_P(Recompute, ChangesNoBit) {
  const Outcome kept = iterate(GetParam(), 0);
  for (const int stretch : {1, 2, 5, 1000}) {
    SCOPED_TRACE(stretch);
    const Outcome again = iterate(GetParam(), stretch);
    EXPECT_TRUE(again.logits.equal(kept.logits));
    EXPECT_EQ(again.rates, kept.rates);
    for (const auto& [name, gradient] : kept.gradients) {
      EXPECT_TRUE(again.gradients.at(name).equal(gradient)) << name;
    }
    // Running statistics would have moved twice.
    for (const auto& [name, tensor] : kept.buffers) {
      EXPECT_TRUE(again.buffers.at(name).equal(tensor)) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Recompute,
                         ::testing::Values(Case{"resnet20", "resnet20"},
                                           Case{"resnet20_bfloat16", "resnet20", true},
                                           Case{"per_time_step", "resnet20", false, true},
                                           Case{"resnet19", "resnet19"},
                                           Case{"resnet8", "resnet8"}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace trispike::train
