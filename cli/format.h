// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers and names as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trispike::cli {

/// "11,247,946".
std::string grouped(std::int64_t value);
/// Rounded to a whole number: "11,247,946".
std::string grouped(double value);

/// "216.77 M", "3.54 k"; below 1000 "12.5", "7".
std::string scaled(double value);

/// "16.42 %" of 0.1642.
std::string percent(double fraction);

/// "50.14 µJ", "3.70 pJ".
std::string energy(double picojoules);

/// "0:07", "12:34", "1:02:03".
std::string duration(double seconds);

/// "1.23 ms", "45.6 µs", "2.00 s".
std::string short_time(double seconds);

/// "[64, 32, 32]" as "64 x 32 x 32".
std::string map_size(std::int64_t channels, std::int64_t height, std::int64_t width);

/// The text with control characters replaced by '?': names out of files must not steer the
/// terminal.
std::string printable(std::string_view text);

/// Columns the text takes on a terminal: its code points (UTF-8).
std::size_t display_width(std::string_view text);

}  // namespace trispike::cli
