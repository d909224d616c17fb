// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Random spikes, weights and windows for the tests of kernels.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <random>
#include <type_traits>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/connectivity.h"

namespace trispike::runtime {

using Generator = std::minstd_rand;

/// In [-1, 1); whole numbers up to +-127.
template <class T>
AlignedVector<T> random_numbers(std::int64_t size, Generator& generator) {
  constexpr double kScale = std::is_floating_point_v<T> ? 1 : 127;
  AlignedVector<T> numbers(static_cast<std::size_t>(size));
  for (T& number : numbers) {
    const double random = static_cast<double>(generator()) / (Generator::max() / 2) - 1;
    number = static_cast<T>(kScale * random);
  }
  return numbers;
}

template <class T>
bool same_bits(const AlignedVector<T>& a, const AlignedVector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// Random spikes of a map, as lists.
struct Events {
  Events(std::int64_t positions, std::int64_t channels, double density, Generator& generator)
      : list(static_cast<std::size_t>(positions * channels + kListSlack), 0xffff),
        positive(static_cast<std::size_t>(positions)),
        negative(positive.size()),
        bits_stride(round_up(channels, 64) / 8 + kBitsSlack),
        bits(static_cast<std::size_t>(2 * positions * bits_stride)),
        stride(channels) {
    std::bernoulli_distribution spikes(density);
    std::bernoulli_distribution up(0.5);
    for (std::size_t p = 0; p < positive.size(); ++p) {
      std::vector<std::uint16_t> signs[2];
      for (std::int64_t c = 0; c < channels; ++c) {
        if (!spikes(generator)) continue;
        const std::int64_t sign = up(generator);
        signs[sign].push_back(static_cast<std::uint16_t>(c));
        bits[static_cast<std::size_t>((2 * std::int64_t(p) + sign) * bits_stride + c / 8)] |=
            static_cast<std::uint8_t>(1U << c % 8);
      }
      auto end = std::copy(signs[0].begin(), signs[0].end(), list.begin() + p * channels);
      std::copy(signs[1].begin(), signs[1].end(), end);
      positive[p] = static_cast<std::uint16_t>(signs[0].size());
      negative[p] = static_cast<std::uint16_t>(signs[1].size());
    }
  }
  EventView view() const { return {list.data(), positive.data(), negative.data(), stride}; }
  EventView view_with_bits() const {
    return {list.data(), positive.data(), negative.data(), stride, bits.data(), bits_stride};
  }

  std::vector<std::uint16_t> list, positive, negative;
  std::int64_t bits_stride;
  std::vector<std::uint8_t> bits;
  std::int64_t stride;
};

/// Whether the bits of the positions say what their lists say.
inline void expect_bits(const EventSink& events, std::int64_t positions, std::int64_t channels) {
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::uint16_t* list = events.channels + p * events.stride;
    for (int sign = 0; sign < 2; ++sign) {
      const std::uint16_t count = sign == 0 ? events.positive[p] : events.negative[p];
      std::vector<std::uint16_t> expected(list, list + count);
      std::vector<std::uint16_t> found;
      const std::uint8_t* bits = events.bits + (2 * p + sign) * events.bits_stride;
      for (std::int64_t c = 0; c < channels; ++c) {
        if ((bits[c / 8] >> c % 8 & 1) != 0) found.push_back(static_cast<std::uint16_t>(c));
      }
      EXPECT_EQ(found, expected);
      list += count;
    }
  }
}

struct Geometry {
  const char* name;
  std::vector<Window> pools;
  Window synapse;
  bool diagonal;
};

inline std::vector<Geometry> geometries() {
  const Window conv3{7, 5, 7, 5, 3, 3, 1, 1};
  const Window strided{9, 7, 5, 4, 3, 3, 2, 1};
  const Window big{9, 7, 5, 4, 7, 7, 2, 3};
  const Window pool{9, 7, 5, 4, 2, 2, 2, 0};
  const Window overlapping{9, 7, 5, 4, 3, 3, 2, 1, true};
  const Window after_pool{5, 4, 5, 4, 3, 3, 1, 1};
  const Window head{1, 1, 1, 1, 1, 1, 1, 0};
  const Window whole{5, 3, 1, 1, 5, 3, 1, 0};
  const Window identity{5, 4, 5, 4, 1, 1, 1, 0};
  return {{"conv", {}, conv3, false},
          {"stride 2", {}, strided, false},
          {"7x7", {}, big, false},
          {"pooled conv", {pool}, after_pool, false},
          {"conv behind overlapping pool", {overlapping}, after_pool, false},
          {"global pool and linear", {whole}, head, false},
          {"flattened linear", {}, whole, false},
          {"identity", {}, identity, true},
          {"pooled identity", {pool}, identity, true}};
}

inline constexpr std::int64_t kChannels[] = {1, 3, 16, 17, 63, 64, 65, 130};
inline constexpr std::int64_t kRowsIn16Bits = 32767 / 127;

inline StripWindow strip_window(const Window& w) {
  return {w.source_height, w.source_width, w.kernel_height,    w.kernel_width,
          w.stride,        w.padding,      w.destination_width};
}

/// Events of a map and random rows of weights under the windows of `geometry`. `whole_numbers`: one
/// copy of the weights, repeated as quantised models do instead of dividing.
template <class Weight>
struct GatherCase {
  GatherCase(const Geometry& geometry, std::int64_t in_channels, std::int64_t row_stride,
             double density, Generator& generator, bool whole_numbers = false)
      : window(geometry.synapse), stride(row_stride) {
    const Window& source = geometry.pools.empty() ? window : geometry.pools.front();
    const Window identity{window.source_height,
                          window.source_width,
                          window.source_height,
                          window.source_width,
                          1,
                          1,
                          1,
                          0};
    if (!geometry.pools.empty()) pools = connect(geometry.pools, identity, 1 << 20, "test");
    if (!geometry.pools.empty() && whole_numbers) {
      std::int64_t divisor = 1;
      for (const WeightBlock& block : pools.blocks) divisor = std::lcm(divisor, block.divisor);
      pools = repeat_taps(pools, divisor, 1 << 20, "test");
    }
    events.emplace(source.source_height * source.source_width, in_channels, density, generator);
    const std::int64_t copies = std::max<std::int64_t>(1, std::ssize(pools.blocks));
    const std::int64_t column = (window.kernel_height * in_channels + 1) * stride;
    weights = random_numbers<Weight>(copies * window.kernel_width * column, generator);
    for (auto end = weights.begin() + column;; end += column) {
      std::fill(end - stride, end, Weight(0));
      if (end == weights.end()) break;
    }
    const std::int64_t columns = window.source_width + 1;
    const std::int64_t listed = window.source_height * window.source_width * in_channels *
                                std::max<std::int64_t>(1, pools.most_taps);
    positive.resize(static_cast<std::size_t>(listed + columns * kStripMultiple + kListSlack));
    negative.resize(positive.size());
    strip_columns.resize(static_cast<std::size_t>(columns));
    input = {strip_window(window),
             geometry.pools.empty() ? TapView{} : pools.view(),
             events->view(),
             weights.data(),
             in_channels,
             stride,
             {positive.data(), negative.data(), strip_columns.data()},
             BiasedByte::kBias,
             1,
             kRowsIn16Bits};
  }
  GatherCase(const GatherCase&) = delete;

  Window window;
  std::int64_t stride;
  Connectivity pools;
  std::optional<Events> events;
  AlignedVector<Weight> weights;
  AlignedVector<std::uint32_t> positive, negative;
  AlignedVector<Strip::Column> strip_columns;
  EventInput<Weight> input;
};

}  // namespace trispike::runtime
