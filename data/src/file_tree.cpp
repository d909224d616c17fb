// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/file_tree.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <string_view>
#include <utility>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

constexpr int kMaxDepth = 8;  // also ends a loop of symbolic links
constexpr std::size_t kMaxEntries = 50'000'000;

struct ArchiveCloser {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Archive = std::unique_ptr<archive, ArchiveCloser>;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string archive_message(archive* reader) {
  const char* text = archive_error_string(reader);
  return text != nullptr ? text : "cannot be read";
}

// What a file that is no tar is compressed with, by its first bytes; empty if with nothing known.
// libarchive could say it as well, but starts to unpack for that: with as much memory as the file
// demands, for some kinds with other programs.
std::string_view compression_of(const InputFile& file) {
  using namespace std::string_view_literals;
  constexpr std::pair<std::string_view, std::string_view> kMagic[] = {
      {"gzip", "\x1f\x8b"sv},     {"bzip2", "BZh"sv},
      {"xz", "\xfd\x37zXZ"sv},    {"zstd", "\x28\xb5\x2f\xfd"sv},
      {"compress", "\x1f\x9d"sv}, {"lz4", "\x04\x22\x4d\x18"sv},
      {"lzip", "LZIP"sv},         {"lzma", "\x5d\0\0"sv},
  };
  std::array<std::byte, 5> bytes{};
  file.read_at(0, std::span(bytes).first(std::min<std::uint64_t>(bytes.size(), file.size())));
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const auto& [name, magic] : kMagic) {
    if (start.starts_with(magic)) return name;
  }
  return "";
}

[[noreturn]] void refuse(const InputFile& file, archive* reader) {
  const std::string_view compression = compression_of(file);
  if (compression.empty()) {
    throw DataError(file.name(), "byte 0", "is no tar: " + archive_message(reader));
  }
  throw DataError(file.name(), "",
                  "is compressed (" + std::string(compression) +
                      "), so it cannot be read in place: uncompress it first");
}

Archive open_tar(const InputFile& file) {
  Archive reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), file.name().c_str(), std::size_t{1} << 16) !=
      ARCHIVE_OK) {
    refuse(file, reader.get());
  }
  return reader;
}

// As tar itself would unpack it: below the folder, also if the name begins at the root.
std::string relative(std::string path) {
  while (path.starts_with("./") || path.starts_with('/')) path.erase(0, path.find('/') + 1);
  return path;
}

}  // namespace

bool is_tar_name(const std::filesystem::path& path) {
  const std::string name = lower(path.filename().string());
  return name.ends_with(".tar") || name.ends_with(".tgz") ||
         name.find(".tar.") != std::string::npos;
}

FileTree::FileTree(const std::filesystem::path& path, const std::vector<std::string>& suffixes)
    : root_(path), suffixes_(suffixes) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    list_folder();
  } else {
    tar_ = std::make_unique<InputFile>(path);
    list_tar();
  }
  std::ranges::sort(entries_, {}, &TreeEntry::path);
}

void FileTree::add(TreeEntry entry) {
  const std::string name = lower(entry.path.substr(entry.path.rfind('/') + 1));
  const bool wanted = !name.starts_with('.') && std::ranges::any_of(suffixes_, [&](const auto& s) {
    return name.ends_with(s);
  });
  if (!wanted) {
    ++others_;
    return;
  }
  if (entries_.size() == kMaxEntries) {
    throw DataError(root_.string(), "",
                    "holds more than " + std::to_string(kMaxEntries) + " files");
  }
  entries_.push_back(std::move(entry));
}

void FileTree::list_folder() {
  namespace fs = std::filesystem;
  try {
    fs::recursive_directory_iterator it(root_, fs::directory_options::follow_directory_symlink);
    for (; it != fs::recursive_directory_iterator(); ++it) {
      if (it->is_directory()) {
        if (it.depth() >= kMaxDepth) it.disable_recursion_pending();
      } else if (it->is_regular_file()) {
        add({it->path().lexically_relative(root_).generic_string(), 0, 0});
      }
    }
  } catch (const fs::filesystem_error& error) {
    throw DataError(root_.string(), "", std::string("cannot be listed: ") + error.code().message());
  }
}

void FileTree::list_tar() {
  const std::string& name = tar_->name();
  const Archive reader = open_tar(*tar_);
  archive_entry* entry = nullptr;
  for (bool first = true;; first = false) {
    const int result = archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    const auto position = static_cast<std::uint64_t>(archive_filter_bytes(reader.get(), 0));
    const std::string place = "byte " + std::to_string(position);
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
      if (first) refuse(*tar_, reader.get());
      throw DataError(name, place, "damaged tar: " + archive_message(reader.get()));
    }
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr) {
      continue;
    }
    const char* path = archive_entry_pathname(entry);
    const la_int64_t size = archive_entry_size(entry);
    if (path == nullptr || size < 0) throw DataError(name, place, "entry without name or size");
    if (archive_entry_sparse_count(entry) > 0) {
      throw DataError(name, place,
                      std::string("sparse entry ") + path + " cannot be read in place");
    }
    const auto bytes = static_cast<std::uint64_t>(size);
    if (position > tar_->size() || bytes > tar_->size() - position) {
      throw DataError(name, place, std::string("the tar ends inside ") + path);
    }
    add({relative(path), position, bytes});
  }
}

std::vector<std::byte> FileTree::read(const TreeEntry& entry) const {
  if (!tar_) return read_file(root_ / entry.path);
  std::vector<std::byte> bytes(entry.size);
  tar_->read_at(entry.offset, bytes);
  return bytes;
}

std::string FileTree::name(const TreeEntry& entry) const { return (root_ / entry.path).string(); }

}  // namespace trispike::data
