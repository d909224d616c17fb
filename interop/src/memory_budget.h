// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "trispike/model/error.h"

namespace trispike::interop {

/// What reading a file may allocate beside the file itself, so that no small file asks for much.
class MemoryBudget {
 public:
  /// `file` is for messages.
  MemoryBudget(std::string file, std::uint64_t file_bytes)
      : file_(std::move(file)), total_(2 * file_bytes + kFree), left_(total_) {}

  /// Call before allocating. Throws FormatError if the budget does not reach.
  void take(std::uint64_t bytes, std::uint64_t offset = 0) {
    if (bytes > left_) {
      throw FormatError(file_, offset,
                        "reading on would take more than " + std::to_string(total_) +
                            " bytes of memory, out of all proportion to the file");
    }
    left_ -= bytes;
  }

 private:
  static constexpr std::uint64_t kFree = std::uint64_t{32} << 20;

  std::string file_;
  std::uint64_t total_;
  std::uint64_t left_;
};

}  // namespace trispike::interop
