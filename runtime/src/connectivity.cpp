// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/connectivity.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>

#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

// Far beyond any real network: a 3x3 pool whose padding does not count has three divisors.
constexpr std::size_t kMaxCopies = 16;

/// One way from a source position to the destination at hand.
struct Path {
  std::int64_t position;
  std::int64_t cell;  ///< of the synapse's kernel
  std::int64_t divisor;
};

/// The part of a window that lies inside the map, along one axis.
struct Range {
  std::int64_t begin, end, origin;
  std::int64_t size() const { return std::max<std::int64_t>(0, end - begin); }
};
Range inside(std::int64_t destination, std::int64_t kernel, const Window& window,
             std::int64_t source_size) {
  const std::int64_t origin = destination * window.stride - window.padding;
  return {std::max<std::int64_t>(0, origin), std::min(origin + kernel, source_size), origin};
}

/// Calls visit(source position, kernel cell, divisor) for the positions of the map in the window at
/// `destination`; the divisor is what an average over that window divides by.
template <class Visit>
void for_each_cell(const Window& window, std::int64_t destination, const Visit& visit) {
  const Range rows = inside(destination / window.destination_width, window.kernel_height, window,
                            window.source_height);
  const Range columns = inside(destination % window.destination_width, window.kernel_width, window,
                               window.source_width);
  const std::int64_t divisor = window.count_padding ? window.kernel_height * window.kernel_width
                                                    : rows.size() * columns.size();
  for (std::int64_t y = rows.begin; y < rows.end; ++y) {
    for (std::int64_t x = columns.begin; x < columns.end; ++x) {
      const std::int64_t cell = (y - rows.origin) * window.kernel_width + (x - columns.origin);
      visit(y * window.source_width + x, cell, divisor);
    }
  }
}

/// Numbers the distinct (cell, divisor) pairs in order of appearance.
class BlockList {
 public:
  BlockList(std::int64_t cells, const std::string& layer)
      : of_cell_(static_cast<std::size_t>(cells)), layer_(layer) {}

  std::uint32_t index(const Path& path) {
    auto& known = of_cell_[static_cast<std::size_t>(path.cell)];
    for (const auto& [divisor, block] : known) {
      if (divisor == path.divisor) return block;
    }
    if (known.size() == kMaxCopies) {
      throw ShapeError(layer_, "its pools divide by more than " + std::to_string(kMaxCopies) +
                                   " different numbers of positions");
    }
    known.emplace_back(path.divisor, static_cast<std::uint32_t>(blocks_.size()));
    blocks_.push_back({path.cell, path.divisor});
    return known.back().second;
  }
  std::vector<WeightBlock> take() { return std::move(blocks_); }

 private:
  std::vector<std::vector<std::pair<std::int64_t, std::uint32_t>>> of_cell_;
  const std::string& layer_;
  std::vector<WeightBlock> blocks_;
};

[[noreturn]] void refuse_size(std::int64_t max_taps, const std::string& layer) {
  throw ShapeError(layer, "needs more connections between positions than the runtime allows (" +
                              std::to_string(max_taps) + " were left for it)");
}

/// An upper bound of the number of taps, without overflow.
void check_size(std::span<const Window> pools, const Window& synapse, std::int64_t max_taps,
                const std::string& layer) {
  double taps = double(synapse.destination_height) * double(synapse.destination_width);
  const auto fan_in = [](const Window& w) {
    return double(std::min(w.kernel_height, w.source_height)) *
           double(std::min(w.kernel_width, w.source_width));
  };
  taps *= fan_in(synapse);
  for (const Window& pool : pools) taps *= fan_in(pool);
  if (taps > double(max_taps)) refuse_size(max_taps, layer);
}

}  // namespace

Connectivity connect(std::span<const Window> pools, const Window& synapse, std::int64_t max_taps,
                     const std::string& layer) {
  check_size(pools, synapse, max_taps, layer);
  Connectivity connectivity;
  BlockList blocks(synapse.kernel_height * synapse.kernel_width, layer);
  std::vector<Path> paths;
  std::vector<Path> longer;
  const std::int64_t destinations = synapse.destination_height * synapse.destination_width;
  connectivity.first.reserve(static_cast<std::size_t>(destinations + 1));
  connectivity.first.push_back(0);
  for (std::int64_t d = 0; d < destinations; ++d) {
    paths.clear();
    for_each_cell(synapse, d, [&](std::int64_t position, std::int64_t cell, std::int64_t) {
      paths.push_back({position, cell, 1});
    });
    for (std::size_t i = pools.size(); i-- > 0;) {
      longer.clear();
      for (const Path& path : paths) {
        for_each_cell(pools[i], path.position,
                      [&](std::int64_t position, std::int64_t, std::int64_t divisor) {
                        longer.push_back({position, path.cell, path.divisor * divisor});
                      });
      }
      paths.swap(longer);
    }
    for (const Path& path : paths) {
      connectivity.taps.push_back({static_cast<std::uint32_t>(path.position), blocks.index(path)});
    }
    connectivity.most_taps =
        std::max(connectivity.most_taps, static_cast<std::int64_t>(paths.size()));
    connectivity.first.push_back(static_cast<std::uint32_t>(connectivity.taps.size()));
  }
  connectivity.blocks = blocks.take();
  return connectivity;
}

Connectivity repeat_taps(const Connectivity& connectivity, std::int64_t divisor,
                         std::int64_t max_taps, const std::string& layer) {
  Connectivity repeated;
  // The number of a kernel cell's only block.
  std::map<std::int64_t, std::uint32_t> block_of_cell;
  for (const WeightBlock& block : connectivity.blocks) {
    if (divisor % block.divisor != 0) {
      throw std::logic_error("a pool divides by a number that its common multiple leaves out");
    }
    const auto number = static_cast<std::uint32_t>(repeated.blocks.size());
    if (block_of_cell.emplace(block.cell, number).second)
      repeated.blocks.push_back({block.cell, 1});
  }
  repeated.first.reserve(connectivity.first.size());
  repeated.first.push_back(0);
  for (std::size_t d = 0; d + 1 < connectivity.first.size(); ++d) {
    const std::size_t before = repeated.taps.size();
    for (std::uint32_t i = connectivity.first[d]; i < connectivity.first[d + 1]; ++i) {
      const Tap& tap = connectivity.taps[i];
      const WeightBlock& block = connectivity.blocks[tap.block];
      const std::int64_t times = divisor / block.divisor;
      if (static_cast<std::int64_t>(repeated.taps.size()) + times > max_taps) {
        refuse_size(max_taps, layer);
      }
      repeated.taps.insert(repeated.taps.end(), static_cast<std::size_t>(times),
                           {tap.source, block_of_cell.at(block.cell)});
    }
    repeated.most_taps =
        std::max(repeated.most_taps, static_cast<std::int64_t>(repeated.taps.size() - before));
    repeated.first.push_back(static_cast<std::uint32_t>(repeated.taps.size()));
  }
  return repeated;
}

bool Connectivity::repeats_blocks() const {
  std::vector<std::size_t> last(blocks.size(), first.size());  // destination that saw a block
  for (std::size_t d = 0; d + 1 < first.size(); ++d) {
    for (std::uint32_t i = first[d]; i < first[d + 1]; ++i) {
      if (std::exchange(last[taps[i].block], d) == d) return true;
    }
  }
  return false;
}

}  // namespace trispike::runtime
