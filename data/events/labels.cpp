// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "src/input_file.h"
#include "trispike/data/event_labels.h"

namespace trispike::data {
namespace {

constexpr std::string_view kHeading = "class,startTime_usec,endTime_usec";

// Three whole numbers, false if the line is anything else.
bool parse(std::string_view line, EventLabel& label) {
  std::array<std::int64_t, 3> numbers{};
  const char* at = line.data();
  const char* const end = line.data() + line.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && (at == end || *at++ != ',')) return false;
    const auto [next, error] = std::from_chars(at, end, numbers[i]);
    if (error != std::errc()) return false;
    at = next;
  }
  if (at != end || numbers[0] < 0 || numbers[0] > 1'000'000) return false;
  label = {static_cast<int>(numbers[0]), numbers[1], numbers[2]};
  return true;
}

}  // namespace

std::vector<EventLabel> read_event_labels(const std::filesystem::path& path) {
  const std::vector<Line> lines = read_lines(path);
  std::vector<EventLabel> labels;
  const auto fail = [&](std::size_t i, const std::string& reason) {
    throw DataError(path.string(), lines[i].place(),
                    "'" + lines[i].text.substr(0, 60) + "' " + reason);
  };
  if (lines.empty()) throw DataError(path.string(), "", "is empty");
  if (lines[0].text != kHeading) fail(0, "is not the heading " + std::string(kHeading));
  for (std::size_t i = 1; i < lines.size(); ++i) {
    EventLabel label;
    if (!parse(lines[i].text, label))
      fail(i, "is no label, expected: class,start,end in microseconds");
    if (label.end_us < label.begin_us) fail(i, "ends before it begins");
    if (!labels.empty() && label.begin_us < labels.back().end_us) {
      fail(i, "begins before the part above it has ended");
    }
    labels.push_back(label);
  }
  return labels;
}

void cut_events(
    EventReader& reader, std::span<const EventLabel> labels,
    const std::function<void(const EventLabel& label, const std::vector<Event>& events)>& sample) {
  std::vector<Event> part;
  std::size_t next = 0;  // the label that is being gathered
  const auto finish = [&] {
    sample(labels[next++], part);
    part.clear();
  };
  std::array<Event, 4096> chunk;
  while (const std::size_t count = reader.read(chunk)) {
    for (const Event& event : std::span(chunk).first(count)) {
      while (next < labels.size() && event.t >= labels[next].end_us) finish();
      if (next > 0 && event.t < labels[next - 1].end_us) {
        throw DataError(reader.name(), "event at " + std::to_string(event.t) + " us",
                        "comes after events of " + std::to_string(labels[next - 1].end_us) +
                            " us and later: it cannot be cut into parts");
      }
      if (next < labels.size() && event.t >= labels[next].begin_us) part.push_back(event);
    }
  }
  while (next < labels.size()) finish();
}

}  // namespace trispike::data
