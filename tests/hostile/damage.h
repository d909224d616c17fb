// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Damage to files, drawn from fixed seeds.
#pragma once

#include <cstdint>
#include <span>

#include "data/fixtures.h"

namespace trispike::hostile {

/// Damage number `number` to one of `seeds`: cut off at the end, bits flipped, bytes set to extreme
/// values, numbers (binary or decimal) blown up, parts of the files moved, doubled, removed or
/// mixed. The same arguments give the same file on every machine.
data::Bytes damaged(std::span<const data::Bytes> seeds, std::uint64_t number);

}  // namespace trispike::hostile
