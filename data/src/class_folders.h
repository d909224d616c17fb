// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Samples in one folder per class: [train/ and test/ or val/]<class>/<file>. Labels follow the byte
// order of the folders' names; without split folders either split is the whole.
#pragma once

#include <string>
#include <vector>

#include "src/file_tree.h"
#include "trispike/data/dataset.h"

namespace trispike::data {

struct LabelledEntry {
  const TreeEntry* entry;  ///< of the tree
  int label;
};

struct ClassFolders {
  std::vector<std::string> class_names;
  std::vector<LabelledEntry> samples;
};

/// The samples of one split. `name` (of the tree) and `what` (the files it should hold) are for
/// messages. Throws DataError if there are none.
ClassFolders find_class_folders(const FileTree& tree, const std::string& name, Split split,
                                const std::string& what);

/// The splits that have folders; training only if there are no folders of splits. Throws as above.
std::vector<Split> splits_of_class_folders(const FileTree& tree, const std::string& name,
                                           const std::string& what);

}  // namespace trispike::data
