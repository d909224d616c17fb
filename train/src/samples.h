// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "trispike/data/dataset.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// The samples of a run: what is trained on, and what is evaluated after each epoch.
struct Samples {
  /// With the recipe's classes and, if it says so, without what cannot be read.
  std::shared_ptr<const data::Dataset> train_set, test_set;
  std::vector<std::int64_t> train, validation;  ///< indices into train_set
  std::vector<std::string> warnings;            ///< of samples left out

  /// Opens the data set at `path`. Throws DataError, or ConfigError if a split is missing or
  /// nothing is left to train or select on.
  Samples(const Recipe& recipe, const std::string& path);

 private:
  std::shared_ptr<const data::Dataset> prepared(const DataSection& section, const std::string& path,
                                                std::shared_ptr<const data::Dataset> dataset);
};

}  // namespace trispike::train
