// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What all data sets of event recordings have in common.
#pragma once

#include <string_view>

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

/// Everything that is left of a recording.
EventRecording read_recording(EventReader& reader);

}  // namespace trispike::data
