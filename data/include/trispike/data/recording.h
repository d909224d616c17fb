// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "trispike/data/events.h"

namespace trispike::data {

/// A recording in memory, or a part of one.
struct EventRecording {
  std::vector<Event> events;
  int width = 0;   ///< of the sensor; 0: not known
  int height = 0;  ///< of the sensor; 0: not known
};

}  // namespace trispike::data
