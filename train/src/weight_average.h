// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A network whose weights are the exponential moving average of those of the one that is trained
// (Polyak and Juditsky 1992): what is evaluated and kept, if the recipe asks for it.
#pragma once

#include <cstdint>
#include <string>

#include "src/network.h"

namespace trispike::train {

class WeightAverage {
 public:
  /// Of `network`, which must outlive it. `decay` in (0, 1) is the old average's part.
  WeightAverage(const Network& network, double decay);

  /// Takes in the weights and running statistics after update number `iteration`, counted from 0.
  /// The first averages are shorter: the decay is at most (1 + iteration) / (10 + iteration), so
  /// that the weights drawn at the start are forgotten.
  void follow(std::int64_t iteration);
  const Network& network() const { return average_; }

  /// Named `<prefix><tensor>`. Loading throws Error naming what is missing.
  void save(const std::string& prefix, model::TensorMap& out) const;
  void load(const std::string& prefix, const model::TensorMap& in);

 private:
  const Network& followed_;
  double decay_;
  Network average_;
};

}  // namespace trispike::train
