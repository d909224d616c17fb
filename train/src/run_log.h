// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The log of a run as JSON lines: one object a line, one line an event, in the order of iterations.
//   {"event":"epoch","iteration":704,"epoch":2,"train_loss":0.41,"validation_accuracy":0.87}
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trispike::train {

using LogValue = std::variant<std::int64_t, double, std::string>;
using LogFields = std::vector<std::pair<std::string, LogValue>>;

class RunLog {
 public:
  /// Opens `path` for a run that goes on after `iteration` iterations (0: a new run, an old log is
  /// emptied). Lines about later iterations and a last line that was cut off are removed: those
  /// iterations are run again. So a line must be written before the checkpoint of its iteration.
  /// Throws IoError, or FormatError (nothing is removed) if a file to be continued is not such a
  /// log.
  RunLog(const std::string& path, std::int64_t iteration);

  /// Appends one line and hands it to the operating system. Numbers that are not finite are written
  /// as null. Throws IoError.
  void write(std::string_view event, std::int64_t iteration, const LogFields& fields);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace trispike::train
