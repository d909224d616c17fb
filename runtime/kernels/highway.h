// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The vectorised sets of kernels that this program contains.
#pragma once

#include <span>
#include <string_view>
#include <tuple>

#include "kernels/kernels.h"

namespace trispike::runtime {

struct VectorKernels {
  std::string_view target;  ///< as in dispatch.cpp
  std::tuple<Kernels<float>, Kernels<double>, Kernels<Integer>> kernels;
};

/// One per target compiled for this architecture, in no particular order. Calling a kernel of a
/// target that the machine lacks is an illegal instruction: see dispatch.h.
std::span<const VectorKernels> vector_kernels();

}  // namespace trispike::runtime
