// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Which positions of a source map reach which position of a destination map, through any chain of
// average pools and one weighted operation. Pooling is linear, so it needs no arithmetic of its
// own: a source position is listed once per pooled cell that it is averaged into, with the number
// of positions averaged as a divisor of the weights.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernels/kernels.h"
#include "trispike/model/network.h"

namespace trispike::runtime {

/// A sliding window over a map: that of a convolution, of a pool, or over the whole map at once.
struct Window {
  std::int64_t source_height, source_width;
  std::int64_t destination_height, destination_width;
  std::int64_t kernel_height, kernel_width;
  std::int64_t stride, padding;
  bool count_padding = false;  ///< of a pool: divides by the whole window, also at the border
  bool operator==(const Window&) const = default;
};

/// The weights behind one kernel cell (ky * kernel_width + kx), divided by `divisor`.
struct WeightBlock {
  std::int64_t cell;
  std::int64_t divisor;
};

struct Connectivity {
  std::vector<std::uint32_t> first;  ///< [destinations + 1]
  std::vector<Tap> taps;
  std::vector<WeightBlock> blocks;
  std::int64_t most_taps = 0;  ///< of any destination

  TapView view() const { return {first.data(), taps.data()}; }
  /// Whether some destination sees two positions through one block, as behind a pool.
  bool repeats_blocks() const;
};

/// `pools` in the order in which the signal passes them. Throws ShapeError naming `layer` if this
/// could take more than `max_taps` taps or an absurd number of differently divided copies of the
/// weights.
Connectivity connect(std::span<const Window> pools, const Window& synapse, std::int64_t max_taps,
                     const std::string& layer);

/// The same without divisions, for weights that are divided by `divisor` already, a multiple of all
/// divisors: a source position that is averaged with fewer others, d, is listed divisor / d times.
/// Limit and errors as above.
Connectivity repeat_taps(const Connectivity& connectivity, std::int64_t divisor,
                         std::int64_t max_taps, const std::string& layer);

}  // namespace trispike::runtime
