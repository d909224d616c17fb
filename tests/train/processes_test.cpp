// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Two ranks on halves of a batch do what one does on the whole: gradients, running statistics,
// results. The ranks are threads of this process.
#include "trispike/train/processes.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "ranks.h"
#include "src/checkpoint.h"
#include "src/communicator.h"
#include "src/training_step.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using ::testing::HasSubstr;

struct Case {
  std::string name;
  at::ScalarType type;
  bool fused;
  double tolerance;  ///< relative, per tensor
  std::int64_t batch;
  model::NeuronKind neuron = model::NeuronKind::kTrainableTernary;
  int recompute = 0;  ///< of the ranks
  bool trainable_threshold = false;
};

/// One iteration. Without decay and with a fresh momentum, the optimizer's state is the gradient.
struct Outcome {
  std::map<std::string, at::Tensor> gradients, buffers;
  StepResult result;
};

Outcome iterate(const Case& c, Communicator* group, int rank) {
  model::NetworkOptions options;
  options.time_steps = 2;
  options.width = 4;
  options.input = {3, 16, 16};
  options.num_classes = 10;
  options.neuron = model::neuron_preset("official_code", c.neuron);
  options.neuron.trainable_threshold = c.trainable_threshold;
  Network network(model::build_network("resnet20", options), 7, c.type);
  TrainSection settings;
  settings.weight_decay = 0.0;
  settings.fused = c.fused;
  if (group != nullptr) settings.recompute = c.recompute;
  settings.firing_rate_target = 0.1;
  settings.firing_rate_targets = {{"stage1", 0.2}, {"stage2.0.neuron2", 0.05}};
  settings.firing_rate_of = RateOf::kOperations;
  OptimizerState optimizer(settings, network.parameters());
  TrainingStep step(settings, network, optimizer, /*maps=*/std::nullopt, group);
  at::Generator generator = at::detail::createCPUGenerator(3);
  const at::Tensor images = at::randn({c.batch, 3, 16, 16}, generator, at::kDouble);
  const at::Tensor labels = at::arange(c.batch, at::kLong);
  const Share share = share_of(c.batch, group);
  const std::int64_t first = group && share.size < c.batch ? c.batch * rank / group->size() : 0;
  FiringWeights penalty = FiringObjective(settings, network.spec()).first_weights();
  Outcome outcome;
  outcome.result =
      step.run({images.narrow(0, first, share.size), labels.narrow(0, first, share.size), c.batch},
               0.1, 0, penalty);
  for (std::size_t i = 0; i < network.parameters().size(); ++i) {
    outcome.gradients[network.parameters()[i].name] = optimizer.state()[0][i];
  }
  for (const auto& [name, tensor] : network.tensors()) outcome.buffers[name] = to_torch(tensor);
  return outcome;
}

/// The gradient of an amplitude in front of a batch norm is zero but for rounding: it is measured
/// by the largest of the network's (tests/golden/official-parity/README.md).
void expect_close(const std::map<std::string, at::Tensor>& value,
                  const std::map<std::string, at::Tensor>& expected, double tolerance) {
  ASSERT_EQ(value.size(), expected.size());
  double amplitude = 0.0;
  for (const auto& [name, tensor] : expected) {
    if (name.ends_with(".amplitude")) {
      amplitude = std::max(amplitude, tensor.norm().item<double>());
    }
  }
  for (const auto& [name, tensor] : expected) {
    const double own = tensor.norm().item<double>();
    const double scale = name.ends_with(".amplitude") ? amplitude : own;
    EXPECT_LE((value.at(name) - tensor).norm().item<double>(), tolerance * scale) << name;
  }
}

class TwoRanks : public ::testing::TestWithParam<Case> {};

TEST_P(TwoRanks, GiveTheGradientsAndStatisticsOfOne) {
  const Case& c = GetParam();
  at::set_num_threads(1);
  const Outcome whole = iterate(c, nullptr, 0);
  Outcome halves[2];
  on_ranks(2, [&](Communicator* group, int rank) { halves[rank] = iterate(c, group, rank); });
  for (const Outcome& half : halves) {
    expect_close(half.gradients, whole.gradients, c.tolerance);
    expect_close(half.buffers, whole.buffers, c.tolerance);
    EXPECT_NEAR(half.result.loss, whole.result.loss, c.tolerance);
    EXPECT_NEAR(half.result.firing_rate, whole.result.firing_rate, c.tolerance);
    EXPECT_EQ(half.result.correct, whole.result.correct);
  }
  for (const auto& [name, tensor] : halves[0].buffers) {
    EXPECT_TRUE(tensor.equal(halves[1].buffers.at(name))) << name << " differs between ranks";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, TwoRanks,
    ::testing::Values(
        Case{"reference64", at::kDouble, false, 1e-10, 8},
        Case{"fused64", at::kDouble, true, 1e-10, 8},
        Case{"recomputed", at::kDouble, true, 1e-10, 8, model::NeuronKind::kTrainableTernary, 3},
        Case{"thresholds", at::kDouble, true, 1e-10, 8, model::NeuronKind::kTernary, 0, true},
        Case{"unequal_shares", at::kDouble, true, 1e-10, 7},
        Case{"fewer_samples_than_ranks", at::kDouble, true, 1e-10, 1},
        Case{"fused32", at::kFloat, true, 1e-6, 4, model::NeuronKind::kTernary}),
    [](const auto& tested) { return tested.param.name; });

TEST(Processes, TheEnvironmentTellsOfARestart) {
  const auto get = [](const std::map<std::string, std::string>& environment) {
    return processes_of_environment([&](const char* name) {
      const auto found = environment.find(name);
      return found == environment.end() ? nullptr : found->second.c_str();
    });
  };
  std::map<std::string, std::string> environment{{"RANK", "1"},
                                                 {"WORLD_SIZE", "2"},
                                                 {"MASTER_ADDR", "localhost"},
                                                 {"MASTER_PORT", "29500"},
                                                 {"TORCHELASTIC_USE_AGENT_STORE", "True"}};
  EXPECT_EQ(get(environment).restart, 0);
  environment["TORCHELASTIC_RESTART_COUNT"] = "3";
  EXPECT_EQ(get(environment).restart, 3);
  EXPECT_TRUE(get(environment).store_runs_elsewhere);
  environment["TORCHELASTIC_RESTART_COUNT"] = "-1";
  EXPECT_THROW(get(environment), ConfigError);
}

TEST(Processes, MoreThanTwoAgree) {
  const Case c{"three", at::kDouble, true, 1e-10, 8};
  const Outcome whole = iterate(c, nullptr, 0);
  on_ranks(3, [&](Communicator* group, int rank) {
    expect_close(iterate(c, group, rank).gradients, whole.gradients, c.tolerance);
  });
}

TEST(Processes, StopTogether) {
  on_ranks(2, [&](Communicator* group, int rank) {
    model::NetworkOptions options;
    options.width = 4;
    options.input = {1, 8, 8};
    options.num_classes = 2;
    Network network(model::build_network("resnet8", options), 7);
    TrainSection settings;
    OptimizerState optimizer(settings, network.parameters());
    TrainingStep step(settings, network, optimizer, std::nullopt, group);
    FiringWeights penalty;
    TrainingStep::Batch batch{at::ones({2, 1, 8, 8}), at::zeros({2}, at::kLong), 4, rank == 1};
    EXPECT_TRUE(step.run(batch, 0.1, 0, penalty).stop);
    batch.stop = false;
    EXPECT_FALSE(step.run(batch, 0.1, 1, penalty).stop);
  });
}

TEST(Processes, AStateOfARunTravelsAsNumbers) {
  RunState state;
  state.epoch = 3;
  state.iteration = 123456789;
  state.penalty = {0.25, {0.5, 0.75}};
  state.best_epoch = 2;
  const RunState again = from_numbers(to_numbers(state));
  EXPECT_EQ(to_numbers(again), to_numbers(state));
  EXPECT_EQ(again.iteration, state.iteration);
  EXPECT_EQ(again.penalty.layers, state.penalty.layers);
}

TEST(Processes, ThatDoNotComeAreNamed) {
  try {
    // Nothing listens there.
    connect({.rank = 1,
             .count = 2,
             .on_this_machine = 2,
             .address = "256.0.0.1",
             .port = 1,
             .meeting_seconds = 1});
    FAIL() << "connected";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("process 1 of 2: the processes of the run did not meet at "
                                        "256.0.0.1:1"));
  }
}

}  // namespace
}  // namespace trispike::train
