// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "format.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "table.h"

namespace trispike::cli {
namespace {

TEST(Format, Grouped) {
  EXPECT_EQ(grouped(std::int64_t{0}), "0");
  EXPECT_EQ(grouped(std::int64_t{999}), "999");
  EXPECT_EQ(grouped(std::int64_t{1000}), "1,000");
  EXPECT_EQ(grouped(std::int64_t{11247946}), "11,247,946");
  EXPECT_EQ(grouped(std::int64_t{-123456}), "-123,456");
  EXPECT_EQ(grouped(std::numeric_limits<std::int64_t>::min()), "-9,223,372,036,854,775,808");
  EXPECT_EQ(grouped(1999.5), "2,000");
}

TEST(Format, Scaled) {
  EXPECT_EQ(scaled(0), "0");
  EXPECT_EQ(scaled(7), "7");
  EXPECT_EQ(scaled(12.34), "12.3");
  EXPECT_EQ(scaled(3538944), "3.54 M");
  EXPECT_EQ(scaled(216767498), "216.77 M");
  EXPECT_EQ(scaled(-1500), "-1.50 k");
}

TEST(Format, UnitsOfEnergyAndTime) {
  EXPECT_EQ(energy(50.14e6), "50.14 µJ");
  EXPECT_EQ(energy(3.7), "3.70 pJ");
  EXPECT_EQ(energy(0.077), "0.08 pJ");
  EXPECT_EQ(energy(0), "0.00 pJ");
  EXPECT_EQ(short_time(0.00123), "1.23 ms");
  EXPECT_EQ(short_time(45.6e-6), "45.6 µs");
  EXPECT_EQ(short_time(2), "2.00 s");
}

TEST(Format, Duration) {
  EXPECT_EQ(duration(7.4), "0:07");
  EXPECT_EQ(duration(754), "12:34");
  EXPECT_EQ(duration(3723), "1:02:03");
  EXPECT_EQ(duration(-1), "0:00");
}

TEST(Format, Percent) { EXPECT_EQ(percent(0.1642), "16.42 %"); }

TEST(Format, PrintableStopsTerminalSequences) {
  EXPECT_EQ(printable("a\x1b[2Jb\rc\td\x7f"), "a?[2Jb?c?d?");
  EXPECT_EQ(printable("häuser\n"), "häuser\n");
}

TEST(Table, AlignsByDisplayedWidth) {
  Table table({{"layer", Align::kLeft}, {"energy"}, {"note", Align::kLeft}});
  table.add_row({"conv", "50.14 µJ", "x"});
  table.add_row({"head", "1 pJ"});
  table.add_rule();
  table.add_row({"all", "51 µJ"});
  EXPECT_EQ(table.text(),
            "layer    energy  note\n"
            "-----  --------  ----\n"
            "conv   50.14 µJ  x\n"
            "head       1 pJ\n"
            "-----  --------  ----\n"
            "all       51 µJ\n");
}

}  // namespace
}  // namespace trispike::cli
