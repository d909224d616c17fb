// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace trispike::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Charts, TicksAreRound) {
  EXPECT_THAT(ticks(0, 100, 4), ElementsAre(0, 50, 100));
  EXPECT_THAT(ticks(0, 1, 5), ElementsAre(0, 0.2, 0.4, 0.6000000000000001, 0.8, 1));
  EXPECT_THAT(ticks(-4, 4, 4), ElementsAre(-4, -2, 0, 2, 4));
  EXPECT_THAT(ticks(3, 3, 4), ElementsAre(3));
  EXPECT_FALSE(std::signbit(ticks(0, 1, 2)[0]));
}

TEST(Charts, ShortNumbers) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.125), "0.125");
  EXPECT_EQ(short_number(12345), "12.3 k");
  EXPECT_EQ(short_number(-2.5e6), "-2.5 M");
}

TEST(Charts, BarsAreAsLongAsTheirValues) {
  BarChart chart{"Title", {}, {}, "unit", 10.0};
  chart.rows = {{"a", {5}, {}, {}, "5", {}}, {"b", {10}, 1.0, 7.0, "10", {}}};
  const Drawing drawing = draw(chart);
  std::vector<double> widths;
  for (const Shape& shape : drawing.shapes()) {
    if (const auto* bar = std::get_if<Rectangle>(&shape)) widths.push_back(bar->width);
  }
  ASSERT_EQ(widths.size(), 2u);
  EXPECT_NEAR(widths[1], 2 * widths[0], 1e-9);
  EXPECT_THAT(to_svg(drawing), HasSubstr("var(--threshold)"));  // the mark
}

TEST(Charts, HeatMapsAreAsDarkAsTheirValues) {
  HeatMap map{"Title", {"t = 1", "t = 2"}, {}, "unit"};
  map.rows = {{"a", {{5, "5", "five"}, {10, "10", {}}}}, {"b", {{0, "0", {}}, {2.5, "2.5", {}}}}};
  const auto opacities = [](const Drawing& drawing) {
    std::vector<double> list;
    for (const Shape& shape : drawing.shapes()) {
      const auto* cell = std::get_if<Rectangle>(&shape);
      if (cell != nullptr && cell->fill == Role::kFirst) list.push_back(cell->opacity);
    }
    return list;
  };
  const std::vector<double> found = opacities(draw(map));
  ASSERT_EQ(found.size(), 4u);
  EXPECT_NEAR(found[0], found[1] / 2, 1e-9);
  EXPECT_EQ(found[2], 0);
  EXPECT_NEAR(found[3], found[1] / 4, 1e-9);
  EXPECT_THAT(to_svg(draw(map)), HasSubstr(">2.5<"));
  EXPECT_THAT(to_svg(draw(map, 60)), Not(HasSubstr(">2.5<"))) << "no room for texts";
}

TEST(Charts, ALegendNeedsTwoSeries) {
  LineChart chart;
  chart.series = {{"alone", {{0, 1}, {1, 2}}, true, {}}};
  EXPECT_THAT(to_svg(draw(chart)), Not(HasSubstr(">alone<")));
  chart.series.push_back({"other", {{0, 2}}, false, {0.5}});
  EXPECT_THAT(to_svg(draw(chart)), HasSubstr(">alone<"));
}

TEST(Charts, NothingToShowIsNoFault) {
  for (const Drawing& drawing :
       {draw(BarChart{}), draw(DensityChart{}), draw(HeatMap{}), draw(LineChart{})}) {
    EXPECT_THAT(to_svg(drawing), Not(HasSubstr("nan")));
    EXPECT_THAT(to_svg(drawing), Not(HasSubstr("inf")));
    EXPECT_FALSE(to_png(drawing, Theme::kLight).empty());
  }
}

}  // namespace
}  // namespace trispike::report
