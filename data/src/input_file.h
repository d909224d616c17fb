// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Reading files, with errors that say which file and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace trispike::data {

/// A regular file open for reading; reads from several threads at once do not disturb each other.
class InputFile {
 public:
  /// Throws DataError if the file is missing, not regular or not readable.
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }

  /// Fills `bytes` from `offset` on. Throws DataError if the file ends before.
  void read_at(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  std::string name_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

/// The whole file. Throws DataError, also if it has more than `max_bytes`.
std::vector<std::byte> read_file(const std::filesystem::path& path,
                                 std::uint64_t max_bytes = std::uint64_t{1} << 32);

/// The whole file, unpacked if it is a gzip file; at most `max_bytes` (unpacked).
std::vector<std::byte> read_maybe_gzip(const std::filesystem::path& path, std::uint64_t max_bytes);

/// The lines of a small text file, without the empty ones.
std::vector<std::string> read_lines(const std::filesystem::path& path);

}  // namespace trispike::data
