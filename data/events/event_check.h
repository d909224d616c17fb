// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What `trispike data info|check` tells of an event recording.
#pragma once

#include <filesystem>

#include "trispike/data/check.h"

namespace trispike::data {

/// Reads the whole recording: no format has counts and times in its header. Throws DataError at
/// damage; what is known by then, the format, is in the report.
void examine_events(const std::filesystem::path& path, CheckReport& report);

}  // namespace trispike::data
