// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/folds.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "src/dataset_view.h"

namespace trispike::data {
namespace {

void validate(const Fold& fold) {
  if (fold.folds < 2) {
    throw DataError("folds", "", "are " + std::to_string(fold.folds) + ", expected 2 or more");
  }
  if (fold.index < 0 || fold.index >= fold.folds) {
    throw DataError("fold", "",
                    "is " + std::to_string(fold.index) + ", expected 0 to " +
                        std::to_string(fold.folds - 1) + " of " + std::to_string(fold.folds) +
                        " folds");
  }
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Classes in the order in which they first occur, for whoever divides them in the same way.
std::vector<int> classes_by_first_sample(const std::vector<int>& labels, std::size_t classes) {
  std::vector<int> order;
  std::vector<bool> seen(classes, false);
  for (const int label : labels) {
    if (seen[static_cast<std::size_t>(label)]) continue;
    seen[static_cast<std::size_t>(label)] = true;
    order.push_back(label);
  }
  return order;
}

/// The splits of a data set one after the other.
class Together final : public DatasetView {
 public:
  explicit Together(std::vector<std::shared_ptr<const Dataset>> splits)
      : DatasetView(splits.front()), splits_(std::move(splits)) {
    for (const auto& split : splits_) {
      if (split->class_names() != class_names_) {
        throw DataError(split->describe(), "",
                        "has other classes than the training split, so the two cannot be divided "
                        "into folds");
      }
      const bool same = split->height() == height_ && split->width() == width_;
      // A sensor that holds the events of both; pictures vary.
      height_ = same ? height_ : has_events_ ? std::max(height_, split->height()) : 0;
      width_ = same ? width_ : has_events_ ? std::max(width_, split->width()) : 0;
    }
  }

  std::int64_t size() const override {
    std::int64_t sum = 0;
    for (const auto& split : splits_) sum += split->size();
    return sum;
  }
  int label(std::int64_t i) const override { return of(i)->label(i); }
  Image image(std::int64_t i) const override { return of(i)->image(i); }
  EventRecording events(std::int64_t i) const override { return of(i)->events(i); }
  std::string name(std::int64_t i) const override { return of(i)->name(i); }

 private:
  /// The split of sample `i`, which becomes that split's index.
  const Dataset* of(std::int64_t& i) const {
    auto split = splits_.begin();
    for (; i >= (*split)->size(); ++split) i -= (*split)->size();
    return split->get();
  }

  std::vector<std::shared_ptr<const Dataset>> splits_;
};

class FoldSplit final : public DatasetView {
 public:
  FoldSplit(std::shared_ptr<const Dataset> whole, Split split, std::vector<std::int64_t> indices)
      : DatasetView(std::move(whole), split), indices_(std::move(indices)) {}

  std::int64_t size() const override { return std::ssize(indices_); }

 private:
  std::int64_t index(std::int64_t i) const override { return indices_[i]; }

  std::vector<std::int64_t> indices_;
};

}  // namespace

std::string to_string(const Fold& fold) {
  return std::to_string(fold.index) + "/" + std::to_string(fold.folds);
}

Fold fold_from_string(const std::string& text) {
  const std::string_view view = text;
  const std::size_t slash = view.find('/');
  const auto index = whole_number(view.substr(0, slash));
  const auto folds =
      slash == std::string::npos ? std::nullopt : whole_number(view.substr(slash + 1));
  if (!index || !folds) {
    throw DataError("fold", "",
                    "is '" + text + "', expected its index and how many there are, such as 0/5");
  }
  const Fold fold{*folds, *index};
  validate(fold);
  return fold;
}

std::vector<int> stratified_folds(const std::vector<int>& labels, int folds,
                                  const std::vector<std::string>& class_names) {
  validate({folds, 0});
  std::vector<std::vector<std::size_t>> members(class_names.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    members[static_cast<std::size_t>(labels[i])].push_back(i);
  }
  std::vector<int> fold_of(labels.size());
  // Which blocks get one sample more goes on from class to class, so that the folds are equally
  // large.
  std::size_t before = 0;
  const auto count = static_cast<std::size_t>(folds);
  for (const int label : classes_by_first_sample(labels, class_names.size())) {
    const auto& own = members[static_cast<std::size_t>(label)];
    if (own.size() < count) {
      throw DataError("folds", "",
                      "are " + std::to_string(folds) + ", but class '" +
                          class_names[static_cast<std::size_t>(label)] + "' has only " +
                          std::to_string(own.size()) +
                          " samples; expected one or more for each fold");
    }
    std::size_t next = 0;
    for (std::size_t fold = 0; fold < count; ++fold) {
      const std::size_t turn = (fold + count - before % count) % count;
      const std::size_t size = own.size() / count + (turn < own.size() % count ? 1 : 0);
      for (const std::size_t end = next + size; next < end; ++next) {
        fold_of[own[next]] = static_cast<int>(fold);
      }
    }
    before += own.size();
  }
  return fold_of;
}

FoldSplits open_fold(const std::filesystem::path& path, const Fold& fold,
                     const DatasetOptions& options) {
  validate(fold);
  const DatasetFormat& format = find_format(path, options.format);
  std::vector<std::shared_ptr<const Dataset>> splits;
  for (const Split split : format.splits(path)) splits.push_back(format.open(path, split, options));
  const auto all = std::make_shared<const Together>(std::move(splits));
  std::vector<int> labels;
  for (std::int64_t i = 0; i < all->size(); ++i) labels.push_back(all->label(i));
  std::vector<int> fold_of;
  try {
    fold_of = stratified_folds(labels, fold.folds, all->class_names());
  } catch (const DataError& error) {
    throw DataError(path.string(), "", error.what());
  }
  std::vector<std::int64_t> train, test;
  for (std::int64_t i = 0; i < all->size(); ++i) {
    (fold_of[static_cast<std::size_t>(i)] == fold.index ? test : train).push_back(i);
  }
  return {std::make_shared<const FoldSplit>(all, Split::kTrain, std::move(train)),
          std::make_shared<const FoldSplit>(all, Split::kTest, std::move(test))};
}

}  // namespace trispike::data
