// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Loss scaling, which only runs in float16 need, shown in float32 on the CPU: a power of two in
// front of the loss changes no bit of any gradient but by overflow.
#include "src/loss_scale.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <map>
#include <string>

#include "src/checkpoint.h"
#include "src/training_step.h"
#include "support/temporary_folder.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using ::testing::HasSubstr;

TEST(LossScale, IsForFloat16Alone) {
  EXPECT_TRUE(first_loss_scale(at::kHalf).is_on());
  EXPECT_FALSE(first_loss_scale(at::kFloat).is_on());
  EXPECT_FALSE(first_loss_scale(at::kBFloat16).is_on());
}

TEST(LossScale, FallsAtOnceAndRisesAfterManyGoodSteps) {
  LossScale scale = first_loss_scale(at::kHalf);
  EXPECT_EQ(scale.scale, 65536.0);
  follow(scale, false);
  follow(scale, false);
  EXPECT_EQ(scale.scale, 16384.0);
  EXPECT_EQ(scale.skipped_steps, 2);
  for (int i = 0; i < 1999; ++i) follow(scale, true);
  EXPECT_EQ(scale.scale, 16384.0);
  follow(scale, true);
  EXPECT_EQ(scale.scale, 32768.0);
  follow(scale, false);  // the count of good steps begins anew
  for (int i = 0; i < 1999; ++i) follow(scale, true);
  EXPECT_EQ(scale.scale, 16384.0);
  EXPECT_EQ(scale.skipped_steps, 3);
  for (int i = 0; i < 100000; ++i) follow(scale, true);
  EXPECT_EQ(scale.scale, 16777216.0);  // more would make the loss itself overflow
}

TEST(LossScale, GivesUpWhereNoScaleHelps) {
  LossScale scale = first_loss_scale(at::kHalf);
  try {
    for (int i = 0; i < 100; ++i) follow(scale, false);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("27 iterations made no update"));
  }
}

TEST(LossScale, SeesEveryKindOfNumberThatIsNotFinite) {
  const at::Tensor good = at::ones({3, 2, 2, 2}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(all_finite({}));
  EXPECT_TRUE(all_finite({good, at::zeros({1})}));
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    at::Tensor other = at::ones({100});
    other[57] = bad;
    EXPECT_FALSE(all_finite({good, other}));
    EXPECT_FALSE(all_finite({other, good}));
  }
}

/// One rank that goes the way of several: through the buckets.
class Alone final : public Communicator {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  std::string transport() const override { return "alone"; }
  void all_reduce(const at::Tensor&) override {}
  std::function<void()> start_all_reduce(const SumBuffer&) override {
    return [] {};
  }
  void broadcast(const at::Tensor&) override {}
};

struct Session {
  explicit Session(Optimizer optimizer, Communicator* group = nullptr)
      : network(spec(), 7), state(settings(optimizer), network.parameters()) {
    step.emplace(train_section, network, state, std::nullopt, group);
  }
  static model::NetworkSpec spec() {
    model::NetworkOptions options;
    options.time_steps = 2;
    options.width = 4;
    options.input = {3, 16, 16};
    options.num_classes = 10;
    options.neuron = model::neuron_preset("official_code", model::NeuronKind::kTrainableTernary);
    return model::build_network("resnet8", options);
  }
  const TrainSection& settings(Optimizer optimizer) {
    train_section.optimizer = optimizer;
    train_section.firing_rate_target = 0.1;
    return train_section;
  }
  StepResult iterate() {
    at::Generator generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(done));
    const at::Tensor images = at::randn({6, 3, 16, 16}, generator, at::kFloat);
    return step->run({images, at::arange(6, at::kLong), 6}, 0.05, done++, penalty, &scale);
  }
  TrainSection train_section;
  Network network;
  OptimizerState state;
  std::optional<TrainingStep> step;
  LossScale scale;
  FiringWeights penalty{0.01, {}};
  std::int64_t done = 0;
};

TEST(ScaledTrainingStep, ChangesNoBitOfWhatIsLearned) {
  for (const Optimizer optimizer : {Optimizer::kSgd, Optimizer::kAdamW}) {
    Alone group;
    for (Communicator* through :
         {static_cast<Communicator*>(nullptr), static_cast<Communicator*>(&group)}) {
      Session plain(optimizer, through), scaled(optimizer, through);
      scaled.scale.scale = 65536.0;
      for (int i = 0; i < 3; ++i) {
        plain.iterate();
        scaled.iterate();
      }
      EXPECT_EQ(plain.network.tensors(), scaled.network.tensors());
      EXPECT_EQ(scaled.scale.good_steps, 3);
      EXPECT_EQ(scaled.scale.skipped_steps, 0);
    }
  }
}

TEST(ScaledTrainingStep, MakesNoUpdateWhenGradientsOverflow) {
  for (const Optimizer optimizer : {Optimizer::kSgd, Optimizer::kAdamW}) {
    Session run(optimizer), control(optimizer);
    const auto parameters = [](Session& of) {
      std::map<std::string, model::Tensor> all;
      for (const Parameter& p : of.network.parameters()) all[p.name] = from_torch(p.tensor);
      model::TensorMap state;
      of.state.save("", state);
      all.insert(state.begin(), state.end());
      return all;
    };
    const auto before = parameters(run);
    run.scale.scale = std::ldexp(1.0, 127);  // the loss is above 2
    run.iterate();
    EXPECT_EQ(parameters(run), before);
    EXPECT_EQ(run.scale.skipped_steps, 1);
    EXPECT_EQ(run.scale.scale, std::ldexp(1.0, 126));
    for (const Parameter& p : run.network.parameters()) EXPECT_FALSE(p.tensor.grad().defined());

    // The next one updates, and counts as the optimizer's first.
    run.scale.scale = 1024.0;
    run.iterate();
    EXPECT_NE(parameters(run), before);
    EXPECT_EQ(run.scale.good_steps, 1);
  }
}

TEST(ScaledTrainingStep, IsPartOfTheCheckpoint) {
  test::TemporaryFolder folder;
  const std::string path = (folder.path() / "last.safetensors").string();
  Session run(Optimizer::kSgd);
  Recipe recipe;
  RunState state;
  CheckpointHeader header;
  header.provenance = "{}";
  header.precision = "float16";
  state.iteration = 100;
  state.loss_scale = {4096.0, 77, 5};
  save_checkpoint(path, run.network, run.state, nullptr, state, recipe, header);
  const RunState again = load_checkpoint(path, run.network, run.state, nullptr, recipe, header);
  EXPECT_EQ(again.loss_scale.scale, 4096.0);
  EXPECT_EQ(again.loss_scale.good_steps, 77);
  EXPECT_EQ(again.loss_scale.skipped_steps, 5);
  const RunState shared = from_numbers(to_numbers(state));
  EXPECT_EQ(shared.loss_scale.good_steps, 77);

  // What no run leaves is refused.
  const auto load = [&] {
    return load_checkpoint(path, run.network, run.state, nullptr, recipe, header);
  };
  for (const LossScale& damaged : {LossScale{}, LossScale{-1.0, 0, 0}, LossScale{4096.0, 0, 101}}) {
    state.loss_scale = damaged;
    save_checkpoint(path, run.network, run.state, nullptr, state, recipe, header);
    EXPECT_THROW(load(), FormatError);
  }
  header.precision = "float32";
  state.loss_scale = {};  // others say nothing of it
  save_checkpoint(path, run.network, run.state, nullptr, state, recipe, header);
  EXPECT_THAT(model::read_model(path).extra_metadata.at("checkpoint.state"),
              ::testing::Not(HasSubstr("loss_scale")));
  EXPECT_FALSE(
      load_checkpoint(path, run.network, run.state, nullptr, recipe, header).loss_scale.is_on());
}

}  // namespace
}  // namespace trispike::train
