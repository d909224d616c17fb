// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spikes that are multiplied give the sums of spikes that are added.
#include "src/dense_spikes.h"

#include <gtest/gtest.h>

#include <functional>

#include "kernels/dense/spikes.h"
#include "kernels/scalar.h"
#include "runtime/cases.h"
#include "runtime/kernel_cases.h"
#include "src/dispatch.h"
#include "trispike/model/quantise.h"

namespace trispike::runtime {
namespace {

struct DenseKernel {
  decltype(NarrowKernels::write_spike_map) write;
  decltype(NarrowKernels::dense_spikes) multiply;
};

/// The reference and that of every target that has one.
std::vector<std::pair<std::string, DenseKernel>> dense_kernels() {
  std::vector<std::pair<std::string, DenseKernel>> kernels{
      {"scalar", {scalar::write_spike_map, scalar::dense_spikes}}};
  for (const std::string& target : supported_targets()) {
    const NarrowKernels* narrow = kernels_for<Integer>(target).narrow;
    if (narrow != nullptr && narrow->dense_spikes != nullptr) {
      kernels.emplace_back(target, DenseKernel{narrow->write_spike_map, narrow->dense_spikes});
    }
  }
  return kernels;
}

/// The weights of a GatherCase in the order of DenseSpikesInput, and their sums.
struct DenseCase {
  DenseCase(const GatherCase<BiasedByte>& c, std::uint8_t zero)
      : excess(static_cast<std::size_t>(c.stride), 0) {
    const Window& w = c.window;
    const std::int64_t inputs = c.input.in_channels;
    const std::int64_t quads = round_up(inputs, SpikeMap::kQuad) / SpikeMap::kQuad;
    const std::int64_t blocks = round_up(c.stride, kDenseChannels) / kDenseChannels;
    const std::int64_t cells = w.kernel_height * w.kernel_width;
    weights.resize(
        static_cast<std::size_t>(blocks * cells * quads * kDenseChannels * SpikeMap::kQuad), 0);
    weights.resize(weights.size() + DenseSpikesInput::kWeightsSlack, -55);  // must not matter
    for (std::int64_t o = 0; o < c.stride; ++o) {
      for (std::int64_t y = 0; y < w.kernel_height; ++y) {
        for (std::int64_t x = 0; x < w.kernel_width; ++x) {
          for (std::int64_t i = 0; i < inputs; ++i) {
            const std::int64_t row = x * (w.kernel_height * inputs + 1) + y * inputs + i;
            const auto weight =
                static_cast<std::int32_t>(c.weights[static_cast<std::size_t>(row * c.stride + o)]);
            const std::int64_t cell = o / kDenseChannels * cells + y * w.kernel_width + x;
            const std::int64_t quad = cell * quads + i / SpikeMap::kQuad;
            weights[static_cast<std::size_t>(
                (quad * kDenseChannels + o % kDenseChannels) * SpikeMap::kQuad +
                i % SpikeMap::kQuad)] = static_cast<std::int8_t>(weight);
            excess[static_cast<std::size_t>(o)] += zero * weight;
          }
        }
      }
    }
    SpikeMap map{c.input.window, c.input.sources, c.events->view_with_bits(), inputs,
                 zero,           nullptr};
    bytes.resize(static_cast<std::size_t>(map.size()), 77);
    map.bytes = bytes.data();
    windows.resize(static_cast<std::size_t>(map.windows_size()), 99);
    input = {map, weights.data(), excess.data(), c.stride, c.input.narrow_share, windows.data()};
  }

  AlignedVector<std::int8_t> weights;
  AlignedVector<std::int32_t> excess;
  AlignedVector<std::uint8_t> bytes;
  AlignedVector<std::uint8_t> windows;
  DenseSpikesInput input;
};

/// Those of all kernels, and maps of many windows: in rows of 16, and not.
std::vector<Geometry> dense_geometries() {
  std::vector<Geometry> found = geometries();
  found.push_back({"many windows", {}, {13, 11, 13, 11, 3, 3, 1, 1}, false});
  found.push_back({"rows of 16", {}, {5, 16, 5, 16, 3, 3, 1, 1}, false});
  found.push_back({"rows of 16, stride 2", {}, {6, 32, 3, 16, 3, 3, 2, 1}, false});
  return found;
}

TEST(DenseSpikes, EqualsAddingOrSaysThatItDoesNotFit) {
  const Kernels<Integer> reference = scalar_kernels<Integer>();
  int too_large = 0;
  int compared = 0;
  for (const auto& [target, kernel] : dense_kernels()) {
    SCOPED_TRACE(target);
    const std::int64_t lanes = kernels_for<Integer>(target).lanes;
    Generator generator(8);
    for (const Geometry& geometry : dense_geometries()) {
      if (geometry.diagonal) continue;
      SCOPED_TRACE(geometry.name);
      for (const std::int64_t in_channels : {1, 3, 64, 70}) {
        for (const std::int64_t out_channels : {1, 64, 65, 130}) {
          for (const double density : {0.0, 0.3, 1.0}) {
            const std::int64_t stride = round_up(out_channels, std::max<std::int64_t>(lanes, 32));
            GatherCase<BiasedByte> c(geometry, in_channels, stride, density, generator, true);
            const std::int64_t pooled = geometry.pools.empty() ? 1 : c.pools.most_taps;
            if (pooled > SpikeMap::kMaxZero) continue;
            c.input.narrow_share = density == 1 ? 3000 : 30000;
            const DenseCase dense(c, static_cast<std::uint8_t>(pooled));
            const std::int64_t row = c.window.destination_width * stride;
            const std::int64_t size = c.window.destination_height * row;
            for (const bool add : {false, true}) {
              AlignedVector<std::int32_t> expected(static_cast<std::size_t>(size), add ? 5 : 0);
              for (std::int64_t y = 0; y < c.window.destination_height; ++y) {
                const std::int64_t rows = reference.gather(c.input, y, expected.data() + y * row);
                EXPECT_EQ(scalar::count_rows(c.input, y), rows);
              }
              AlignedVector<std::int16_t> found(expected.size(), 5);
              kernel.write(dense.input.map);
              const std::int64_t height = c.window.destination_height;
              std::vector<std::uint8_t> fits(static_cast<std::size_t>(height), 1);
              kernel.multiply(dense.input, 0, height / 2, add, found.data(), fits.data());
              kernel.multiply(dense.input, height / 2, height, add, found.data(), fits.data());
              for (std::int64_t y = 0; y < height; ++y) {
                std::int32_t most = 0;
                for (std::int64_t i = y * row; i < (y + 1) * row; ++i) {
                  const auto at = static_cast<std::size_t>(i);
                  most = std::max(most, std::abs(expected[at] - (add ? 5 : 0)));
                }
                const bool fit = most <= c.input.narrow_share;
                ASSERT_EQ(fits[static_cast<std::size_t>(y)] != 0, fit);
                if (!fit) {
                  ++too_large;
                  continue;
                }
                ++compared;
                EXPECT_TRUE(std::equal(found.begin() + y * row, found.begin() + (y + 1) * row,
                                       expected.begin() + y * row));
              }
            }
          }
        }
      }
    }
  }
  EXPECT_GT(too_large, 0);
  EXPECT_GT(compared, 300);
}

/// Sums that are as large in between as they can be, and cancel: half of the weights +127, half
/// -127, under a map of the largest numbers.
TEST(DenseSpikes, LargestNumbersDoNotOverflow) {
  for (const auto& [target, kernel] : dense_kernels()) {
    SCOPED_TRACE(target);
    for (int zero = 1; zero <= SpikeMap::kMaxZero; ++zero) {
      for (const std::int64_t inputs : {4, 64, 260, 700}) {
        SpikeMap map{{1, 7, 1, 3, 1, 1, 7},           {},     {}, inputs,
                     static_cast<std::uint8_t>(zero), nullptr};
        AlignedVector<std::uint8_t> bytes(static_cast<std::size_t>(map.size()),
                                          static_cast<std::uint8_t>(2 * zero));
        map.bytes = bytes.data();
        // The window is three columns wide, and one row high without padding above: row 1 of the
        // map.
        const std::int64_t quads = 3 * map.pitch() / SpikeMap::kQuad;
        AlignedVector<std::int8_t> weights(static_cast<std::size_t>(
            quads * kDenseChannels * SpikeMap::kQuad + DenseSpikesInput::kWeightsSlack));
        for (std::int64_t q = 0; q < quads; ++q) {
          const std::int64_t size = kDenseChannels * SpikeMap::kQuad;
          std::fill_n(weights.begin() + q * size, size, std::int8_t(q < quads / 2 ? 127 : -127));
        }
        const std::int64_t surplus = quads % 2 == 0 ? 0 : -SpikeMap::kQuad * 127;  // of weights
        AlignedVector<std::int32_t> excess(kDenseChannels,
                                           static_cast<std::int32_t>(zero * surplus));
        AlignedVector<std::uint8_t> windows(static_cast<std::size_t>(map.windows_size()));
        const DenseSpikesInput input{map,   weights.data(), excess.data(), kDenseChannels,
                                     32767, windows.data()};
        AlignedVector<std::int16_t> found(7 * kDenseChannels);
        std::uint8_t fits = 1;
        kernel.multiply(input, 0, 1, false, found.data(), &fits);
        ASSERT_EQ(fits, 1);
        for (const std::int16_t sum : found) ASSERT_EQ(sum, zero * surplus);
      }
    }
  }
}

/// A layer behind 64 channels of 4x4 neurons.
Plan plan_of(std::int64_t out_channels, const Window& window, std::int64_t in_channels = 64) {
  Population source;
  source.shape = {in_channels, 4, 4};
  source.activation = Activation::kSpikes;
  Population destination;
  destination.shape = {out_channels, window.destination_height, window.destination_width};
  destination.narrow_limit = 1000;
  Projection& projection = destination.projections.emplace_back();
  projection.source = 0;
  projection.event_driven = true;
  projection.window = window;
  projection.in_channels = in_channels;
  projection.cells = window.kernel_height * window.kernel_width;
  Plan plan;
  plan.populations = {source, destination};
  return plan;
}

std::int64_t dense_from(const Plan& plan, const DenseCost& cost) {
  const Population& population = plan.populations.back();
  return dense_from(plan, population, population.projections.front(), cost);
}

TEST(DenseFrom, ByHand) {
  const DenseCost cost{.narrow = 0.5, .wide = 0.25, .far = 1, .pooled = 1, .tile = 20, .list = 10};
  const Window conv{4, 4, 4, 4, 3, 3, 1, 1};
  // 2 + 3 + 3 + 2 cells of the windows along a side lie on the map: 100 / 16 rows for each spike.
  // Multiplying takes 20 + 0.5 * 576 = 308 for each of 16 destinations, adding 10 * (4 + 3) where
  // nothing fires: from 16 * 238 / 6.25 = 609.28 spikes on.
  EXPECT_EQ(dense_from(plan_of(64, conv), cost), 610);
  // As many for 10 channels; for 128 twice 20 + 0.25 * 576, and rows that are twice as long: from
  // 16 * (328 - 70) / 12.5 = 330.24.
  EXPECT_EQ(dense_from(plan_of(10, conv), cost), 610);
  EXPECT_EQ(dense_from(plan_of(128, conv), cost), 331);
  // With 4 input channels multiplying takes 20 + 0.5 * 36, less than adding without any spike.
  EXPECT_EQ(dense_from(plan_of(64, conv, 4), cost), 0);
  // One list for a destination; every fourth position is seen: 4 * (20 + 32 - 10 * (4 + 1)) / 0.25.
  EXPECT_EQ(dense_from(plan_of(64, Window{4, 4, 2, 2, 1, 1, 2, 0}), cost), 32);
  // Costs of whole weights alone: 16 * 288 / 6.25 = 737.28.
  EXPECT_EQ(dense_from(plan_of(64, conv), {.narrow = 0.5}), 738);
  // In fives 16 destinations cost as much as 20, but are not more to add to:
  // (20 * 308 - 16 * 70) / 6.25 = 806.4.
  DenseCost fives = cost;
  fives.at_once = 5;
  EXPECT_EQ(dense_from(plan_of(64, conv), fives), 807);
  // 4 as much as 16: (16 * 52 - 4 * 50) / 0.25. 16 as much as 16.
  DenseCost tiles = cost;
  tiles.at_once = 16;
  EXPECT_EQ(dense_from(plan_of(64, Window{4, 4, 2, 2, 1, 1, 2, 0}), tiles), 2528);
  EXPECT_EQ(dense_from(plan_of(64, conv), tiles), 610);
}

TEST(DenseFrom, NeverWithoutAKernelOrRoom) {
  const Window conv{4, 4, 4, 4, 3, 3, 1, 1};
  EXPECT_EQ(dense_from(plan_of(64, conv), {}), kNeverDense);
  Plan wide = plan_of(64, conv);
  wide.populations.back().narrow_limit = 0;
  EXPECT_EQ(dense_from(wide, {.narrow = 0.5}), kNeverDense);
}

}  // namespace
}  // namespace trispike::runtime
