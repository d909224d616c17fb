// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Damaged checkpoints, read as --resume reads them: network, optimizer and position in the run. The
// rules and the damage are those of tests/hostile/, which cannot reach what needs LibTorch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "hostile/damage.h"
#include "hostile/repair.h"
#include "hostile/trial.h"
#include "hostile/watchdog.h"
#include "src/checkpoint.h"
#include "support/temporary_folder.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using hostile::Bytes;
using ::testing::HasSubstr;

Recipe recipe_with(Optimizer optimizer) {
  Recipe recipe;
  recipe.network.name = "resnet8";
  recipe.network.options.width = 1;
  recipe.network.options.time_steps = 2;
  recipe.network.options.num_classes = 2;
  recipe.network.options.input = {1, 6, 6};
  recipe.network.options.neuron =
      model::neuron_preset("paper", model::NeuronKind::kTrainableTernary);
  recipe.train.optimizer = optimizer;
  return recipe;
}

/// A run as it stands before its first batch, or after a checkpoint was read.
struct Run {
  explicit Run(Optimizer kind) : recipe(recipe_with(kind)) {}

  void save(const std::string& path) const {
    save_checkpoint(path, network, optimizer, &average, state, recipe, header);
  }
  void load(const std::string& path) {
    state = load_checkpoint(path, network, optimizer, &average, recipe, header);
  }

  Recipe recipe;
  Network network{model::build_network("resnet8", recipe.network.options), 1};
  OptimizerState optimizer{recipe.train, network.parameters()};
  WeightAverage average{network, 0.9};
  RunState state;
  CheckpointHeader header{
      {{0.5}, {0.25}}, {"ant", "bee"}, R"({"epochs_trained": 0})", "float32", 7};
};

Bytes checkpoint_of(Optimizer kind) {
  const test::TemporaryFolder folder;
  Run(kind).save(folder.file("seed"));
  return data::load(folder.file("seed"));
}

hostile::Parser parser_of(Optimizer kind) {
  return {
      .name = "resumed_checkpoint",
      .file = "last.safetensors",
      .seeds = [kind] { return std::vector<Bytes>{checkpoint_of(kind)}; },
      .parse = [kind](const hostile::Input& input) { Run(kind).load(input.on_disk().string()); },
      .repair = hostile::repair_digests};
}

class HostileCheckpoint : public testing::TestWithParam<Optimizer> {};

TEST_P(HostileCheckpoint, BreaksNoRule) {
  constexpr std::uint64_t kFiles = 2000;
  const hostile::Parser parser = parser_of(GetParam());
  const hostile::Trial trial(parser);
  const std::vector<Bytes> seeds = parser.seeds();
  ASSERT_TRUE(trial.run(seeds.front()).accepted) << trial.run(seeds.front()).message;
  std::uint64_t refused = 0;
  for (std::uint64_t number = 0; number < kFiles; ++number) {
    Bytes bytes = hostile::damaged(seeds, number);
    if (number % 2 == 0) parser.repair(bytes);
    const std::string label = "resumed checkpoint, damage " + std::to_string(number);
    const hostile::Watchdog watchdog(label, bytes);
    const hostile::Outcome outcome = trial.run(bytes);
    ASSERT_EQ(outcome.broken_rule, "") << label << ": " << outcome.message;
    if (!outcome.accepted) ++refused;
  }
  EXPECT_GT(refused, kFiles / 20);
}

/// What damage seldom makes of the optimizer's state, with digests that are right.
TEST_P(HostileCheckpoint, OptimizerStateMustFitItsParameter) {
  const hostile::Parser parser = parser_of(GetParam());
  const hostile::Trial trial(parser);
  const test::TemporaryFolder folder;
  const std::string path = folder.file("changed");
  const std::string role = GetParam() == Optimizer::kSgd ? "momentum" : "exp_avg_sq";
  const std::string name = "checkpoint.optimizer.head.bias." + role;
  const auto refusal = [&](const model::Tensor& tensor) {
    data::save(path, parser.seeds().front());
    model::ModelData data = model::read_model(path);
    if (!data.extra_tensors.contains(name)) throw std::logic_error("no tensor " + name);
    data.extra_tensors[name] = tensor;
    model::write_model(path, data);
    const hostile::Outcome outcome = trial.run(data::load(path));
    EXPECT_FALSE(outcome.accepted);
    EXPECT_EQ(outcome.broken_rule, "");
    return outcome.message;
  };
  EXPECT_THAT(refusal(model::Tensor::from({3}, std::vector<float>(3))), HasSubstr("has shape [3]"));
  EXPECT_THAT(refusal(model::Tensor::from({0, std::int64_t{1} << 62, 8}, std::vector<float>())),
              HasSubstr(name + "' has shape [0, 4611686018427387904, 8]"));
  EXPECT_THAT(refusal(model::Tensor::from(
                  {2}, std::vector<float>{1, std::numeric_limits<float>::infinity()})),
              HasSubstr("not finite"));
  // Finite, but not as the float32 that it would become.
  EXPECT_THAT(refusal(model::Tensor::from({2}, std::vector<double>{1, 1e300})),
              HasSubstr(name + "' is F64"));
  EXPECT_THAT(refusal(model::Tensor::from({2}, std::vector<std::int64_t>{1, 2})),
              HasSubstr(name + "' is I64"));
}

TEST(CheckpointAverages, MustFitTheirTensors) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("changed");
  data::save(path, checkpoint_of(Optimizer::kSgd));
  model::ModelData data = model::read_model(path);
  data.extra_tensors.at("checkpoint.average.head.bias") =
      model::Tensor::from({3}, std::vector<float>(3));
  model::write_model(path, data);
  const hostile::Parser parser = parser_of(Optimizer::kSgd);
  const hostile::Outcome outcome = hostile::Trial(parser).run(data::load(path));
  EXPECT_FALSE(outcome.accepted);
  EXPECT_THAT(outcome.message, HasSubstr("average.head.bias' has shape [3]"));
}

INSTANTIATE_TEST_SUITE_P(Optimizers, HostileCheckpoint,
                         testing::Values(Optimizer::kSgd, Optimizer::kAdamW), [](const auto& form) {
                           return form.param == Optimizer::kSgd ? "Sgd" : "AdamW";
                         });

}  // namespace
}  // namespace trispike::train
