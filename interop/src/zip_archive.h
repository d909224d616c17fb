// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Zip archives, as far as torch.save and ordinary zip programs write them: stored or deflated
// entries, with or without the 64-bit extension, in one part, not encrypted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/memory_budget.h"

namespace trispike::interop {

struct ZipEntry {
  std::string_view name;
  std::uint64_t offset = 0;  ///< of its data in the archive
  std::uint64_t packed_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
  bool deflated = false;
};

/// What an entry holds: a view into the archive if it is stored as it is, else unpacked.
struct ZipContent {
  std::vector<std::byte> unpacked;
  std::span<const std::byte> bytes;
};

class ZipArchive {
 public:
  using Entries = std::map<std::string_view, ZipEntry>;

  /// Reads the directory. `bytes` must outlive the archive; `file` is for messages. Throws
  /// FormatError for anything that is not plainly in order.
  ZipArchive(std::span<const std::byte> bytes, std::string file, MemoryBudget& budget);

  const Entries& entries() const { return entries_; }
  /// Unpacks if needed and checks size and CRC-32. Throws FormatError.
  ZipContent read(const ZipEntry& entry) const;

 private:
  struct Directory {
    std::uint64_t offset, bytes, entries;
  };

  Directory find_directory() const;
  Directory read_zip64_end(std::uint64_t end, Directory found) const;
  std::uint64_t read_entry(std::uint64_t at, std::uint64_t directory_end);
  void read_zip64_sizes(std::span<const std::byte> extra, std::uint64_t at, ZipEntry& entry) const;
  void find_data(ZipEntry& entry, std::uint64_t directory) const;
  std::vector<std::byte> inflate(const ZipEntry& entry) const;
  template <class Integer>
  Integer load(std::uint64_t at) const;
  std::string_view text(std::uint64_t at, std::size_t size) const;
  [[noreturn]] void fail(std::uint64_t at, const std::string& message) const;

  std::span<const std::byte> bytes_;
  std::string file_;
  MemoryBudget& budget_;
  Entries entries_;
};

}  // namespace trispike::interop
