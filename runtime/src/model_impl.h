// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "src/packed.h"
#include "src/plan.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {

template <class Number>
struct PackedModel {
  Kernels<Number> kernels;
  Packed<Number> weights;
};

struct Model::Impl {
  model::NetworkSpec network;  // folded or quantised
  model::Preprocessing preprocessing;
  std::vector<std::string> class_names;
  std::string_view target;
  Plan plan;
  DenseCost dense_cost;  // of the kernels, zeros if spikes are only ever added
  // In the order of Arithmetic.
  std::variant<PackedModel<float>, PackedModel<double>, PackedModel<Integer>> packed;
};

}  // namespace trispike::runtime
