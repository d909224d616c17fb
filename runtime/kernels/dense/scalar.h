// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Multiply-accumulates on real-valued maps: the first layer, and every layer of an ANN twin.
#pragma once

#include "kernels/kernels.h"

namespace trispike::runtime::scalar {

template <class Number>
void dense(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
           typename Types<Number>::Potential* sums) {
  using Sum = typename Types<Number>::Potential;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
      const Tap tap = input.taps.taps[i];
      const auto* value = input.source + tap.source * input.source_stride;
      const auto* row = input.weights + tap.block * input.in_channels * input.stride;
      for (std::int64_t n = 0; n < input.in_channels; ++n, row += input.stride) {
        for (std::int64_t c = 0; c < input.stride; ++c) sums[c] += Sum(value[n]) * Sum(row[c]);
      }
    }
  }
}

/// `in_channels` is the number of channels; what lies behind it in a position is left alone.
template <class Number>
void dense_diagonal(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
                    typename Types<Number>::Potential* sums) {
  using Sum = typename Types<Number>::Potential;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
      const Tap tap = input.taps.taps[i];
      const auto* value = input.source + tap.source * input.source_stride;
      const auto* weight = input.weights + tap.block * input.stride;
      for (std::int64_t c = 0; c < input.in_channels; ++c) {
        sums[c] += Sum(value[c]) * Sum(weight[c]);
      }
    }
  }
}

}  // namespace trispike::runtime::scalar
