// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/dataset.h"

#include <algorithm>
#include <cmath>

#include "trispike/data/random.h"

namespace trispike::data {
namespace {

std::string kind_text(const Dataset& dataset) {
  const std::string size = std::to_string(dataset.width()) + "x" + std::to_string(dataset.height());
  if (dataset.has_events()) return "event recordings of a sensor of " + size;
  return (dataset.height() == 0 ? "pictures of various sizes" : "pictures of " + size) + ", " +
         (dataset.channels() == 1 ? "grey" : "colour");
}

std::string known_formats() {
  std::string text;
  for (const DatasetFormat& format : dataset_formats()) {
    text += (text.empty() ? "" : "; ") + std::string(format.name) + " (" +
            std::string(format.summary) + ")";
  }
  return text;
}

}  // namespace

std::string_view split_name(Split split) { return split == Split::kTrain ? "train" : "test"; }

std::string describe_classes(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::string text = std::to_string(names.size()) + " classes (";
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text + (names.size() > kShown ? ", ...)" : ")");
}

std::string Dataset::describe() const {
  return std::string(format()) + ", " + std::string(split_name(split_)) + ": " +
         std::to_string(size()) + " " + kind_text(*this) + ", " + describe_classes(class_names_);
}

EventRecording Dataset::events(std::int64_t i) const {
  throw DataError(name(i), "", "is a picture, not a recording of events");
}

void Dataset::decode(std::int64_t i) const {
  if (has_events_) {
    events(i);
  } else {
    image(i);
  }
}

const DatasetFormat& find_format(const std::filesystem::path& path, const std::string& name) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw DataError(path.string(), "", "no such file or folder");
  }
  for (const DatasetFormat& format : dataset_formats()) {
    if (name == "auto" ? format.probe(path) : format.name == name) return format;
  }
  if (name == "auto") {
    throw DataError(path.string(), "", "is no data set of a known form: " + known_formats());
  }
  throw DataError(path.string(), "",
                  "unknown format '" + name + "', expected auto or one of: " + known_formats());
}

std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& path, Split split,
                                      const DatasetOptions& options) {
  return find_format(path, options.format).open(path, split, options);
}

TrainValidation stratified_split(const Dataset& dataset, double fraction, std::uint64_t seed) {
  if (!(fraction >= 0.0 && fraction < 1.0)) {
    throw DataError("validation fraction", "",
                    "is " + std::to_string(fraction) + ", expected a number in [0, 1)");
  }
  std::vector<std::vector<std::int64_t>> by_class(dataset.num_classes());
  for (std::int64_t i = 0; i < dataset.size(); ++i) by_class[dataset.label(i)].push_back(i);
  TrainValidation parts;
  for (std::size_t c = 0; c < by_class.size(); ++c) {
    std::vector<std::int64_t>& members = by_class[c];
    Random random(seed, 0, c);
    shuffle(members, random);
    const auto drawn = members.begin() + std::llround(fraction * double(members.size()));
    parts.validation.insert(parts.validation.end(), members.begin(), drawn);
    parts.train.insert(parts.train.end(), drawn, members.end());
  }
  std::ranges::sort(parts.train);
  std::ranges::sort(parts.validation);
  return parts;
}

}  // namespace trispike::data
