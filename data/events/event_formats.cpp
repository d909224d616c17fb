// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/event_formats.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trispike::data {
namespace {

// Those with a magic number stand before those that go by the file's name.
constexpr EventFormat kFormats[] = {
    {"aedat2-davis", "AEDAT 2.0 of a DAVIS camera (jAER)", probe_aedat2_davis, open_aedat2_davis},
    {"aedat2-dvs128", "AEDAT 2.0 of a DVS128 camera (jAER, CIFAR10-DVS)", probe_aedat2_dvs128,
     open_aedat2_dvs128},
    {"aedat3", "AEDAT 3.1 (libcaer, DVS128 Gesture)", probe_aedat3, open_aedat3},
    {"aedat4", "AEDAT 4 (DV, dv-processing)", probe_aedat4, open_aedat4},
    {"evt2", "Prophesee EVT 2.0 (.raw)", probe_evt2, open_evt2},
    {"evt3", "Prophesee EVT 3.0 (.raw)", probe_evt3, open_evt3},
    {"dat", "Prophesee DAT (.dat, N-CARS)", probe_dat, open_dat},
    {"nmnist", "5-byte records of N-MNIST and N-Caltech101 (.bin)", probe_nmnist, open_nmnist},
    {"text", "lines t x y p, t in seconds or whole microseconds (.txt)", probe_text, open_text},
};

constexpr std::size_t kChunk = 4096;

std::string known_formats() {
  std::string names;
  for (const EventFormat& format : kFormats) {
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  return names;
}

const EventFormat* fitting_format(ByteSource& source) {
  const std::span<const std::byte> head = source.peek(kProbeBytes);
  const auto* const row = std::ranges::find_if(
      kFormats, [&](const EventFormat& format) { return format.probe(source.name(), head); });
  return row == std::end(kFormats) ? nullptr : row;
}

std::unique_ptr<EventReader> open_source(std::unique_ptr<ByteSource> source,
                                         const std::string& format) {
  const auto* row = std::ranges::find(kFormats, format, &EventFormat::name);
  if (format == "auto") {
    row = fitting_format(*source);
    if (row == nullptr) {
      throw DataError(source->name(), "",
                      "is no event recording of a known format: " + known_formats());
    }
  } else if (row == std::end(kFormats)) {
    throw DataError(source->name(), "",
                    "unknown event format '" + format + "', known: auto, " + known_formats());
  }
  return row->open(std::move(source));
}

}  // namespace

std::span<const EventFormat> event_formats() { return kFormats; }

std::unique_ptr<EventReader> open_events(const std::filesystem::path& path,
                                         const std::string& format) {
  return open_source(std::make_unique<ByteSource>(path), format);
}

std::unique_ptr<EventReader> open_events(std::vector<std::byte> bytes, const std::string& name,
                                         const std::string& format) {
  return open_source(std::make_unique<ByteSource>(std::move(bytes), name), format);
}

bool is_event_file(const std::filesystem::path& path) {
  ByteSource source(path);
  return fitting_format(source) != nullptr;
}

std::vector<Event> read_events(EventReader& reader) {
  std::vector<Event> events;
  std::array<Event, kChunk> chunk;
  while (const std::size_t count = reader.read(chunk)) {
    events.insert(events.end(), chunk.begin(), chunk.begin() + count);
  }
  return events;
}

EventSummary summarise_events(EventReader& reader) {
  EventSummary summary;
  summary.format = reader.format();
  summary.width = reader.width();
  summary.height = reader.height();
  summary.header_bytes = reader.header_bytes();
  std::array<Event, kChunk> chunk;
  while (const std::size_t count = reader.read(chunk)) {
    if (summary.events == 0) summary.first_us = summary.last_us = chunk[0].t;
    for (const Event& event : std::span(chunk).first(count)) {
      summary.on_events += event.p;
      summary.backward_steps += event.t < summary.last_us ? 1 : 0;
      summary.last_us = event.t;
      summary.max_x = std::max<int>(summary.max_x, event.x);
      summary.max_y = std::max<int>(summary.max_y, event.y);
    }
    summary.events += count;
  }
  summary.records = reader.records();
  return summary;
}

}  // namespace trispike::data
