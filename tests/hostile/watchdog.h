// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Ends the program when reading one file takes too long, and says which file it was, then and at a
// crash.
#pragma once

#include <string>

#include "data/fixtures.h"

namespace trispike::hostile {

/// Watches over the reading of one file; one at a time. After 5 seconds of computing, or a minute
/// of whatever else, or at a crash: prints `label`, keeps the file as hostile-crash.bin in the
/// current folder, and aborts.
class Watchdog {
 public:
  /// Both must live as long as the object.
  Watchdog(const std::string& label, const data::Bytes& bytes);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
};

}  // namespace trispike::hostile
