// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What quantising takes from data, and what it cost.
#pragma once

#include <cstdint>
#include <functional>

#include "trispike/data/dataset.h"
#include "trispike/model/quantise.h"

namespace trispike::cli {

/// Called with the number of samples done.
using SampleProgress = std::function<void(std::int64_t done)>;

/// Runs the folded model in float32 on `samples` samples (at least 1), spread evenly over the data
/// set. Their labels are not looked at. The result does not depend on the number of threads.
model::Calibration calibrate(const model::ModelData& folded, const data::Dataset& dataset,
                             std::int64_t samples, int threads, const SampleProgress& progress);

/// A model in both arithmetics on the same data.
struct IntegerReport {
  std::int64_t samples = 0;
  std::int64_t same_top1 = 0;
  std::int64_t correct_float32 = 0;
  std::int64_t correct_integer = 0;
};

IntegerReport compare_with_float32(const model::ModelData& folded,
                                   const model::ModelData& quantised, const data::Dataset& dataset,
                                   int threads, const SampleProgress& progress);

}  // namespace trispike::cli
