// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/event_check.h"

#include <array>
#include <cstdio>
#include <string>

#include "trispike/data/events.h"

namespace trispike::data {
namespace {

std::string number(double value, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string size_text(const EventSummary& summary) {
  const std::string largest =
      "largest column " + std::to_string(summary.max_x) + ", row " + std::to_string(summary.max_y);
  return summary.width == 0 ? "sensor of unknown size, " + largest
                            : "sensor " + std::to_string(summary.width) + "x" +
                                  std::to_string(summary.height) + ", " + largest;
}

// What damage may have left in a recording that can still be decoded.
void check_places(const EventSummary& summary, const std::string& name, CheckReport& report) {
  if (summary.width == 0 || summary.events == 0) return;
  if (summary.max_x >= summary.width || summary.max_y >= summary.height) {
    report.problems.push_back(
        DataError(name, "", "holds events outside its sensor: " + size_text(summary)).what());
  }
}

// In floating point: a damaged recording may hold times at both ends of the range.
double seconds(const EventSummary& summary) {
  return (static_cast<double>(summary.last_us) - static_cast<double>(summary.first_us)) * 1e-6;
}

}  // namespace

void examine_events(const std::filesystem::path& path, CheckReport& report) {
  const auto reader = open_events(path);
  report.kind = std::string(reader->format()) + " event recording";
  const EventSummary summary = summarise_events(*reader);
  report.recording = summary;
  report.summary.push_back(report.kind + ": " + std::to_string(summary.events) + " events, " +
                           std::to_string(summary.records) + " records, header of " +
                           std::to_string(summary.header_bytes) + " bytes");
  if (summary.events == 0) return;
  report.summary.push_back(size_text(summary));
  report.summary.push_back(
      number(100.0 * static_cast<double>(summary.on_events) / static_cast<double>(summary.events),
             2) +
      " % of the events have polarity bit 1");
  report.summary.push_back("from " + std::to_string(summary.first_us) + " to " +
                           std::to_string(summary.last_us) + " us: " + number(seconds(summary), 3) +
                           " s");
  if (summary.backward_steps > 0) {
    report.summary.push_back(std::to_string(summary.backward_steps) +
                             " events are earlier than the one before them");
  }
  check_places(summary, reader->name(), report);
}

}  // namespace trispike::data
