// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/analysis/capacity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "trispike/analysis/distribution.h"
#include "trispike/analysis/trade_off.h"
#include "trispike/model/error.h"

namespace trispike::test {
namespace {

TEST(Capacity, IsThatOfThePaper) {  // text behind Eq. 6 and Eq. 8
  const auto once = analysis::map_capacity({64, 32, 32}, 1);
  EXPECT_DOUBLE_EQ(once.binary, 64 * 32 * 32);
  EXPECT_DOUBLE_EQ(once.ternary, std::log2(3.0) * 64 * 32 * 32);
  EXPECT_DOUBLE_EQ(once.real, 32.0 * 64 * 32 * 32);
  const auto four = analysis::map_capacity({64, 32, 32}, 4);
  EXPECT_DOUBLE_EQ(four.binary, 4 * once.binary);
  EXPECT_DOUBLE_EQ(four.ternary, 4 * once.ternary);
}

TEST(Capacity, OfOneSpike) {
  model::NeuronSpec neuron;
  neuron.kind = model::NeuronKind::kBinary;
  EXPECT_DOUBLE_EQ(analysis::spike_capacity_bits(neuron), 1);
  neuron.kind = model::NeuronKind::kTrainableTernary;
  EXPECT_NEAR(analysis::spike_capacity_bits(neuron), 1.584963, 1e-6);
}

TEST(TradeOff, MatchedBits) {
  EXPECT_EQ(analysis::matched_bits(false, 1), 1);
  EXPECT_EQ(analysis::matched_bits(false, 2), 2);
  EXPECT_EQ(analysis::matched_bits(true, 1), 2);  // 1.58
  EXPECT_EQ(analysis::matched_bits(true, 2), 4);  // 3.17
  EXPECT_EQ(analysis::matched_bits(true, 4), 7);  // 6.34
}

TEST(TradeOff, UnitCostsMeetTheirSource) {  // Horowitz 2014, 45 nm
  EXPECT_DOUBLE_EQ(analysis::addition_pj(32), 0.1);
  EXPECT_NEAR(analysis::addition_pj(8), 0.03, 0.006);
  EXPECT_DOUBLE_EQ(analysis::multiplication_pj(8, 8), 0.2);
  EXPECT_NEAR(analysis::multiplication_pj(32, 32), 3.1, 0.15);
  EXPECT_DOUBLE_EQ(analysis::fetch_pj(64), 20);
}

TEST(TradeOff, BreakEvenIsWhereBothCostTheSame) {
  analysis::Summary summary;
  summary.time_steps = 2;
  summary.neurons = 100;
  summary.total.macs = 500;               // the first layer, once
  summary.total.dense_operations = 3000;  // (500 + 1000) * 2
  summary.total.synaptic_operations = 400;
  for (const bool memory : {false, true}) {
    const analysis::TradeOff t = analysis::trade_off(summary, 500, memory);
    EXPECT_DOUBLE_EQ(t.dense_additions, 1000);
    EXPECT_DOUBLE_EQ(t.density(), 0.2);
    EXPECT_NEAR(t.spiking_pj(t.break_even(4)), t.ann_pj(4), 1e-9);
  }
  const analysis::TradeOff plain = analysis::trade_off(summary, 500, false);
  // 400 + 200 additions of 16 bits at 0.05 pJ; 1000 MACs of 0.1 + 0.1 pJ.
  EXPECT_DOUBLE_EQ(plain.spiking_pj(0.2), 600 * 0.05);
  EXPECT_DOUBLE_EQ(plain.ann_pj(4), 1000 * 0.2);
  summary.time_steps = 0;
  EXPECT_THROW(analysis::trade_off(summary, 500, false), Error);
}

}  // namespace
}  // namespace trispike::test
