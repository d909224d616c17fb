// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What gathering events means. A Current needs += and -= only: the tests run these functions with a
// type that cannot multiply.
#pragma once

#include <algorithm>

#include "kernels/kernels.h"

namespace trispike::runtime::scalar {

/// Lists the events under the windows of row `y`, as they are.
template <class Weight>
void list_strip(const EventInput<Weight>& input, std::int64_t y) {
  const StripWindow& window = input.window;
  const std::int64_t cell_size = input.in_channels * input.stride;
  const std::int64_t copy_size = window.kernel_width * input.column_size();
  Strip::Column column{0, 0, 0};
  const auto add = [&](std::int64_t source, std::int64_t offset) {
    const std::uint16_t* channel = input.events.channels + source * input.events.stride;
    const int positive = input.events.positive[source];
    const int negative = input.events.negative[source];
    const auto row = [&](std::uint16_t c) {
      return static_cast<std::uint32_t>(offset + c * input.stride);
    };
    for (int n = 0; n < positive; ++n) input.strip.positive[column.positive++] = row(*channel++);
    for (int n = 0; n < negative; ++n) input.strip.negative[column.negative++] = row(*channel++);
    column.events += static_cast<std::uint32_t>(positive + negative);
  };
  for (std::int64_t x = 0; x < window.width; ++x) {
    input.strip.columns[x] = column;
    // In gaps between windows events are listed nowhere.
    if ((x + window.padding) % window.stride >= window.kernel_width) continue;
    for (std::int64_t ky = 0; ky < window.kernel_height; ++ky) {
      const std::int64_t row = y * window.stride - window.padding + ky;
      if (row < 0 || row >= window.height) continue;
      const std::int64_t position = row * window.width + x;
      const std::int64_t offset = x * input.column_size() + ky * cell_size;
      if (input.sources.first == nullptr) {
        add(position, offset);
        continue;
      }
      for (std::uint32_t i = input.sources.first[position]; i < input.sources.first[position + 1];
           ++i) {
        const Tap tap = input.sources.taps[i];
        add(tap.source, offset + tap.block * copy_size);
      }
    }
  }
  input.strip.columns[window.width] = column;
}

/// The events that one destination of the row sees, and its weights: row i of them begins at
/// weights + positive[i].
template <class Weight>
struct SeenEvents {
  const Weight* weights;
  const std::uint32_t* positive;
  const std::uint32_t* negative;
  SpikeCount count;     ///< of the lists, with what fills them up
  std::int64_t events;  ///< without
};

template <class Weight>
[[gnu::always_inline]] inline SeenEvents<Weight> seen_from(const EventInput<Weight>& input,
                                                           std::int64_t x) {
  const StripWindow& window = input.window;
  const std::int64_t column = x * window.stride - window.padding;
  const std::int64_t begin = std::clamp<std::int64_t>(column, 0, window.width);
  const std::int64_t end =
      std::clamp<std::int64_t>(column + window.kernel_width, begin, window.width);
  const Strip::Column& first = input.strip.columns[begin];
  const Strip::Column& last = input.strip.columns[end];
  return {input.weights - column * input.column_size(),
          input.strip.positive + first.positive,
          input.strip.negative + first.negative,
          {last.positive - first.positive, last.negative - first.negative},
          last.events - first.events};
}

/// What `gather` returns for row `y`.
template <class Weight>
std::int64_t count_rows(const EventInput<Weight>& input, std::int64_t y) {
  const StripWindow& window = input.window;
  const auto events_at = [&](std::int64_t source) -> std::int64_t {
    return input.events.positive[source] + input.events.negative[source];
  };
  const auto events_of_place = [&](std::int64_t place) {
    if (input.sources.first == nullptr) return events_at(place);
    std::int64_t events = 0;
    for (std::uint32_t i = input.sources.first[place]; i < input.sources.first[place + 1]; ++i) {
      events += events_at(input.sources.taps[i].source);
    }
    return events;
  };
  std::int64_t rows = 0;
  for (std::int64_t column = 0; column < window.width; ++column) {
    std::int64_t events = 0;
    for (std::int64_t ky = 0; ky < window.kernel_height; ++ky) {
      const std::int64_t source_y = y * window.stride - window.padding + ky;
      if (source_y < 0 || source_y >= window.height) continue;
      events += events_of_place(source_y * window.width + column);
    }
    for (std::int64_t kx = 0; kx < window.kernel_width; ++kx) {
      const std::int64_t x = column + window.padding - kx;
      const bool seen =
          x >= 0 && x % window.stride == 0 && x / window.stride < window.destination_width;
      if (seen) rows += events;
    }
  }
  return rows;
}

template <class Weight, class Current>
std::int64_t gather(const EventInput<Weight>& input, std::int64_t y, Current* sums) {
  list_strip(input, y);
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
    rows += seen.events;
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
