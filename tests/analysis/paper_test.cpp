// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The paper's figures are what its text says of them, too.
#include "trispike/analysis/paper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "trispike/analysis/energy.h"

namespace trispike::test {
namespace {

double best(int table, std::string_view dataset, std::string_view method) {
  double largest = 0;
  for (const auto& row : analysis::paper_accuracies()) {
    if (row.table == table && row.dataset == dataset && row.method == method) {
      largest = std::max(largest, row.accuracy);
    }
  }
  return largest;
}

TEST(Paper, EveryTableIsThere) {
  const auto count = [](int table) {
    const auto rows = analysis::paper_accuracies();
    return std::count_if(rows.begin(), rows.end(), [&](auto& r) { return r.table == table; });
  };
  EXPECT_EQ(count(1), 12);
  EXPECT_EQ(count(2), 29 + 18);
  EXPECT_EQ(count(3), 21);
  EXPECT_EQ(count(4), 9);
}

TEST(Paper, FiguresOfTheText) {
  EXPECT_EQ(best(2, "CIFAR-10", "RecDis-SNN"), 95.53);
  EXPECT_EQ(best(2, "CIFAR-10", "Ternary Spike"), 95.60);
  EXPECT_EQ(best(2, "CIFAR-10", "Trainable Ternary Spike"), 95.80);
  EXPECT_EQ(best(2, "CIFAR-100", "Trainable Ternary Spike"), 80.20);
  EXPECT_EQ(best(1, "ImageNet", "Binary Spike"), 63.82);
  EXPECT_EQ(best(3, "ImageNet", "Trainable Ternary Spike"), 70.74);
  EXPECT_EQ(best(4, "CIFAR10-DVS", "Trainable Ternary Spike"), 79.80);
}

TEST(Paper, NoRowStandsTwice) {
  std::set<std::tuple<int, std::string, std::string, std::string, int>> seen;
  for (const auto& row : analysis::paper_accuracies()) {
    EXPECT_TRUE(seen.insert({row.table, std::string(row.dataset), std::string(row.method),
                             std::string(row.network), row.time_steps})
                    .second)
        << row.method << " " << row.network << " " << row.time_steps;
    EXPECT_GT(row.accuracy, 50);
    EXPECT_LT(row.accuracy, 100);
  }
}

TEST(Paper, EnergiesFollowFromTheCounts) {  // Table 5
  for (const auto& row : analysis::paper_energies()) {
    analysis::Counts counts;
    counts.macs = row.flops;
    counts.synaptic_operations = row.synaptic_operations;
    counts.sign_operations = row.sign_operations;
    EXPECT_NEAR(analysis::energy_pj(analysis::energy_model("paper"), counts) / 1e6, row.energy_uj,
                0.005);
  }
}

}  // namespace
}  // namespace trispike::test
