// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The exception of everything that reads images.
#pragma once

#include <stdexcept>
#include <string>

namespace trispike::data {

/// A file, folder or picture cannot be read, or an argument does not fit the data. The message
/// reads
/// `<file>: <place>: <reason>`, where the place is a byte, an entry, a record, or left out if
/// empty.
class DataError : public std::runtime_error {
 public:
  DataError(const std::string& file, const std::string& place, const std::string& reason)
      : std::runtime_error(file + (place.empty() ? "" : ": " + place) + ": " + reason),
        file_(file) {}
  const std::string& file() const { return file_; }

 private:
  std::string file_;
};

}  // namespace trispike::data
