// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The compression function of SHA-256, as written and with the processor's own instructions.
#pragma once

#include <array>
#include <cstdint>

namespace trispike::model {

using Sha256State = std::array<std::uint32_t, 8>;
/// Takes in one block of 64 bytes.
using Sha256Compress = void (*)(Sha256State& state, const std::uint8_t* block);

void sha256_compress(Sha256State& state, const std::uint8_t* block);
/// The same in SHA instructions, five times as fast; null where the processor has none.
Sha256Compress sha256_compress_in_hardware();

}  // namespace trispike::model
