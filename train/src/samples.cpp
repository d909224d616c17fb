// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/samples.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "trispike/data/class_list.h"
#include "trispike/data/error.h"
#include "trispike/data/folds.h"
#include "trispike/data/random.h"
#include "trispike/data/subset.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

/// A part of `indices` that does not depend on their order in the files (often sorted by class).
void shorten(std::vector<std::int64_t>& indices, std::size_t count, std::uint64_t seed) {
  data::Random random(seed, 0, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t j = i + static_cast<std::size_t>(random.below(indices.size() - i));
    std::swap(indices[i], indices[j]);
  }
  indices.resize(count);
  std::sort(indices.begin(), indices.end());
}

/// Both splits as they are on the disk, or a fold.
data::FoldSplits open(const DataSection& section, const std::string& path) {
  const data::DatasetOptions options{.format = section.format};
  if (section.fold) return data::open_fold(path, section.fold, options);
  const auto splits = data::find_format(path, section.format).splits(path);
  if (std::ranges::find(splits, data::Split::kTest) == splits.end()) {
    throw ConfigError("--data", "'" + path +
                                    "' has no test split, only training samples; expected train/ "
                                    "and test/ (or val/), or the like, or data.folds = 2 or more");
  }
  return {data::open_dataset(path, data::Split::kTrain, options),
          data::open_dataset(path, data::Split::kTest, options)};
}

}  // namespace

Samples::Samples(const Recipe& recipe, const std::string& path) {
  data::FoldSplits splits = open(recipe.data, path);
  train_set = prepared(recipe.data, path, std::move(splits.train));
  test_set = prepared(recipe.data, path, std::move(splits.test));
  // Nobody would look at a validation split if the test set selects.
  const bool validates =
      recipe.data.validation_fraction > 0 && recipe.train.select_on != SelectOn::kTest;
  if (validates) {
    auto split =
        data::stratified_split(*train_set, recipe.data.validation_fraction, recipe.train.seed);
    train = std::move(split.train);
    validation = std::move(split.validation);
  } else {
    train.resize(static_cast<std::size_t>(train_set->size()));
    std::iota(train.begin(), train.end(), std::int64_t{0});
  }
  const auto limit = static_cast<std::size_t>(recipe.data.train_samples);
  if (limit > 0 && limit < train.size()) shorten(train, limit, recipe.train.seed);
  if (train.empty() || (validates && validation.empty())) {
    throw ConfigError("data.validation_fraction",
                      "of " + std::to_string(train_set->size()) + " samples leaves " +
                          std::to_string(train.size()) + " for training and " +
                          std::to_string(validation.size()) + " for validation");
  }
}

std::shared_ptr<const data::Dataset> Samples::prepared(
    const DataSection& section, const std::string& path,
    std::shared_ptr<const data::Dataset> dataset) {
  if (!section.classes.empty()) {
    dataset = data::with_classes(std::move(dataset), data::read_class_list(section.classes),
                                 section.classes);
  }
  if (!section.skip_bad) return dataset;
  const std::string split(data::split_name(dataset->split()));
  data::ReadableSamples found = data::readable_samples(*dataset, section.workers);
  if (found.bad == 0) return dataset;
  warnings.push_back(split + ": " + found.warning());
  if (found.indices.empty()) throw data::DataError(path, split, "no sample can be read");
  return data::subset(std::move(dataset), std::move(found.indices));
}

}  // namespace trispike::train
