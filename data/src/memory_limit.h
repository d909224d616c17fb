// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// How much memory a file may ask for: a few bytes of a packed format can stand for gigabytes.
#pragma once

#include <cstdint>
#include <string>

namespace trispike::data {

/// Bytes that reading a file of `file_bytes` may take in all.
constexpr std::uint64_t memory_limit(std::uint64_t file_bytes) {
  return 4 * file_bytes + (std::uint64_t{64} << 20);
}

/// What of it may hold the contents: decoders need some for themselves.
constexpr std::uint64_t contents_limit(std::uint64_t file_bytes) {
  return memory_limit(file_bytes) - (std::uint64_t{8} << 20);
}

/// The end of a message: "more than ...".
inline std::string contents_limit_text(std::uint64_t file_bytes) {
  return std::to_string(contents_limit(file_bytes)) +
         ", which is what a file of its size may unpack to (4 times the file + 56 MiB)";
}

}  // namespace trispike::data
