// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Everything in trispike that reads files from outside, as one table: the tests of this folder and
// the fuzz targets loop over it. To add a parser: a function that reads a file to its end, seeds,
// and one row.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/fixtures.h"

namespace trispike::hostile {

using data::Bytes;

/// A file to be read, in memory and, once somebody asks, on disk.
class Input {
 public:
  Input(const Bytes& bytes, std::filesystem::path path) : bytes_(bytes), path_(std::move(path)) {}

  const Bytes& bytes() const { return bytes_; }
  std::string text() const;
  /// The name that messages must give: that of the file on disk.
  std::string name() const { return path_.string(); }
  /// Writes the bytes to disk and returns where.
  const std::filesystem::path& on_disk() const;

 private:
  const Bytes& bytes_;
  std::filesystem::path path_;
};

struct Parser {
  std::string name;  ///< of letters, digits and underscores
  std::string file;  ///< what the damaged file is called, in the parser's folder
  /// Good files, small: the parser accepts each of them.
  std::function<std::vector<Bytes>()> seeds;
  /// Reads the file to its end. Throws trispike::Error or data::DataError, nothing else.
  std::function<void(const Input& input)> parse;
  /// Writes what must stand beside the file; null if nothing.
  void (*surroundings)(const std::filesystem::path& folder) = nullptr;
  /// Makes the checksums of a damaged file right again, so that damage gets past them; null if
  /// there are none.
  void (*repair)(Bytes& bytes) = nullptr;
};

/// All of them; each format of event_formats() is one.
std::span<const Parser> parsers();

}  // namespace trispike::hostile
