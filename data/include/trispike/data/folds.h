// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Cross-validation: small data sets are tested on all of their samples, one part after the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "trispike/data/dataset.h"

namespace trispike::data {

/// One of `folds` parts of a data set is the test set, the others are trained on.
struct Fold {
  int folds = 0;  ///< 0: no cross-validation, the data set's own splits; else >= 2
  int index = 0;  ///< in [0, folds)

  explicit operator bool() const { return folds != 0; }
  bool operator==(const Fold&) const = default;
};

/// "0/5". The reverse throws DataError naming what was found, also if the numbers are out of range.
std::string to_string(const Fold& fold);
Fold fold_from_string(const std::string& text);

/// For each sample with class labels[i] the part it is tested in, in [0, folds). Nothing is drawn:
/// the samples of a class are cut, in their order, into `folds` blocks of sizes that differ by 1
/// at most, as scikit-learn's StratifiedKFold(folds) does without shuffling. Throws DataError if
/// folds < 2 or a class has samples, but fewer than folds; `class_names` are for the message.
std::vector<int> stratified_folds(const std::vector<int>& labels, int folds,
                                  const std::vector<std::string>& class_names);

struct FoldSplits {
  std::shared_ptr<const Dataset> train, test;
};

/// The samples of all splits of the data set together, those of training first, divided anew.
/// Throws as open_dataset and stratified_folds do.
FoldSplits open_fold(const std::filesystem::path& path, const Fold& fold,
                     const DatasetOptions& options = {});

}  // namespace trispike::data
