// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Reading files, with errors that say which file and why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
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

/// A file read from its start, unpacked on the way if it is a gzip file.
class MaybeGzipFile {
 public:
  /// Throws as InputFile.
  explicit MaybeGzipFile(const std::filesystem::path& path);
  ~MaybeGzipFile();
  MaybeGzipFile(const MaybeGzipFile&) = delete;
  MaybeGzipFile& operator=(const MaybeGzipFile&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }  ///< of the file as it is, packed

  /// The next `count` bytes, fewer only at the end of the file. Takes memory for all of them at
  /// once. Throws DataError if the gzip data are damaged or end too early.
  std::vector<std::uint8_t> read(std::uint64_t count);

 private:
  struct Stream;
  std::string name_;
  std::uint64_t size_;
  std::unique_ptr<Stream> stream_;
  std::uint64_t position_ = 0;
};

struct Line {
  std::size_t number;  ///< in the file, from 1
  std::string text;
  std::string place() const { return "line " + std::to_string(number); }
};

/// The lines of a small text file, without the empty ones.
std::vector<Line> read_lines(const std::filesystem::path& path);

}  // namespace trispike::data
