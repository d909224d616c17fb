// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace trispike::cli {
namespace {

struct Unit {
  double size;
  std::string_view name;
};

/// The largest unit that is not above the value, else the smallest. `units` are descending.
template <std::size_t n>
const Unit& fitting_unit(double value, const std::array<Unit, n>& units) {
  const auto found = std::find_if(units.begin(), units.end(),
                                  [&](const Unit& unit) { return std::abs(value) >= unit.size; });
  return found == units.end() ? units.back() : *found;
}

}  // namespace

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t end = digits.size(); end > first + 3;) {
    end -= 3;
    digits.insert(end, 1, ',');
  }
  return digits;
}

std::string grouped(double value) {
  return grouped(static_cast<std::int64_t>(std::llround(value)));
}

std::string scaled(double value) {
  static constexpr std::array kUnits = {Unit{1e12, "T"}, Unit{1e9, "G"}, Unit{1e6, "M"},
                                        Unit{1e3, "k"}};
  if (std::abs(value) < 1000) {
    return value == std::floor(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
  }
  const Unit& unit = fitting_unit(value, kUnits);
  return fmt::format("{:.2f} {}", value / unit.size, unit.name);
}

std::string percent(double fraction) { return fmt::format("{:.2f} %", 100 * fraction); }

std::string energy(double picojoules) {
  static constexpr std::array kUnits = {Unit{1e12, "J"}, Unit{1e9, "mJ"}, Unit{1e6, "µJ"},
                                        Unit{1e3, "nJ"}, Unit{1, "pJ"}};
  const Unit& unit = fitting_unit(picojoules, kUnits);
  return fmt::format("{:.2f} {}", picojoules / unit.size, unit.name);
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(0.0, seconds) + 0.5);
  const std::int64_t hours = whole / 3600;
  if (hours > 0) {
    return fmt::format("{}:{:02}:{:02}", hours, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string short_time(double seconds) {
  static constexpr std::array kUnits = {Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "µs"}};
  const Unit& unit = fitting_unit(seconds, kUnits);
  return fmt::format("{:#.3g} {}", seconds / unit.size, unit.name);
}

std::string map_size(std::int64_t channels, std::int64_t height, std::int64_t width) {
  return height == 1 && width == 1 ? std::to_string(channels)
                                   : fmt::format("{} x {} x {}", channels, height, width);
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }, '?');
  return result;
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;  // not a continuation byte
  }));
}

}  // namespace trispike::cli
