// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/connectivity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

constexpr std::int64_t kNoLimit = std::int64_t{1} << 40;

using testing::ElementsAre;

/// {source, kernel cell, divisor} of each tap of destination `d`.
std::vector<std::vector<std::int64_t>> taps(const Connectivity& connectivity, std::size_t d) {
  std::vector<std::vector<std::int64_t>> list;
  for (std::uint32_t i = connectivity.first[d]; i < connectivity.first[d + 1]; ++i) {
    const WeightBlock& block = connectivity.blocks[connectivity.taps[i].block];
    list.push_back({connectivity.taps[i].source, block.cell, block.divisor});
  }
  return list;
}

using Row = std::vector<std::int64_t>;

TEST(Connectivity, PaddingReachesNothing) {
  // 3x3 over a 2x2 map: from the corner, the lower right 2x2 of the kernel lies inside.
  const Connectivity c = connect({}, {2, 2, 2, 2, 3, 3, 1, 1}, kNoLimit, "conv");
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 4, 1}, Row{1, 5, 1}, Row{2, 7, 1}, Row{3, 8, 1}));
  EXPECT_THAT(taps(c, 3), ElementsAre(Row{0, 0, 1}, Row{1, 1, 1}, Row{2, 3, 1}, Row{3, 4, 1}));
  EXPECT_EQ(c.most_taps, 4);
}

TEST(Connectivity, CeilModeDividesByCoveredCells) {
  // 2x2 pool with stride 2 over 3x3, ceil mode: windows of 4, 2, 2 and 1 cells.
  const Window pool{3, 3, 2, 2, 2, 2, 2, 0};
  const Connectivity c = connect({{pool}}, {2, 2, 2, 2, 1, 1, 1, 0}, kNoLimit, "scale");
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 0, 4}, Row{1, 0, 4}, Row{3, 0, 4}, Row{4, 0, 4}));
  EXPECT_THAT(taps(c, 1), ElementsAre(Row{2, 0, 2}, Row{5, 0, 2}));
  EXPECT_THAT(taps(c, 2), ElementsAre(Row{6, 0, 2}, Row{7, 0, 2}));
  EXPECT_THAT(taps(c, 3), ElementsAre(Row{8, 0, 1}));
  EXPECT_EQ(c.blocks.size(), 3u);
}

TEST(Connectivity, CountedPaddingAlwaysDividesByTheWindow) {
  // The stem pool of resnet18/34, 3x3 with stride 2 and padding 1, over 3x3.
  const Window pool{3, 3, 2, 2, 3, 3, 2, 1, true};
  const Connectivity c = connect({{pool}}, {2, 2, 2, 2, 1, 1, 1, 0}, kNoLimit, "scale");
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 0, 9}, Row{1, 0, 9}, Row{3, 0, 9}, Row{4, 0, 9}));
  EXPECT_EQ(c.blocks.size(), 1u);
}

TEST(Connectivity, OverlappingPoolsReachADestinationMoreThanOnce) {
  // Both pooled cells of a row cover source 1; a 1x2 window over both sees it twice.
  const Window pool{1, 3, 1, 2, 1, 2, 1, 0};
  const Connectivity c = connect({{pool}}, {1, 2, 1, 1, 1, 2, 1, 0}, kNoLimit, "linear");
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 0, 2}, Row{1, 0, 2}, Row{1, 1, 2}, Row{2, 1, 2}));
}

TEST(Connectivity, ChainedPoolsMultiplyTheirDivisors) {
  const Window halve{1, 4, 1, 2, 1, 2, 2, 0};
  const Window whole{1, 2, 1, 1, 1, 2, 1, 0};
  const Connectivity c = connect({{halve, whole}}, {1, 1, 1, 1, 1, 1, 1, 0}, kNoLimit, "linear");
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 0, 4}, Row{1, 0, 4}, Row{2, 0, 4}, Row{3, 0, 4}));
}

TEST(RepeatTaps, CountsAnEventOfASmallWindowMoreOften) {
  // The windows of 4, 2, 2 and 1 cells of above: weights are divided by 4 already.
  const Window pool{3, 3, 2, 2, 2, 2, 2, 0};
  const Connectivity divided = connect({{pool}}, {2, 2, 2, 2, 1, 1, 1, 0}, kNoLimit, "scale");
  const Connectivity c = repeat_taps(divided, 4, kNoLimit, "scale");
  EXPECT_EQ(c.blocks.size(), 1u);
  EXPECT_THAT(taps(c, 0), ElementsAre(Row{0, 0, 1}, Row{1, 0, 1}, Row{3, 0, 1}, Row{4, 0, 1}));
  EXPECT_THAT(taps(c, 1), ElementsAre(Row{2, 0, 1}, Row{2, 0, 1}, Row{5, 0, 1}, Row{5, 0, 1}));
  EXPECT_THAT(taps(c, 3), ElementsAre(Row{8, 0, 1}, Row{8, 0, 1}, Row{8, 0, 1}, Row{8, 0, 1}));
  EXPECT_EQ(c.most_taps, 4);
  EXPECT_EQ(repeat_taps(divided, 8, kNoLimit, "scale").most_taps, 8);
  EXPECT_THROW(repeat_taps(divided, 4, 15, "scale"), ShapeError);
  EXPECT_THROW(repeat_taps(divided, 2, kNoLimit, "scale"), std::logic_error);
}

TEST(Connectivity, RefusesAbsurdTables) {
  EXPECT_THROW(connect({}, {1000, 1000, 1000, 1000, 3, 3, 1, 1}, 8'999'999, "conv"), ShapeError);
  // A pool with more than 16 different windows at its border.
  const Window pool{20, 20, 21, 21, 10, 10, 1, 5};
  EXPECT_THROW(connect({{pool}}, {21, 21, 21, 21, 1, 1, 1, 0}, kNoLimit, "scale"), ShapeError);
}

}  // namespace
}  // namespace trispike::runtime
