// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Parts of a data set, and which of its samples can be read at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "trispike/data/dataset.h"

namespace trispike::data {

/// The samples `indices` of `dataset`, in this order. Throws DataError if one is out of range.
std::shared_ptr<const Dataset> subset(std::shared_ptr<const Dataset> dataset,
                                      std::vector<std::int64_t> indices);

/// What a data set is worth that has damaged samples.
struct ReadableSamples {
  static constexpr std::size_t kNamed = 5;

  std::vector<std::int64_t> indices;  ///< those that can be read, ascending
  std::int64_t bad = 0;               ///< how many cannot
  std::vector<std::string> reasons;   ///< why, of the first kNamed by index

  /// "2 of 100 samples cannot be read and are left out:", then the reasons, one a line.
  std::string warning() const;
};

/// Reads every sample once, on `threads` threads (>= 1); the result does not depend on them. `done`
/// (may be empty) is called after each sample, from any of them. Throws what reading throws except
/// DataError.
ReadableSamples readable_samples(const Dataset& dataset, int threads,
                                 const std::function<void()>& done = {});

}  // namespace trispike::data
