// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "trispike/train/recipe.h"

namespace trispike::train {
namespace {

/// The schedule's factor on the rate, warm-up aside.
double factor(const TrainSection& train, std::int64_t i, std::int64_t per_epoch) {
  switch (train.schedule) {
    case Schedule::kConstant:
      return 1.0;
    case Schedule::kCosine: {
      const auto total = static_cast<double>(train.epochs * per_epoch);
      const double done = std::min(1.0, static_cast<double>(i) / total);
      return 0.5 * (1.0 + std::cos(std::numbers::pi * done));
    }
    case Schedule::kStep: {
      const auto passed = std::ranges::count_if(train.step_epochs,
                                                [&](int epoch) { return i >= epoch * per_epoch; });
      return std::pow(train.step_factor, static_cast<double>(passed));
    }
  }
  return 1.0;
}

}  // namespace

double learning_rate(const TrainSection& train, std::int64_t i, std::int64_t per_epoch) {
  if (i < train.warmup_iterations) {
    return train.learning_rate * static_cast<double>(i + 1) / train.warmup_iterations;
  }
  return train.learning_rate * factor(train, i, per_epoch);
}

}  // namespace trispike::train
