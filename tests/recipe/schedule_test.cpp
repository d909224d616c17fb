// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "trispike/train/recipe.h"

namespace trispike::train {
namespace {

TrainSection section(Schedule schedule, int epochs, double learning_rate) {
  TrainSection train;
  train.schedule = schedule;
  train.epochs = epochs;
  train.learning_rate = learning_rate;
  return train;
}

TEST(LearningRate, ConstantStaysAsItIs) {
  const TrainSection train = section(Schedule::kConstant, 2, 0.3);
  EXPECT_EQ(learning_rate(train, 0, 10), 0.3);
  EXPECT_EQ(learning_rate(train, 19, 10), 0.3);
}

TEST(LearningRate, CosineFallsToZeroOverAllIterations) {
  const TrainSection train = section(Schedule::kCosine, 2, 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(train, 0, 6), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(train, 4, 6), 0.075);  // cos(pi / 3) = 1/2
  EXPECT_DOUBLE_EQ(learning_rate(train, 6, 6), 0.05);
  EXPECT_DOUBLE_EQ(learning_rate(train, 8, 6), 0.025);
  EXPECT_NEAR(learning_rate(train, 12, 6), 0, 1e-17);
}

TEST(LearningRate, WarmUpRisesLinearlyToTheFullRate) {
  TrainSection train = section(Schedule::kConstant, 3, 0.4);
  train.warmup_iterations = 4;
  EXPECT_DOUBLE_EQ(learning_rate(train, 0, 10), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(train, 1, 10), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(train, 3, 10), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(train, 4, 10), 0.4);
}

TEST(LearningRate, CosineCountsTheIterationsOfTheWarmUp) {
  TrainSection train = section(Schedule::kCosine, 1, 1.0);
  train.warmup_iterations = 2;
  EXPECT_DOUBLE_EQ(learning_rate(train, 1, 6), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(train, 2, 6), 0.75);
}

TEST(LearningRate, StepsTakeEffectAfterTheirEpochs) {
  TrainSection train = section(Schedule::kStep, 9, 0.8);
  train.step_epochs = {2, 3};
  train.step_factor = 0.5;
  EXPECT_DOUBLE_EQ(learning_rate(train, 19, 10), 0.8);
  EXPECT_DOUBLE_EQ(learning_rate(train, 20, 10), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(train, 29, 10), 0.4);
  EXPECT_DOUBLE_EQ(learning_rate(train, 30, 10), 0.2);
}

}  // namespace
}  // namespace trispike::train
