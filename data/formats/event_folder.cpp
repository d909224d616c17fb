// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Event recordings of any format in one folder per class, on disk or in a tar, as N-MNIST comes.
#include <algorithm>
#include <utility>

#include "formats/formats.h"
#include "src/class_folders.h"
#include "src/event_dataset.h"
#include "src/file_tree.h"

namespace trispike::data::event_folder {
namespace {

constexpr const char* kWhat = "event recordings";
/// Of the binary formats of event_formats(); text files are too often something else.
const std::vector<std::string> kSuffixes = {".bin", ".aedat", ".aedat4", ".raw", ".dat"};

class EventFolder final : public EventTreeDataset {
 public:
  EventFolder(const std::filesystem::path& path, Split split)
      : EventTreeDataset("event_folder", split, path, kSuffixes) {
    ClassFolders folders = find_class_folders(tree_, path.string(), split, kWhat);
    class_names_ = std::move(folders.class_names);
    recordings_ = std::move(folders.samples);
    measure();
  }
};

}  // namespace

bool probe(const std::filesystem::path& path) {
  std::error_code error;
  const bool tar = std::filesystem::is_regular_file(path, error) && is_tar_name(path);
  if (!tar && !std::filesystem::is_directory(path, error)) return false;
  try {
    return std::ranges::any_of(FileTree(path, kSuffixes).entries(), [](const TreeEntry& entry) {
      return entry.path.find('/') != std::string::npos;
    });
  } catch (const DataError&) {
    return false;  // what is wrong with it, the last format says
  }
}

std::vector<Split> splits(const std::filesystem::path& path) {
  return splits_of_class_folders(FileTree(path, kSuffixes), path.string(), kWhat);
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return std::make_unique<EventFolder>(path, split);
}

}  // namespace trispike::data::event_folder
