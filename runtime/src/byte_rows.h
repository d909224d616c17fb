// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Rows of small weights: two of 7 bits, or four of 6, are added in bytes before their sum is
// widened to 16 bits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "kernels/numbers.h"
#include "src/aligned.h"

namespace trispike::runtime {

/// How many rows of bytes can be added in bytes if each is kept plus `bias`.
struct ByteRows {
  std::int32_t bias = BiasedByte::kBias;
  int per_byte = 1;
};

/// Of weights within +-`largest`: sums of four or two of them, plus as many biases, fit a byte.
inline ByteRows byte_rows(std::int32_t largest) {
  for (const int rows : {4, 2}) {
    const std::int32_t bias = 255 / rows / 2;
    if (largest <= bias) return {bias, rows};
  }
  return {};
}

/// Keeps packed weights as vector kernels add them fastest.
inline ByteRows shrink(AlignedVector<BiasedByte>& weights) {
  std::int32_t largest = 0;
  for (const BiasedByte weight : weights) {
    largest = std::max(largest, std::abs(static_cast<std::int32_t>(weight)));
  }
  const ByteRows rows = byte_rows(largest);
  if (rows.per_byte > 1) {
    for (BiasedByte& weight : weights) weight = weight.biased_by(rows.bias);
  }
  return rows;
}

}  // namespace trispike::runtime
