// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a file or folder of images, or a recording of events, is, and whether it can be read from
// end to end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "trispike/data/events.h"

namespace trispike::data {

struct CheckReport {
  bool ok = false;                    ///< no problem found
  std::string kind;                   ///< "idx images", "cifar10", "JPEG picture", ...; "unknown"
  std::vector<std::string> summary;   ///< lines for a person
  std::vector<std::string> problems;  ///< the first 20, each naming file, place and reason
  std::optional<EventSummary> recording = {};  ///< of an event recording that could be read
};

/// Reads headers and names only. Takes a data set of any format of dataset_formats(), an IDX file,
/// a CIFAR .bin file, a JPEG or PNG picture, an event recording (which is read as a whole). Never
/// throws for what it finds in the file.
CheckReport info(const std::filesystem::path& path);

/// The same, and decodes every picture and reads every label.
CheckReport check(const std::filesystem::path& path);

}  // namespace trispike::data
