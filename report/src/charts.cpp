// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/charts.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace trispike::report {
namespace {

constexpr double kTitleHeight = 24;
constexpr double kLegendHeight = 20;
constexpr double kTitleSize = 13;
constexpr double kLabelSize = 11;

/// Of text in the page's font; only for where to put things.
double text_width(const std::string& text, double size) {
  const auto letters =
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xc0) != 0x80; });
  return 0.64 * size * static_cast<double>(letters);
}

void draw_title(Drawing& drawing, const std::string& title) {
  drawing.text({0, 14}, title, Anchor::kStart, Role::kInk, kTitleSize, true);
}

/// Coloured squares with names; returns the height it takes.
double draw_legend(Drawing& drawing, const std::vector<std::string>& names, double y,
                   const std::vector<Role>& roles = {}) {
  if (names.size() < 2) return 0;
  double x = 0;
  double top = y;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double width = 16 + text_width(names[i], kLabelSize) + 14;
    if (x > 0 && x + width > drawing.width() + 14) {
      x = 0;
      top += 16;
    }
    drawing.rectangle(x, top + 1, 10, 10, i < roles.size() ? roles[i] : series_role(i));
    drawing.text({x + 15, top + 10}, names[i]);
    x += width;
  }
  return top - y + kLegendHeight;
}

/// How much of a legend there will be, before it can be drawn.
double legend_height(const std::vector<std::string>& names, double width) {
  Drawing scratch(width, 0, "");
  return draw_legend(scratch, names, 0);
}

template <class Series>
std::vector<std::string> names_of(const std::vector<Series>& series) {
  std::vector<std::string> names;
  for (const Series& one : series) names.push_back(one.name);
  return names;
}

}  // namespace

std::string short_number(double value, int digits) {
  constexpr std::array<std::pair<double, const char*>, 3> kUnits = {
      {{1e9, " G"}, {1e6, " M"}, {1e3, " k"}}};
  const char* unit = "";
  for (const auto& [size, name] : kUnits) {
    if (std::abs(value) >= size) {
      value /= size;
      unit = name;
      break;
    }
  }
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::general, digits).ptr;
  return std::string(buffer.data(), end) + unit;
}

std::vector<double> ticks(double least, double largest, int count) {
  if (!(largest > least)) return {least};
  const double raw = (largest - least) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> list;
  // Multiples, not sums: no rounding adds up.
  for (double k = std::ceil(least / step - 1e-9); k * step <= largest + 1e-9 * step; ++k) {
    list.push_back(k == 0 ? 0.0 : k * step);  // never -0
  }
  return list;
}

Drawing draw(const BarChart& chart, double width) {
  constexpr double kRow = 18;
  constexpr double kBar = 11;
  double label_width = 0;
  double value_width = 0;
  double largest = 0;
  for (const BarChart::Row& row : chart.rows) {
    label_width = std::max(label_width, text_width(row.label, kLabelSize));
    value_width = std::max(value_width, text_width(row.value, kLabelSize));
    const double sum = std::accumulate(row.parts.begin(), row.parts.end(), 0.0);
    largest = std::max({largest, sum + row.whisker.value_or(0), row.mark.value_or(0)});
  }
  label_width = std::min(label_width, 0.42 * width) + 8;
  value_width = value_width > 0 ? value_width + 6 : 6;
  const double maximum = chart.maximum.value_or(largest > 0 ? largest : 1);
  const double top = kTitleHeight + legend_height(chart.series, width);
  const double bottom = top + kRow * static_cast<double>(chart.rows.size());
  Drawing drawing(width, bottom + 32, chart.title);
  draw_title(drawing, chart.title);
  draw_legend(drawing, chart.series, kTitleHeight, chart.roles);
  const double room = width - label_width - value_width;
  const auto x_of = [&](double value) {
    return label_width + room * std::clamp(value / maximum, 0.0, 1.0);
  };
  for (const double tick : ticks(0, maximum, 4)) {
    drawing.line({x_of(tick), top}, {x_of(tick), bottom}, Role::kGrid);
    drawing.text({x_of(tick), bottom + 13}, short_number(tick), Anchor::kMiddle, Role::kMuted, 10);
  }
  double y = top + (kRow - kBar) / 2;
  for (const BarChart::Row& row : chart.rows) {
    drawing.text({label_width - 6, y + kBar - 2}, row.label, Anchor::kEnd, Role::kMuted);
    double sum = 0;
    for (std::size_t i = 0; i < row.parts.size(); ++i) {
      const double from = x_of(sum);
      sum += row.parts[i];
      const Role role = i < chart.roles.size() ? chart.roles[i] : series_role(i);
      drawing.rectangle(from, y, x_of(sum) - from, kBar, role, 1, row.tip);
    }
    double end = x_of(sum);
    if (row.whisker) {
      const double low = x_of(sum - *row.whisker), high = x_of(sum + *row.whisker);
      const double middle = y + kBar / 2;
      drawing.line({low, middle}, {high, middle}, Role::kInk, 1);
      drawing.line({low, middle - 3}, {low, middle + 3}, Role::kInk, 1);
      drawing.line({high, middle - 3}, {high, middle + 3}, Role::kInk, 1);
      end = std::max(end, high);
    }
    if (row.mark) {
      drawing.line({x_of(*row.mark), y - 2}, {x_of(*row.mark), y + kBar + 2}, Role::kThreshold, 2);
      end = std::max(end, x_of(*row.mark));
    }
    if (!row.value.empty()) {
      drawing.text({end + 5, y + kBar - 2}, row.value, Anchor::kStart, Role::kInk);
    }
    y += kRow;
  }
  drawing.text({label_width + room / 2, bottom + 28}, chart.unit, Anchor::kMiddle, Role::kMuted);
  return drawing;
}

Drawing draw(const HeatMap& map, double width) {
  constexpr double kRow = 20;
  constexpr double kTextSize = 10;
  constexpr double kDarkest = 0.6;  // text stays readable on it, in both themes
  double label_width = 0;
  double text_room = 0;
  double largest = 0;
  for (const HeatMap::Row& row : map.rows) {
    label_width = std::max(label_width, text_width(row.label, kLabelSize));
    for (const HeatMap::Cell& cell : row.cells) {
      text_room = std::max(text_room, text_width(cell.text, kTextSize));
      largest = std::max(largest, cell.value);
    }
  }
  label_width = std::min(label_width, 0.42 * width) + 8;
  const double cell_width =
      (width - label_width) / static_cast<double>(std::max<std::size_t>(1, map.columns.size()));
  const double top = kTitleHeight + 16;
  const double bottom = top + kRow * static_cast<double>(map.rows.size());
  Drawing drawing(width, bottom + 20, map.title);
  draw_title(drawing, map.title);
  for (std::size_t c = 0; c < map.columns.size(); ++c) {
    drawing.text({label_width + cell_width * (static_cast<double>(c) + 0.5), top - 5},
                 map.columns[c], Anchor::kMiddle, Role::kMuted, kTextSize);
  }
  double y = top;
  for (const HeatMap::Row& row : map.rows) {
    drawing.text({label_width - 6, y + 14}, row.label, Anchor::kEnd, Role::kMuted);
    double x = label_width;
    for (const HeatMap::Cell& cell : row.cells) {
      const double share = largest > 0 ? std::max(0.0, cell.value / largest) : 0;
      drawing.rectangle(x + 0.5, y + 0.5, cell_width - 1, kRow - 1, Role::kGrid, 0.5);
      drawing.rectangle(x + 0.5, y + 0.5, cell_width - 1, kRow - 1, Role::kFirst, kDarkest * share,
                        cell.tip);
      if (text_room + 4 <= cell_width) {
        drawing.text({x + cell_width / 2, y + 14}, cell.text, Anchor::kMiddle, Role::kInk,
                     kTextSize);
      }
      x += cell_width;
    }
    y += kRow;
  }
  drawing.text({label_width + (width - label_width) / 2, bottom + 15}, map.unit, Anchor::kMiddle);
  return drawing;
}

Drawing draw(const DensityChart& chart, double width, double height) {
  const std::vector<std::string> names = names_of(chart.series);
  const double top = kTitleHeight + (chart.subtitle.empty() ? 0 : 15) + legend_height(names, width);
  const double bottom = height - 32;
  Drawing drawing(width, height, chart.title);
  draw_title(drawing, chart.title);
  if (!chart.subtitle.empty()) drawing.text({0, 30}, chart.subtitle);
  draw_legend(drawing, names, kTitleHeight + (chart.subtitle.empty() ? 0 : 15));
  std::size_t bins = 1;
  double largest = 0;
  for (const DensityChart::Series& series : chart.series) {
    bins = std::max(bins, series.heights.size());
    for (const double value : series.heights) largest = std::max(largest, value);
  }
  const double span = chart.bin * static_cast<double>(bins);
  const auto x_of = [&](double x) { return 4 + (width - 8) * (x - chart.least) / span; };
  const auto y_of = [&](double value) {
    return bottom - (bottom - top) * (largest > 0 ? value / largest : 0);
  };
  for (const double tick : ticks(chart.least, chart.least + span, 6)) {
    drawing.line({x_of(tick), top}, {x_of(tick), bottom}, Role::kGrid);
    drawing.text({x_of(tick), bottom + 13}, short_number(tick), Anchor::kMiddle, Role::kMuted, 10);
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    std::vector<Point> outline;
    double x = chart.least;
    for (const double value : chart.series[i].heights) {
      outline.push_back({x_of(x), y_of(value)});
      x += chart.bin;
      outline.push_back({x_of(x), y_of(value)});
    }
    if (outline.empty()) continue;
    std::vector<Point> filled = outline;
    filled.push_back({filled.back().x, bottom});
    filled.push_back({filled.front().x, bottom});
    drawing.area(std::move(filled), series_role(i), 0.22);
    drawing.polyline(std::move(outline), series_role(i), 1.4);
  }
  for (const double line : chart.lines) {
    drawing.line({x_of(line), top - 2}, {x_of(line), bottom}, Role::kThreshold, 1.4, true);
  }
  drawing.line({4, bottom}, {width - 4, bottom}, Role::kMuted);
  drawing.text({width / 2, bottom + 28}, chart.unit, Anchor::kMiddle);
  return drawing;
}

namespace {

struct Range {
  double least = INFINITY;
  double largest = -INFINITY;
  void add(double value) {
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  /// A little more, and something if it is a point or nothing.
  void widen(double share) {
    if (!(largest >= least)) *this = {0, 1};
    const double room = largest > least ? share * (largest - least) : 0.5;
    least -= room;
    largest += room;
  }
};

}  // namespace

Drawing draw(const LineChart& chart, double width, double height) {
  const std::vector<std::string> names = names_of(chart.series);
  const double top = kTitleHeight + legend_height(names, width) + 14;
  const double bottom = height - 34;
  Drawing drawing(width, height, chart.title);
  draw_title(drawing, chart.title);
  draw_legend(drawing, names, kTitleHeight);
  const auto scaled = [&](double y) { return chart.log_y ? std::log10(std::max(y, 1e-12)) : y; };
  Range xs, ys;
  for (const LineChart::Series& series : chart.series) {
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      const double spread = i < series.whiskers.size() ? series.whiskers[i] : 0;
      xs.add(series.points[i].x);
      ys.add(scaled(series.points[i].y - (chart.log_y ? 0 : spread)));
      ys.add(scaled(series.points[i].y + spread));
    }
  }
  xs.widen(0.04);
  ys.widen(0.08);
  if (chart.y_minimum) ys.least = scaled(*chart.y_minimum);
  if (chart.y_maximum) ys.largest = scaled(*chart.y_maximum);
  const double left = 46;
  const auto x_of = [&](double x) {
    return left + (width - left - 10) * (x - xs.least) / (xs.largest - xs.least);
  };
  const auto y_of = [&](double y) {
    return bottom - (bottom - top) * (scaled(y) - ys.least) / (ys.largest - ys.least);
  };
  for (const double tick : ticks(xs.least, xs.largest, 5)) {
    drawing.text({x_of(tick), bottom + 14}, short_number(tick), Anchor::kMiddle, Role::kMuted, 10);
  }
  for (double tick : ticks(ys.least, ys.largest, chart.log_y ? 4 : 5)) {
    if (chart.log_y && tick != std::floor(tick)) continue;
    const double value = chart.log_y ? std::pow(10.0, tick) : tick;
    drawing.line({left, y_of(value)}, {width - 10, y_of(value)}, Role::kGrid);
    drawing.text({left - 6, y_of(value) + 4}, short_number(value), Anchor::kEnd, Role::kMuted, 10);
  }
  for (const auto& [x, label] : chart.vertical) {
    drawing.line({x_of(x), top}, {x_of(x), bottom}, Role::kThreshold, 1.4, true);
    const bool right = x_of(x) > (left + width) / 2;
    drawing.text({x_of(x) + (right ? -5 : 5), top + 10}, label,
                 right ? Anchor::kEnd : Anchor::kStart, Role::kThreshold, 10);
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const LineChart::Series& series = chart.series[i];
    std::vector<Point> line;
    for (std::size_t k = 0; k < series.points.size(); ++k) {
      const Point at = {x_of(series.points[k].x), y_of(series.points[k].y)};
      line.push_back(at);
      if (k < series.whiskers.size() && series.whiskers[k] > 0) {
        drawing.line({at.x, y_of(series.points[k].y - series.whiskers[k])},
                     {at.x, y_of(series.points[k].y + series.whiskers[k])}, series_role(i), 1.2);
      }
      if (!series.line || series.points.size() < 24) {
        drawing.rectangle(at.x - 3, at.y - 3, 6, 6, series_role(i), 1,
                          series.name + ": " + short_number(series.points[k].y, 4) + " at " +
                              short_number(series.points[k].x, 4));
      }
    }
    if (series.line && line.size() > 1) drawing.polyline(std::move(line), series_role(i), 1.8);
  }
  drawing.line({left, bottom}, {width - 10, bottom}, Role::kMuted);
  drawing.text({(left + width - 10) / 2, bottom + 29}, chart.x_label, Anchor::kMiddle);
  drawing.text({0, top - 6}, chart.y_label);
  return drawing;
}

}  // namespace trispike::report
