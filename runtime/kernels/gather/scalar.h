// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What gathering events means. A Current needs += and -= only: the tests run these functions with a
// type that cannot multiply.
#pragma once

#include "kernels/kernels.h"

namespace trispike::runtime::scalar {

/// The events that reach destination `d`, as indices of weight rows, in the order in which they are
/// summed. Returns {positive, negative} counts.
template <class Weight>
SpikeCount list_rows(const EventInput<Weight>& input, std::int64_t d) {
  SpikeCount count;
  for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
    const Tap tap = input.taps.taps[i];
    const std::uint32_t base = tap.block * static_cast<std::uint32_t>(input.in_channels);
    const std::uint16_t* channel = input.events.channels + tap.source * input.events.stride;
    for (int n = input.events.positive[tap.source]; n > 0; --n) {
      input.positive_rows[count.positive++] = base + *channel++;
    }
    for (int n = input.events.negative[tap.source]; n > 0; --n) {
      input.negative_rows[count.negative++] = base + *channel++;
    }
  }
  return count;
}

template <class Weight, class Current>
std::int64_t gather(const EventInput<Weight>& input, std::int64_t begin, std::int64_t end,
                    Current* sums) {
  std::int64_t rows = 0;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    const SpikeCount count = list_rows(input, d);
    for (std::int64_t i = 0; i < count.positive; ++i) {
      const Weight* row = input.weights + input.positive_rows[i] * input.stride;
      for (std::int64_t c = 0; c < input.stride; ++c) sums[c] += Current(row[c]);
    }
    for (std::int64_t i = 0; i < count.negative; ++i) {
      const Weight* row = input.weights + input.negative_rows[i] * input.stride;
      for (std::int64_t c = 0; c < input.stride; ++c) sums[c] -= Current(row[c]);
    }
    rows += count.positive + count.negative;
  }
  return rows;
}

template <class Constant, class Current>
std::int64_t gather_diagonal(const EventInput<Constant>& input, std::int64_t begin,
                             std::int64_t end, Current* sums) {
  std::int64_t additions = 0;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
      const Tap tap = input.taps.taps[i];
      const Constant* weight = input.weights + tap.block * input.stride;
      const std::uint16_t* channel = input.events.channels + tap.source * input.events.stride;
      const int positive = input.events.positive[tap.source];
      const int negative = input.events.negative[tap.source];
      for (int n = positive; n > 0; --n, ++channel) sums[*channel] += Current(weight[*channel]);
      for (int n = negative; n > 0; --n, ++channel) sums[*channel] -= Current(weight[*channel]);
      additions += positive + negative;
    }
  }
  return additions;
}

}  // namespace trispike::runtime::scalar
