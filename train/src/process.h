// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/train/recipe.h"

namespace trispike::train {

/// True if the CPU multiplies bfloat16 in hardware (AVX512_BF16).
bool has_bfloat16();
/// The precision that `precision` means on this machine.
bool use_bfloat16(Precision precision);
/// Sets LibTorch's threads: `threads`, or if 0 all cores, shared by `processes` of this machine.
/// Returns the number.
int use_threads(int threads, int processes = 1);

}  // namespace trispike::train
