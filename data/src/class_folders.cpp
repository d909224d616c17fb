// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/class_folders.h"

#include <algorithm>
#include <map>
#include <utility>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

// Entries of a tree by class name.
using Classes = std::map<std::string, std::vector<const TreeEntry*>>;

// The files below `prefix` ("" or "train/"), by the folder right below it.
Classes classes_below(const FileTree& tree, const std::string& prefix) {
  Classes classes;
  for (const TreeEntry& entry : tree.entries()) {
    if (!entry.path.starts_with(prefix)) continue;
    const std::size_t slash = entry.path.find('/', prefix.size());
    if (slash == std::string::npos) continue;
    classes[entry.path.substr(prefix.size(), slash - prefix.size())].push_back(&entry);
  }
  return classes;
}

// A tar often holds its tree inside one folder: "name/" if all files are in it, two levels up or
// more.
std::string wrapping_folder(const FileTree& tree) {
  if (!tree.is_tar() || tree.entries().empty()) return "";
  const std::string& path = tree.entries().front().path;
  const std::string first = path.substr(0, path.find('/') + 1);
  if (first.empty() || first == "train/" || first == "test/" || first == "val/") return "";
  const bool wraps = std::ranges::all_of(tree.entries(), [&](const TreeEntry& entry) {
    return entry.path.starts_with(first) &&
           std::ranges::count(entry.path, '/') - std::ranges::count(first, '/') >= 1;
  });
  return wraps ? first : "";
}

bool contains_all(const Classes& known, const Classes& some) {
  return std::ranges::all_of(some, [&](const auto& item) { return known.contains(item.first); });
}

// What belongs to each split.
struct Layout {
  bool has_split_folders = false;
  Classes train;
  Classes test;

  bool has(Split split) const { return !(split == Split::kTrain ? train : test).empty(); }
};

Layout find_layout(const FileTree& tree, const std::string& name, const std::string& what) {
  Layout layout;
  const std::string root = wrapping_folder(tree);
  layout.train = classes_below(tree, root + "train/");
  // ImageNet's test/ has no classes; its val/ is what everybody calls the test set.
  for (const char* folder : {"test/", "val/"}) {
    Classes found = classes_below(tree, root + folder);
    if (!layout.test.empty() || found.empty()) continue;
    if (layout.train.empty() || contains_all(layout.train, found)) layout.test = std::move(found);
  }
  layout.has_split_folders = layout.has(Split::kTrain) || layout.has(Split::kTest);
  if (!layout.has_split_folders) layout.train = classes_below(tree, root);
  if (!layout.has(Split::kTrain) && !layout.has(Split::kTest)) {
    throw DataError(name, "",
                    "holds no " + what + " in class folders (" +
                        std::to_string(tree.entries().size()) + " such files and " +
                        std::to_string(tree.others()) + " others found)");
  }
  return layout;
}

}  // namespace

ClassFolders find_class_folders(const FileTree& tree, const std::string& name, Split split,
                                const std::string& what) {
  const Layout layout = find_layout(tree, name, what);
  const bool use_test = split == Split::kTest && layout.has_split_folders;
  const Classes& own = use_test ? layout.test : layout.train;
  if (own.empty()) {
    throw DataError(name, "",
                    use_test ? "has a folder train/, but neither test/ nor val/ with its classes"
                             : "has a folder test/ or val/, but no train/");
  }
  ClassFolders folders;
  for (const auto& [class_name, entries] : layout.train.empty() ? own : layout.train) {
    const int label = static_cast<int>(folders.class_names.size());
    folders.class_names.push_back(class_name);
    const auto found = own.find(class_name);
    if (found == own.end()) continue;
    for (const TreeEntry* entry : found->second) folders.samples.push_back({entry, label});
  }
  return folders;
}

std::vector<Split> splits_of_class_folders(const FileTree& tree, const std::string& name,
                                           const std::string& what) {
  const Layout layout = find_layout(tree, name, what);
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (layout.has(split)) found.push_back(split);
  }
  return found;
}

}  // namespace trispike::data
