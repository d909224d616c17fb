// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The indices of the set bits of each byte, lowest first.
#pragma once

#include <array>
#include <cstdint>

namespace trispike::runtime {

struct alignas(8) SetBits {
  std::uint8_t indices[8];
};

inline constexpr std::array<SetBits, 256> kSetBits = [] {
  std::array<SetBits, 256> table{};
  for (unsigned bits = 0; bits < 256; ++bits) {
    int count = 0;
    for (std::uint8_t i = 0; i < 8; ++i) {
      if ((bits >> i & 1U) != 0) table[bits].indices[count++] = i;
    }
  }
  return table;
}();

}  // namespace trispike::runtime
