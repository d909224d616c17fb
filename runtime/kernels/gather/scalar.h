// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What gathering events means. A Current needs += and -= only: the tests run these functions with a
// type that cannot multiply.
#pragma once

#include <algorithm>

#include "kernels/kernels.h"

namespace trispike::runtime::scalar {

/// Lists the events under the windows of row `y`. `append(channels, count, offset, list)` writes
/// the offsets of `count` events' rows. Always inlined, so that it becomes code of the caller's
/// target.
template <class Weight, class Append>
[[gnu::always_inline]] inline void list_strip(const EventInput<Weight>& input, std::int64_t y,
                                              const Append& append) {
  const StripWindow& window = input.window;
  const std::int64_t first_row = y * window.stride - window.padding;
  const std::int64_t cell_size = input.in_channels * input.stride;
  const std::int64_t copy_size = window.kernel_width * input.column_size();
  std::uint32_t positive = 0;
  std::uint32_t negative = 0;
  // Where column x lies in the first window that reaches it; in gaps between windows it is listed
  // nowhere.
  std::int64_t phase = window.padding % window.stride;
  const auto add = [&](std::int64_t source, std::int64_t offset) {
    const std::uint16_t* channels = input.events.channels + source * input.events.stride;
    const std::int64_t plus = input.events.positive[source];
    const std::int64_t minus = input.events.negative[source];
    append(channels, plus, static_cast<std::uint32_t>(offset), input.strip.positive + positive);
    append(channels + plus, minus, static_cast<std::uint32_t>(offset),
           input.strip.negative + negative);
    positive += static_cast<std::uint32_t>(plus);
    negative += static_cast<std::uint32_t>(minus);
  };
  for (std::int64_t x = 0; x < window.width; ++x) {
    input.strip.first_positive[x] = positive;
    input.strip.first_negative[x] = negative;
    const bool seen = phase < window.kernel_width;
    phase = phase + 1 == window.stride ? 0 : phase + 1;
    if (!seen) continue;
    for (std::int64_t ky = 0; ky < window.kernel_height; ++ky) {
      const std::int64_t row = first_row + ky;
      if (row < 0 || row >= window.height) continue;
      const std::int64_t position = row * window.width + x;
      const std::int64_t offset = (x * window.kernel_height + ky) * cell_size;
      if (input.sources.first == nullptr) {
        add(position, offset);
      } else {
        for (std::uint32_t i = input.sources.first[position]; i < input.sources.first[position + 1];
             ++i) {
          const Tap tap = input.sources.taps[i];
          add(tap.source, offset + tap.block * copy_size);
        }
      }
    }
  }
  input.strip.first_positive[window.width] = positive;
  input.strip.first_negative[window.width] = negative;
}

/// The events that one destination of the row sees, and its weights: row i of them begins at
/// weights + positive[i].
template <class Weight>
struct SeenEvents {
  const Weight* weights;
  const std::uint32_t* positive;
  const std::uint32_t* negative;
  SpikeCount count;
};

template <class Weight>
SeenEvents<Weight> seen_from(const EventInput<Weight>& input, std::int64_t x) {
  const StripWindow& window = input.window;
  const std::int64_t column = x * window.stride - window.padding;
  const std::int64_t begin = std::clamp<std::int64_t>(column, 0, window.width);
  const std::int64_t end =
      std::clamp<std::int64_t>(column + window.kernel_width, begin, window.width);
  const Strip& strip = input.strip;
  return {input.weights - column * input.column_size(),
          strip.positive + strip.first_positive[begin],
          strip.negative + strip.first_negative[begin],
          {strip.first_positive[end] - strip.first_positive[begin],
           strip.first_negative[end] - strip.first_negative[begin]}};
}

template <class Weight, class Current>
std::int64_t gather(const EventInput<Weight>& input, std::int64_t y, Current* sums) {
  list_strip(input, y,
             [&](const std::uint16_t* channels, std::int64_t count, std::uint32_t offset,
                 std::uint32_t* list) {
               for (std::int64_t i = 0; i < count; ++i) {
                 list[i] = offset + channels[i] * static_cast<std::uint32_t>(input.stride);
               }
             });
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const SeenEvents<Weight> seen = seen_from(input, x);
    for (std::int64_t i = 0; i < seen.count.positive; ++i) {
      const Weight* row = seen.weights + seen.positive[i];
      for (std::int64_t c = 0; c < input.stride; ++c) sums[c] += Current(row[c]);
    }
    for (std::int64_t i = 0; i < seen.count.negative; ++i) {
      const Weight* row = seen.weights + seen.negative[i];
      for (std::int64_t c = 0; c < input.stride; ++c) sums[c] -= Current(row[c]);
    }
    rows += seen.count.positive + seen.count.negative;
  }
  return rows;
}

template <class Constant, class Current>
std::int64_t gather_diagonal(const DiagonalInput<Constant>& input, std::int64_t begin,
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
