// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a training run shows while it goes on: one bar per epoch, one line when the epoch ends.
#pragma once

#include <optional>
#include <string>

#include "console.h"
#include "trispike/train/trainer.h"

namespace trispike::cli {

class TrainDisplay {
 public:
  /// `title` stands before every line: which of several runs this is.
  explicit TrainDisplay(bool quiet, std::string title = {})
      : quiet_(quiet), title_(std::move(title)) {}

  /// For train::train(): they refer to this display, and ask interrupted().
  train::TrainCallbacks callbacks();
  /// Ends the bar's line, if one is open.
  void close() { bar_.reset(); }

 private:
  void progress(const train::Progress& p);
  void epoch(const train::EpochReport& report);
  void message(const std::string& text) const;

  bool quiet_;
  std::string title_;
  int epoch_ = 0;
  std::optional<Progress> bar_;
};

}  // namespace trispike::cli
