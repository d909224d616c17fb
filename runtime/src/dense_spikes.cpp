// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/dense_spikes.h"

#include <algorithm>
#include <cmath>

#include "kernels/dense/spikes.h"
#include "src/tensor_numbers.h"

namespace trispike::runtime {
namespace {

/// Over all windows along one side of a map, how many of their cells lie on the map.
std::int64_t cells_on_map(std::int64_t destinations, std::int64_t kernel, std::int64_t stride,
                          std::int64_t padding, std::int64_t size) {
  std::int64_t cells = 0;
  for (std::int64_t d = 0; d < destinations; ++d) {
    const std::int64_t begin = d * stride - padding;
    cells += std::clamp<std::int64_t>(begin + kernel, 0, size) -
             std::clamp<std::int64_t>(begin, 0, size);
  }
  return cells;
}

/// How many destinations one spike reaches, on average over the source's positions.
double rows_per_spike(const Plan& plan, const Projection& projection) {
  const Window& w = projection.window;
  const auto cells = double(cells_on_map(w.destination_height, w.kernel_height, w.stride, w.padding,
                                         w.source_height)) *
                     double(cells_on_map(w.destination_width, w.kernel_width, w.stride, w.padding,
                                         w.source_width));
  const auto places = double(w.source_height * w.source_width);
  const auto positions =
      double(plan.populations[static_cast<std::size_t>(projection.source)].positions());
  const double taps = projection.connectivity == kNoPools
                          ? places
                          : double(plan.connectivity(projection).taps.size());
  return cells / places * taps / positions;
}

/// How many lists of spikes are read for one destination that are not for its left neighbour.
double lists_per_destination(const Plan& plan, const Projection& projection) {
  const Window& w = projection.window;
  const std::int64_t places = w.kernel_height * std::min(w.kernel_width, w.stride);
  return double(places * plan.pooled_positions(projection));
}

/// Spikes that are pooled without division, and not so many in one place that bytes are too small.
bool fits_spike_map(const Plan& plan, const Projection& projection) {
  if (plan.pooled_positions(projection) > SpikeMap::kMaxZero) return false;
  if (projection.connectivity == kNoPools) return true;
  const std::vector<WeightBlock>& blocks = plan.connectivity(projection).blocks;
  return blocks.size() == 1 && blocks.front().divisor == 1;
}

}  // namespace

std::int64_t dense_from(const Plan& plan, const Population& population,
                        const Projection& projection, const DenseCost& cost) {
  if (cost.narrow <= 0 || population.narrow_limit == 0 || !projection.adds_rows() ||
      projection.source == kInputSource || !fits_spike_map(plan, projection)) {
    return kNeverDense;
  }
  const std::int64_t weights =
      projection.cells * projection.in_channels * population.shape.channels;
  const double of_product = projection.connectivity != kNoPools               ? cost.pooled
                            : weights > kNearWeights * population.positions() ? cost.far
                            : population.shape.channels <= kDenseChannels     ? cost.narrow
                                                                              : cost.wide;
  const auto products =
      double(projection.cells * round_up(projection.in_channels, SpikeMap::kQuad));
  const auto blocks = double(round_up(population.shape.channels, kDenseChannels) / kDenseChannels);
  const double multiplying = blocks * (cost.tile + of_product * products);
  const double adding_none =
      cost.list * (DenseCost::kListsOfDestination + lists_per_destination(plan, projection));
  const double rows = rows_per_spike(plan, projection) * blocks;
  if (rows <= 0) return kNeverDense;
  const std::int64_t positions = population.positions();
  const std::int64_t paid = round_up(positions, cost.at_once);
  const double spikes = (double(paid) * multiplying - double(positions) * adding_none) / rows;
  return static_cast<std::int64_t>(std::ceil(std::max(0.0, spikes)));
}

std::shared_ptr<const DenseSpikeWeights> pack_spike_weights(
    const Plan& plan, const Population& population, const Projection& projection,
    const model::TensorMap& tensors, std::int64_t stride, const DenseCost& cost) {
  const std::int64_t from = dense_from(plan, population, projection, cost);
  if (from == kNeverDense) return nullptr;
  const Population& source = plan.populations[static_cast<std::size_t>(projection.source)];
  if (double(from) > kMostFiring * double(source.shape.elements())) return nullptr;

  auto packed = std::make_shared<DenseSpikeWeights>();
  packed->zero = static_cast<std::uint8_t>(plan.pooled_positions(projection));
  packed->from_spikes = from;
  const std::int64_t channels = population.shape.channels;
  const std::int64_t inputs = projection.in_channels;
  const std::int64_t pitch = round_up(inputs, SpikeMap::kQuad);
  const std::int64_t block = projection.cells * pitch * kDenseChannels;
  packed->weights.resize(
      static_cast<std::size_t>(round_up(channels, kDenseChannels) / kDenseChannels * block +
                               DenseSpikesInput::kWeightsSlack),
      0);
  packed->excess.resize(static_cast<std::size_t>(stride), 0);
  visit_numbers(tensors.at(projection.weight), [&](const auto& weight) {
    for (std::int64_t o = 0; o < channels; ++o) {
      std::int8_t* to = packed->weights.data() + o / kDenseChannels * block +
                        o % kDenseChannels * SpikeMap::kQuad;
      std::int32_t sum = 0;
      for (std::int64_t i = 0; i < inputs; ++i) {
        const std::int64_t quad = i / SpikeMap::kQuad * kDenseChannels * SpikeMap::kQuad;
        for (std::int64_t cell = 0; cell < projection.cells; ++cell) {
          const auto value = static_cast<std::int8_t>(
              weight[static_cast<std::size_t>((o * inputs + i) * projection.cells + cell)]);
          to[cell * pitch * kDenseChannels + quad + i % SpikeMap::kQuad] = value;
          sum += value;
        }
      }
      packed->excess[static_cast<std::size_t>(o)] = packed->zero * sum;
    }
  });
  return packed;
}

}  // namespace trispike::runtime
