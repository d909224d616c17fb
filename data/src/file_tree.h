// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Files below a folder, or inside a tar that is read in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "src/input_file.h"

namespace trispike::data {

struct TreeEntry {
  std::string path;          ///< below the root, with '/' between folders
  std::uint64_t offset = 0;  ///< in a tar
  std::uint64_t size = 0;    ///< in a tar
};

class FileTree {
 public:
  /// Lists all regular files with one of the suffixes (lower case; names are compared without
  /// regard to case). Throws DataError if the path is neither a folder nor a readable, uncompressed
  /// tar.
  FileTree(const std::filesystem::path& path, const std::vector<std::string>& suffixes);

  /// By path in byte order.
  const std::vector<TreeEntry>& entries() const { return entries_; }
  std::int64_t others() const { return others_; }  ///< files left out because of their suffix
  bool is_tar() const { return tar_ != nullptr; }

  /// The bytes of an entry; several threads may read at once.
  std::vector<std::byte> read(const TreeEntry& entry) const;
  /// Full name of an entry for messages.
  std::string name(const TreeEntry& entry) const;

 private:
  void list_folder();
  void list_tar();
  void add(TreeEntry entry);

  std::filesystem::path root_;
  std::vector<std::string> suffixes_;
  std::unique_ptr<InputFile> tar_;  // null for a folder
  std::vector<TreeEntry> entries_;
  std::int64_t others_ = 0;
};

/// Whether the name says that this is a tar, compressed or not.
bool is_tar_name(const std::filesystem::path& path);

}  // namespace trispike::data
