// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kinds of plots of our reports. All are sized for a column that fits a phone; a page puts
// several side by side where there is room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "trispike/report/drawing.h"

namespace trispike::report {

/// Width of a plot unless said otherwise.
inline constexpr double kPlotWidth = 360;

/// Horizontal bars, one row per category: for networks, one row per layer.
struct BarChart {
  struct Row {
    std::string label;
    std::vector<double> parts;      ///< stacked from the left, one per series
    std::optional<double> whisker;  ///< +- this about the end of the bar
    std::optional<double> mark;     ///< a vertical tick: a capacity, a target
    std::string value;              ///< written behind the bar
    std::string tip;                ///< when pointed at
  };
  std::string title;
  std::vector<std::string> series;  ///< names for the legend; with one, there is none
  std::vector<Row> rows;
  std::string unit;               ///< of the axis: "% of neurons"
  std::optional<double> maximum;  ///< of the axis; none: the largest value
  std::vector<Role> roles = {};   ///< of the series, where they are not series_role()
};
Drawing draw(const BarChart& chart, double width = kPlotWidth);

/// Densities over a common axis, with lines at thresholds.
struct DensityChart {
  struct Series {
    std::string name;
    std::vector<double> heights;  ///< of bins of one width from `least` on
  };
  std::string title;
  std::string subtitle;
  double least = -4;
  double bin = 0.125;
  std::vector<Series> series;
  std::vector<double> lines;  ///< where thresholds are
  std::string unit;           ///< of the x axis
};
Drawing draw(const DensityChart& chart, double width = kPlotWidth, double height = 190);

/// Lines or points over x.
struct LineChart {
  struct Series {
    std::string name;
    std::vector<Point> points;
    bool line = true;                   ///< false: dots only
    std::vector<double> whiskers = {};  ///< +- in y; empty: none
  };
  std::string title;
  std::string x_label, y_label;
  std::vector<Series> series;
  std::vector<std::pair<double, std::string>> vertical;  ///< marked x
  bool log_y = false;
  std::optional<double> y_minimum, y_maximum;
};
Drawing draw(const LineChart& chart, double width = kPlotWidth, double height = 220);

/// Numbers by row and column, each on a ground that is the darker the larger it is.
struct HeatMap {
  struct Cell {
    double value = 0;
    std::string text;  ///< written into it, where there is room
    std::string tip;
  };
  struct Row {
    std::string label;
    std::vector<Cell> cells;  ///< one per column
  };
  std::string title;
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::string unit;
};
Drawing draw(const HeatMap& map, double width = kPlotWidth);

/// A number for an axis or a label: at most `digits` significant ones, "12.5 k", "3.4 M".
std::string short_number(double value, int digits = 3);

/// Round numbers that divide [least, largest], about `count` of them.
std::vector<double> ticks(double least, double largest, int count);

}  // namespace trispike::report
