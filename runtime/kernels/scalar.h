// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The reference kernels as a set: the definition of truth for every other set.
#pragma once

#include "kernels/dense/scalar.h"
#include "kernels/gather/scalar.h"
#include "kernels/lif/scalar.h"

namespace trispike::runtime {

template <class Number>
constexpr Kernels<Number> scalar_kernels() {
  using T = Types<Number>;
  return {.lanes = 1,
          .gather = scalar::gather<typename T::Weight, typename T::Current>,
          .gather_diagonal = scalar::gather_diagonal<typename T::Constant, typename T::Current>,
          .dense = scalar::dense<Number>,
          .dense_diagonal = scalar::dense_diagonal<Number>,
          .lif = scalar::lif<Number>};
}

}  // namespace trispike::runtime
