// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/segments.h"

#include <algorithm>
#include <map>
#include <utility>

namespace trispike::data {
namespace {

EventRecording read_sorted(const std::filesystem::path& path) {
  EventRecording recording = read_recording(*open_events(path));
  const auto by_time = [](const Event& a, const Event& b) { return a.t < b.t; };
  if (!std::ranges::is_sorted(recording.events, by_time)) {
    std::ranges::stable_sort(recording.events, by_time);
  }
  return recording;
}

}  // namespace

RecordingStore::RecordingStore(std::vector<std::filesystem::path> paths, std::int64_t cache_bytes) {
  std::map<std::filesystem::path, std::size_t> seen;  // a list may name one often: it is read once
  for (std::filesystem::path& path : paths) {
    const auto [known, is_new] = seen.emplace(path, entries_.size());
    if (!is_new) {
      entries_.push_back(Entry(entries_[known->second]));
      continue;
    }
    auto recording = std::make_shared<EventRecording>(read_sorted(path));
    Entry entry;
    entry.path = std::move(path);
    entry.empty = recording->events.empty();
    if (!entry.empty) {
      entry.first_us = recording->events.front().t;
      entry.last_us = recording->events.back().t;
    }
    recording->events.shrink_to_fit();
    cache_bytes -= static_cast<std::int64_t>(recording->events.size() * sizeof(Event));
    if (cache_bytes >= 0) entry.kept = std::move(recording);
    entries_.push_back(std::move(entry));
  }
}

EventRecording RecordingStore::part(const Segment& segment) const {
  const Entry& entry = entries_[segment.recording];
  const auto whole =
      entry.kept ? entry.kept : std::make_shared<const EventRecording>(read_sorted(entry.path));
  const auto begin = std::ranges::lower_bound(whole->events, segment.begin_us, {}, &Event::t);
  const auto end = std::ranges::lower_bound(whole->events, segment.end_us, {}, &Event::t);
  EventRecording part;
  if (begin < end) part.events.assign(begin, end);
  part.width = whole->width;
  part.height = whole->height;
  return part;
}

std::string SegmentDataset::name(std::int64_t i) const {
  const Segment& segment = segments_[i];
  return store_->path(segment.recording).string() + ", " + std::to_string(segment.begin_us) +
         " to " + std::to_string(segment.end_us) + " us";
}

}  // namespace trispike::data
