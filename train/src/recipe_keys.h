// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The table of recipe keys. Parsing, overriding, writing, help and suggestions all come from it: to
// add a key, add a field to the section (recipe.h) and a row here.
#pragma once

#include <toml++/toml.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/train/recipe.h"

namespace trispike::train {

struct KeyRow {
  std::string name;      ///< "train.epochs"
  std::string expected;  ///< "an integer >= 1", as it stands in error messages
  std::string meaning;   ///< one line for help and docs
  /// Stores the value. False if it is not what was expected; the recipe is then unchanged.
  std::function<bool(const toml::node& value, Recipe& recipe)> set;
  /// The value in TOML syntax.
  std::function<std::string(const Recipe& recipe)> get;
};

/// All keys, grouped by section. `neuron.surrogate` stands before `neuron.surrogate_width`, because
/// it sets the width to its default.
const std::vector<KeyRow>& key_rows();

/// The row called `name`; nullptr if there is none.
const KeyRow* find_key(std::string_view name);

/// The valid key that was probably meant: the fewest letters to change, where a right name in a
/// wrong section counts as one.
std::string nearest_key(std::string_view name);

}  // namespace trispike::train
