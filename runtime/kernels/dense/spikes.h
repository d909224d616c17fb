// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spike maps times weights. How a map is cut into tiles is the same for every target; what a tile
// costs is not: `Tile` is a target's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/kernels.h"

namespace trispike::runtime {

/// A few destinations times kDenseChannels output channels.
struct DenseTile {
  static constexpr int kMaxPositions = 6;

  const std::int8_t* weights;                  ///< of the block of channels
  const std::uint8_t* windows[kMaxPositions];  ///< the first byte under each window
  std::int64_t rows;                           ///< of the kernel
  std::int64_t quads;                          ///< of a row of it
  std::int64_t row_pitch;                      ///< of the map, bytes
  std::uint8_t zero;                           ///< numbers of the map are at most twice this
  std::int32_t* sums;                          ///< [positions][kDenseChannels]
};

namespace scalar {

/// The map's bytes from the lists of events.
inline void write_spike_map(const SpikeMap& map) {
  const StripWindow& window = map.window;
  std::memset(map.bytes, map.zero, static_cast<std::size_t>(map.size()));
  for (std::int64_t p = 0; p < window.height * window.width; ++p) {
    const std::int64_t y = p / window.width + window.padding;
    const std::int64_t x = p % window.width + window.padding;
    std::uint8_t* to = map.bytes + y * map.row_pitch() + x * map.pitch();
    const auto add = [&](std::int64_t source) {
      const std::uint16_t* channel = map.events.channels + source * map.events.stride;
      for (int n = map.events.positive[source]; n > 0; --n) ++to[*channel++];
      for (int n = map.events.negative[source]; n > 0; --n) --to[*channel++];
    };
    if (map.sources.first == nullptr) {
      add(p);
      continue;
    }
    for (std::uint32_t i = map.sources.first[p]; i < map.sources.first[p + 1]; ++i) {
      add(map.sources.taps[i].source);
    }
  }
}

struct Tile {
  static constexpr int kPositions = 2;

  static void run(const DenseTile& tile) {
    std::fill_n(tile.sums, kPositions * kDenseChannels, 0);
    for (int p = 0; p < kPositions; ++p) {
      for (std::int64_t y = 0; y < tile.rows; ++y) {
        for (std::int64_t i = 0; i < tile.quads * SpikeMap::kQuad; ++i) {
          const std::int32_t number = tile.windows[p][y * tile.row_pitch + i];
          const std::int64_t quad = y * tile.quads + i / SpikeMap::kQuad;
          const std::int8_t* weight =
              tile.weights + quad * kDenseChannels * SpikeMap::kQuad + i % SpikeMap::kQuad;
          for (std::int64_t c = 0; c < kDenseChannels; ++c) {
            tile.sums[p * kDenseChannels + c] += number * weight[c * SpikeMap::kQuad];
          }
        }
      }
    }
  }
};

/// Whether all of `channels` sums, less their excess, are within the share; sets or adds to `to`.
inline bool finish_sums(const std::int32_t* sums, const std::int32_t* excess, std::int64_t channels,
                        std::int32_t share, bool add, std::int16_t* to) {
  std::int32_t largest = 0;
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int32_t sum = sums[c] - excess[c];
    largest = std::max(largest, std::max(sum, -sum));
    to[c] = static_cast<std::int16_t>(add ? to[c] + sum : sum);
  }
  return largest <= share;
}

}  // namespace scalar

/// Rows [begin, end) of destinations of `input`, whose map is written; `fits` as in NarrowKernels.
/// `Finish`: as scalar::finish_sums.
template <class Tile, class Finish>
void dense_tiles(const DenseSpikesInput& input, std::int64_t begin, std::int64_t end, bool add,
                 std::int16_t* sums, std::uint8_t* fits, const Finish& finish) {
  const SpikeMap& map = input.map;
  const StripWindow& window = map.window;
  const std::int64_t width = window.destination_width;
  const std::int64_t quads = window.kernel_width * map.pitch() / SpikeMap::kQuad;
  const std::int64_t block_size = window.kernel_height * quads * SpikeMap::kQuad * kDenseChannels;
  alignas(64) std::int32_t tile_sums[DenseTile::kMaxPositions * kDenseChannels];
  DenseTile tile{input.weights, {},       window.kernel_height, quads, map.row_pitch(),
                 map.zero,      tile_sums};
  for (std::int64_t c = 0; c < input.stride; c += kDenseChannels, tile.weights += block_size) {
    const std::int64_t channels = std::min(kDenseChannels, input.stride - c);
    for (std::int64_t d = begin * width; d < end * width; d += Tile::kPositions) {
      for (int p = 0; p < Tile::kPositions; ++p) {
        // Behind the last destination it is taken again, and nothing made of it.
        const std::int64_t at = std::min(d + p, end * width - 1);
        tile.windows[p] = map.bytes + at / width * window.stride * map.row_pitch() +
                          at % width * window.stride * map.pitch();
      }
      Tile::run(tile);
      for (int p = 0; p < Tile::kPositions && d + p < end * width; ++p) {
        const bool fit = finish(tile_sums + p * kDenseChannels, input.excess + c, channels,
                                input.narrow_share, add, sums + (d + p) * input.stride + c);
        if (!fit) fits[(d + p) / width] = 0;
      }
    }
  }
}

namespace scalar {

inline void dense_spikes(const DenseSpikesInput& input, std::int64_t begin, std::int64_t end,
                         bool add, std::int16_t* sums, std::uint8_t* fits) {
  dense_tiles<Tile>(input, begin, end, add, sums, fits, finish_sums);
}

}  // namespace scalar
}  // namespace trispike::runtime
