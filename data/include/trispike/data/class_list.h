// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Which output of a network is which class, where a data set alone does not tell: it holds only
// some of the network's classes, or in another order.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trispike/data/dataset.h"

namespace trispike::data {

/// Reads a list of classes: one line for each output of the network, in their order, with the name
/// of the class's folder and, behind a tab, what people call it. A first line that names its
/// columns may say otherwise: `wnid` or `folder`, `name`, `index` (checked to count from 0). Gives
/// the names of the classes, "n01440764" or "n01440764 tench". Throws DataError.
std::vector<std::string> read_class_list(const std::filesystem::path& path);

/// For each of a data set's classes the index of the same class in `names`: the one of the same
/// name or, if there is none, the only one whose name begins with it and a space. Nothing if a
/// class has no counterpart, or two have the same.
std::optional<std::vector<int>> match_classes(const std::vector<std::string>& own,
                                              const std::vector<std::string>& names);

/// `dataset` with the classes `names`, its labels renumbered by match_classes(). Throws DataError
/// naming a class that is not among them; `source` says where they come from.
std::shared_ptr<const Dataset> with_classes(std::shared_ptr<const Dataset> dataset,
                                            const std::vector<std::string>& names,
                                            const std::string& source);

}  // namespace trispike::data
