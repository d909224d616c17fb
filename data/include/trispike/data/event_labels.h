// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Labelled parts of long recordings, in the form of DVS128 Gesture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "trispike/data/events.h"

namespace trispike::data {

/// A part [begin_us, end_us) of a recording.
struct EventLabel {
  int label = 0;  ///< as the file numbers it: DVS128 Gesture from 1
  std::int64_t begin_us = 0;
  std::int64_t end_us = 0;
  bool operator==(const EventLabel&) const = default;
};

/// Reads lines `class,startTime_usec,endTime_usec` below that heading, in the order of the file.
/// Throws DataError naming the line if it is none, if a part ends before it begins or begins before
/// the one above it has ended.
std::vector<EventLabel> read_event_labels(const std::filesystem::path& path);

/// Reads the recording once and calls `sample` for each label, in their order, with the events of
/// its part, times as recorded; a part may have none. Only one part is in memory at a time. Labels
/// are as read_event_labels() gives them. Throws DataError as EventReader::read, or if an event
/// belongs to a part that is already over: then the recording is not in the order of time.
void cut_events(
    EventReader& reader, std::span<const EventLabel> labels,
    const std::function<void(const EventLabel& label, const std::vector<Event>& events)>& sample);

}  // namespace trispike::data
