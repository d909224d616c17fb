// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What all data sets of event recordings have in common.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/class_folders.h"
#include "src/file_tree.h"
#include "trispike/data/dataset.h"

namespace trispike::data {

class EventDataset : public Dataset {
 public:
  Image image(std::int64_t i) const override;

 protected:
  EventDataset(std::string_view format, Split split);

  /// Sets the sensor's size: as the recordings say, or else the smallest usual sensor that holds
  /// all events of 64 recordings spread evenly. Throws DataError if none of them can be read.
  void measure();
};

/// One recording per file of a tree; derived classes say which and call measure().
class EventTreeDataset : public EventDataset {
 public:
  std::int64_t size() const override { return std::ssize(recordings_); }
  int label(std::int64_t i) const override { return recordings_[i].label; }
  std::string name(std::int64_t i) const override { return tree_.name(*recordings_[i].entry); }
  EventRecording events(std::int64_t i) const override;

 protected:
  EventTreeDataset(std::string_view format, Split split, const std::filesystem::path& path,
                   const std::vector<std::string>& suffixes)
      : EventDataset(format, split), tree_(path, suffixes) {}

  FileTree tree_;
  std::vector<LabelledEntry> recordings_;
};

/// Everything that is left of a recording.
EventRecording read_recording(EventReader& reader);

}  // namespace trispike::data
