// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Another data set seen through a change: what a view does not override is that of the whole.
#pragma once

#include <memory>
#include <utility>

#include "trispike/data/dataset.h"

namespace trispike::data {

class DatasetView : public Dataset {
 public:
  std::int64_t size() const override { return whole_->size(); }
  int label(std::int64_t i) const override { return whole_->label(index(i)); }
  Image image(std::int64_t i) const override { return whole_->image(index(i)); }
  EventRecording events(std::int64_t i) const override { return whole_->events(index(i)); }
  std::string name(std::int64_t i) const override { return whole_->name(index(i)); }
  std::vector<std::string> notes() const override { return whole_->notes(); }

 protected:
  explicit DatasetView(std::shared_ptr<const Dataset> whole) : DatasetView(whole, whole->split()) {}
  DatasetView(std::shared_ptr<const Dataset> whole, Split split)
      : Dataset(whole->format(), split), whole_(std::move(whole)) {
    class_names_ = whole_->class_names();
    normalisation_ = whole_->normalisation();
    has_events_ = whole_->has_events();
    channels_ = whole_->channels();
    height_ = whole_->height();
    width_ = whole_->width();
  }

  /// Which sample of the whole sample `i` of the view is.
  virtual std::int64_t index(std::int64_t i) const { return i; }

  const Dataset& whole() const { return *whole_; }

 private:
  std::shared_ptr<const Dataset> whole_;
};

}  // namespace trispike::data
