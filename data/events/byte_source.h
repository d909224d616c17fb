// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of a recording, from the first to the last, through a window of bounded size.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/input_file.h"
#include "trispike/data/error.h"

namespace trispike::data {

/// The unsigned number in the first bytes of `bytes`.
template <typename Number>
Number load_little(const std::byte* bytes) {
  static_assert(std::endian::native == std::endian::little);
  Number value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}
inline std::uint32_t load_big32(const std::byte* bytes) {
  return __builtin_bswap32(load_little<std::uint32_t>(bytes));
}

class ByteSource {
 public:
  /// Throws DataError if the file cannot be read.
  explicit ByteSource(const std::filesystem::path& path);
  ByteSource(std::vector<std::byte> bytes, const std::string& name);

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }
  std::uint64_t rest() const { return size_ - position_; }

  /// The next `count` bytes, fewer only where the source ends. Valid until the next call. Memory
  /// grows to the largest `count` (of what is really there).
  std::span<const std::byte> peek(std::size_t count);
  /// Moves on by at most rest().
  void skip(std::uint64_t count) { position_ += count < rest() ? count : rest(); }
  /// The next `count` bytes, moving on. Throws DataError if the source ends before; `what` names
  /// them.
  std::span<const std::byte> take(std::size_t count, std::string_view what);

  /// Throws DataError for the byte at `position`.
  [[noreturn]] void fail(std::uint64_t position, const std::string& reason) const;

 private:
  std::string name_;
  std::optional<InputFile> file_;  ///< none: all bytes stand in window_
  std::vector<std::byte> window_;
  std::uint64_t window_begin_ = 0;  ///< position of the first byte of window_
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace trispike::data
