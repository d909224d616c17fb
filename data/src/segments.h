// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Data sets whose samples are parts of long recordings.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/event_dataset.h"

namespace trispike::data {

/// Events with begin_us <= t < end_us of a recording.
struct Segment {
  int recording = 0;  ///< index
  int label = 0;
  std::int64_t begin_us = 0;
  std::int64_t end_us = 0;
};

/// Recordings that are sorted by time, kept in memory if there is room for them.
class RecordingStore {
 public:
  /// Reads every recording once, to know its times. At most `cache_bytes` of events stay in memory,
  /// those of the first recordings. Throws DataError if one cannot be read.
  RecordingStore(std::vector<std::filesystem::path> paths, std::int64_t cache_bytes);

  std::int64_t first_us(int recording) const { return entries_[recording].first_us; }
  std::int64_t last_us(int recording) const { return entries_[recording].last_us; }
  bool empty(int recording) const { return entries_[recording].empty; }
  const std::filesystem::path& path(int recording) const { return entries_[recording].path; }
  /// Throws DataError if the recording cannot be read again.
  EventRecording part(const Segment& segment) const;

 private:
  struct Entry {
    std::filesystem::path path;
    bool empty = true;
    std::int64_t first_us = 0;
    std::int64_t last_us = 0;
    std::shared_ptr<const EventRecording> kept;
  };
  std::vector<Entry> entries_;
};

class SegmentDataset : public EventDataset {
 public:
  std::int64_t size() const override { return std::ssize(segments_); }
  int label(std::int64_t i) const override { return segments_[i].label; }
  std::string name(std::int64_t i) const override;
  EventRecording events(std::int64_t i) const override { return store_->part(segments_[i]); }

 protected:
  SegmentDataset(std::string_view format, Split split) : EventDataset(format, split) {}

  std::unique_ptr<RecordingStore> store_;
  std::vector<Segment> segments_;
};

}  // namespace trispike::data
