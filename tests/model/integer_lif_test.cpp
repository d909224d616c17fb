// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/neurons/integer_lif.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace trispike::model {
namespace {

IntegerLif neuron(NeuronKind kind, ResetMode reset_mode, double decay, std::int32_t threshold) {
  NeuronSpec spec;
  spec.kind = kind;
  spec.reset = reset_mode;
  spec.decay = decay;
  IntegerLif lif = lower_integer(spec);
  lif.threshold = threshold;
  return lif;
}

TEST(IntegerLif, DecaysByAShiftThatRoundsDown) {
  const IntegerLif quarter = neuron(NeuronKind::kTernary, ResetMode::kHard, 0.25, 10);
  EXPECT_EQ(quarter.decay_shift, 2);
  EXPECT_EQ(charge(quarter, 7, 0), 1);
  EXPECT_EQ(charge(quarter, -7, 0), -2);
  EXPECT_EQ(charge(quarter, -1, 5), 4);
  EXPECT_EQ(charge(neuron(NeuronKind::kTernary, ResetMode::kHard, 1.0, 10), -7, 3), -4);
  EXPECT_EQ(charge(neuron(NeuronKind::kTernary, ResetMode::kHard, 0.0, 10), -7, 3), 3);
  EXPECT_EQ(charge(neuron(NeuronKind::kTernary, ResetMode::kHard, 0x1p-15, 10), -1, 0), -1);
}

TEST(IntegerLif, FiresAtTheThreshold) {
  const IntegerLif ternary = neuron(NeuronKind::kTernary, ResetMode::kHard, 0.25, 10);
  const IntegerLif binary = neuron(NeuronKind::kBinary, ResetMode::kHard, 0.25, 10);
  EXPECT_EQ(fire(ternary, 9), 0);
  EXPECT_EQ(fire(ternary, 10), 1);
  EXPECT_EQ(fire(ternary, -9), 0);
  EXPECT_EQ(fire(ternary, -10), -1);
  EXPECT_EQ(fire(binary, 10), 1);
  EXPECT_EQ(fire(binary, -1000), 0);
}

TEST(IntegerLif, Resets) {
  const IntegerLif hard = neuron(NeuronKind::kTernary, ResetMode::kHard, 0.25, 10);
  const IntegerLif soft = neuron(NeuronKind::kTernary, ResetMode::kSoft, 0.25, 10);
  const IntegerLif none = neuron(NeuronKind::kTernary, ResetMode::kNone, 0.25, 10);
  EXPECT_EQ(reset(hard, 13, 1), 0);
  EXPECT_EQ(reset(hard, -13, -1), 0);
  EXPECT_EQ(reset(hard, 9, 0), 9);
  EXPECT_EQ(reset(soft, 13, 1), 3);
  EXPECT_EQ(reset(soft, -13, -1), -3);
  EXPECT_EQ(reset(soft, -9, 0), -9);
  EXPECT_EQ(reset(none, 13, 1), 13);
}

TEST(IntegerLif, SaturatesInsteadOfOverflowing) {
  const IntegerLif keeps = neuron(NeuronKind::kBinary, ResetMode::kNone, 1.0, kPotentialLimit);
  std::int32_t u = 0;
  for (int t = 0; t < 5; ++t) {
    const std::int32_t before = charge(keeps, u, kPotentialLimit - 1);
    u = reset(keeps, before, fire(keeps, before));
  }
  EXPECT_EQ(u, kPotentialLimit);
  for (int t = 0; t < 9; ++t) {
    const std::int32_t before = charge(keeps, u, 1 - kPotentialLimit);
    EXPECT_EQ(fire(keeps, before), 0);
    u = reset(keeps, before, 0);
  }
  EXPECT_EQ(u, -kPotentialLimit);
}

// With potentials and thresholds that are whole numbers and divisible, both arithmetics agree.
TEST(IntegerLif, EqualsTheRealNeuronWhereNothingIsRounded) {
  for (const NeuronKind kind : {NeuronKind::kBinary, NeuronKind::kTernary}) {
    for (const ResetMode mode : {ResetMode::kHard, ResetMode::kSoft, ResetMode::kNone}) {
      NeuronSpec spec;
      spec.kind = kind;
      spec.reset = mode;
      spec.decay = 0.5;
      spec.threshold = 96;
      const LifConstants<double> real = lower<double>(spec);
      const IntegerLif integer = neuron(kind, mode, 0.5, 96);
      for (std::int32_t first = -320; first <= 320; first += 32) {
        for (std::int32_t second = -320; second <= 320; second += 32) {
          double u = 0;
          std::int32_t v = 0;
          for (const std::int32_t current : {first, second, first}) {
            const double u_before = charge(real, u, static_cast<double>(current));
            const double spike = fire(real, u_before);
            u = reset(real, u_before, spike);
            const std::int32_t v_before = charge(integer, v, current);
            ASSERT_EQ(fire(integer, v_before), spike);
            v = reset(integer, v_before, static_cast<std::int32_t>(spike));
            ASSERT_EQ(v, u);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace trispike::model
