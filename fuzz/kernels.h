// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "data/fixtures.h"

namespace trispike::fuzz {

/// Makes a small network, its weights and its input of the bytes, and runs it with every set of
/// kernels that this machine has. Throws std::logic_error if two sets differ in one bit.
void compare_kernels(const data::Bytes& bytes);

}  // namespace trispike::fuzz
