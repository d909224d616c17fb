// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Kernels in 16 bits against the scalar ones in 32, for all targets that have them.
#include <gtest/gtest.h>

#include <set>

#include "kernels/scalar.h"
#include "runtime/cases.h"
#include "runtime/kernel_cases.h"
#include "src/byte_rows.h"
#include "src/dispatch.h"

namespace trispike::runtime {
namespace {

TEST(NarrowKernels, GatherEqualsScalarOrSaysThatItDoesNotFit) {
  const Kernels<Integer> reference = scalar_kernels<Integer>();
  int too_large = 0;
  std::set<int> per_byte;
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(target);
    const Kernels<Integer> kernels = kernels_for<Integer>(target);
    if (kernels.narrow == nullptr) continue;
    Generator generator(4);
    for (const Geometry& geometry : geometries()) {
      if (geometry.diagonal) continue;
      for (const std::int64_t in_channels : {3, 65, 130}) {
        for (const std::int64_t out_channels : {1, 64, 65, 700}) {
          for (const int largest : {127, 63, 31}) {
            // From everywhere proven, over looked at, to refused.
            for (const std::int32_t share : {16000, 2000, 300}) {
              const std::int64_t stride = round_up(out_channels, kernels.lanes);
              GatherCase<BiasedByte> c(geometry, in_channels, stride, 0.2, generator);
              for (BiasedByte& weight : c.weights) {
                weight = BiasedByte(static_cast<std::int32_t>(weight) % (largest + 1));
              }
              c.input.narrow_share = share;
              c.input.narrow_rows = share / largest;
              AlignedVector<BiasedByte> shrunk = c.weights;
              const ByteRows rows_of_bytes = shrink(shrunk);
              EventInput<BiasedByte> input = c.input;
              input.weights = shrunk.data();
              input.bias = rows_of_bytes.bias;
              input.rows_per_byte = rows_of_bytes.per_byte;
              per_byte.insert(input.rows_per_byte);
              const std::int64_t row = c.window.destination_width * stride;
              for (std::int64_t y = 0; y < c.window.destination_height; ++y) {
                AlignedVector<std::int32_t> wide(static_cast<std::size_t>(row), 5);
                for (const bool add : {false, true}) {
                  AlignedVector<std::int32_t> expected(static_cast<std::size_t>(row), add ? 5 : 0);
                  AlignedVector<std::int16_t> found(expected.size(), 5);
                  const std::int64_t rows = reference.gather(c.input, y, expected.data());
                  if (add) {
                    EXPECT_EQ(kernels.gather(input, y, wide.data()), rows);
                    EXPECT_TRUE(same_bits(wide, expected));
                  }
                  const auto counted = kernels.narrow->gather(input, y, add, found.data());
                  std::int32_t most = 0;
                  for (const std::int32_t sum : expected) {
                    most = std::max(most, std::abs(sum - (add ? 5 : 0)));
                  }
                  ASSERT_EQ(counted.has_value(), most <= share);
                  if (!counted) {
                    ++too_large;
                    continue;
                  }
                  EXPECT_EQ(*counted, rows);
                  EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin()));
                }
              }
            }
          }
        }
      }
    }
  }
  const bool any = kernels_for<Integer>(default_target()).narrow != nullptr;
  EXPECT_EQ(too_large > 0, any);
  EXPECT_EQ(per_byte, any ? (std::set<int>{1, 2, 4}) : std::set<int>());
}

TEST(NarrowKernels, LifEqualsScalar) {
  const Kernels<Integer> reference = scalar_kernels<Integer>();
  constexpr std::int64_t kPositions = 5;
  for (const std::string& target : supported_targets()) {
    const Kernels<Integer> kernels = kernels_for<Integer>(target);
    if (kernels.narrow == nullptr) continue;
    for (const model::NeuronKind kind : {model::NeuronKind::kBinary, model::NeuronKind::kTernary}) {
      for (const std::string_view reset : model::reset_mode_names()) {
        for (const double decay : {0.0, 0.25, 0.5}) {
          for (const std::int64_t channels : kChannels) {
            SCOPED_TRACE(target + ", " + std::string(model::to_string(kind)) + ", " +
                         std::string(reset) + ", " + std::to_string(decay) + ", " +
                         std::to_string(channels));
            model::NeuronSpec neuron;
            neuron.kind = kind;
            neuron.reset = model::reset_mode_from_string(reset);
            neuron.decay = decay;
            const std::int64_t stride = round_up(channels, kernels.lanes);
            const auto size = static_cast<std::size_t>(kPositions * stride);
            AlignedVector<std::int32_t> thresholds(static_cast<std::size_t>(stride), 1);
            AlignedVector<std::int16_t> below(thresholds.size(), 0);
            AlignedVector<std::int16_t> bias(thresholds.size(), 0);
            for (std::int64_t i = 0; i < channels; ++i) {
              const auto c = static_cast<std::size_t>(i);
              thresholds[c] = static_cast<std::int32_t>(30 + i % 7);
              below[c] = static_cast<std::int16_t>(thresholds[c] - 1);
              bias[c] = static_cast<std::int16_t>(i % 5 - 2);
            }
            std::vector<std::int8_t> scratch(
                static_cast<std::size_t>(round_up(stride, kListSlack)));
            const LifLayer<Integer> wide{{model::lower_integer(neuron), thresholds.data()},
                                         channels,
                                         stride,
                                         scratch.data()};
            const NarrowLif narrow{model::lower_integer(neuron), below.data(), bias.data(),
                                   channels, stride};
            AlignedVector<std::int32_t> expected_u(size, 0);
            AlignedVector<std::int16_t> u(size, 0);
            const auto lists = static_cast<std::size_t>(kPositions * channels + kListSlack);
            std::vector<std::uint16_t> expected(lists), found(lists);
            std::vector<std::uint16_t> counts[4];
            for (auto& count : counts) count.resize(kPositions);
            Generator generator(5);
            for (int t = 0; t < 3; ++t) {
              auto currents = random_numbers<std::int32_t>(std::ssize(u), generator);
              AlignedVector<std::int16_t> narrow_currents(size);
              for (std::size_t i = 0; i < size; ++i) {
                const std::size_t c = i % static_cast<std::size_t>(stride);
                // In the first step every fifth neuron sits exactly at a threshold.
                if (t == 0 && i % 5 == 0) currents[i] = (i % 2 ? -1 : 1) * thresholds[c];
                if (c >= static_cast<std::size_t>(channels)) currents[i] = 0;
                narrow_currents[i] = static_cast<std::int16_t>(currents[i] - bias[c]);
              }
              const SpikeCount a =
                  reference.lif(wide, currents.data(), expected_u.data(), kPositions,
                                {expected.data(), counts[0].data(), counts[1].data(), channels});
              const std::int64_t bits_stride = round_up(stride, 64) / 8 + kBitsSlack;
              std::vector<std::uint8_t> bits(
                  static_cast<std::size_t>(2 * kPositions * bits_stride));
              EventSink events{found.data(), counts[2].data(), counts[3].data(), channels};
              events.bits = bits.data();
              events.bits_stride = bits_stride;
              const AlignedVector<std::int16_t> before = u;
              const SpikeCount b =
                  kernels.narrow->lif(narrow, narrow_currents.data(), u.data(), kPositions, events);
              if (kernels.narrow->list != nullptr) {  // the same in two steps
                std::fill(found.begin(), found.end(), std::uint16_t{0});
                u = before;
                EventSink unlisted = events;
                unlisted.channels = nullptr;
                const SpikeCount counted = kernels.narrow->lif(narrow, narrow_currents.data(),
                                                               u.data(), kPositions, unlisted);
                EXPECT_EQ(counted.positive, b.positive);
                EXPECT_EQ(counted.negative, b.negative);
                EXPECT_EQ(counts[2], counts[0]);
                EXPECT_EQ(counts[3], counts[1]);
                kernels.narrow->list(channels, kPositions, events);
              }
              expect_bits(events, kPositions, channels);
              EXPECT_EQ(b.positive, a.positive);
              EXPECT_EQ(b.negative, a.negative);
              EXPECT_GT(a.positive, 0);
              EXPECT_TRUE(std::equal(u.begin(), u.end(), expected_u.begin()));
              EXPECT_EQ(counts[2], counts[0]);
              EXPECT_EQ(counts[3], counts[1]);
              for (std::size_t p = 0; p < kPositions; ++p) {
                const auto begin = static_cast<std::ptrdiff_t>(p) * channels;
                EXPECT_TRUE(std::equal(found.begin() + begin,
                                       found.begin() + begin + counts[0][p] + counts[1][p],
                                       expected.begin() + begin));
              }
            }
          }
        }
      }
    }
  }
}

TEST(NarrowKernels, DiagonalEqualsScalarFromBitsAndFromLists) {
  const Kernels<Integer> reference = scalar_kernels<Integer>();
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(target);
    const Kernels<Integer> kernels = kernels_for<Integer>(target);
    if (kernels.narrow == nullptr) continue;
    Generator generator(6);
    for (const Geometry& geometry : geometries()) {
      if (!geometry.diagonal) continue;
      for (const std::int64_t channels : kChannels) {
        for (const double density : {0.0, 0.2, 1.0}) {
          const Connectivity connectivity =
              connect(geometry.pools, geometry.synapse, 1 << 20, "test");
          const Window& first = geometry.pools.empty() ? geometry.synapse : geometry.pools.front();
          const std::int64_t destinations = std::ssize(connectivity.first) - 1;
          const std::int64_t stride = round_up(channels, kernels.lanes);
          const Events events(first.source_height * first.source_width, channels, density,
                              generator);
          const auto weights =
              random_numbers<std::int32_t>(std::ssize(connectivity.blocks) * stride, generator);
          DiagonalInput<std::int32_t> input{connectivity.view(), events.view(), weights.data(),
                                            stride};
          AlignedVector<std::int32_t> expected(static_cast<std::size_t>(destinations * stride), 7);
          const std::int64_t count =
              reference.gather_diagonal(input, 0, destinations, expected.data());
          for (const bool with_bits : {false, true}) {
            if (with_bits) input.events = events.view_with_bits();
            AlignedVector<std::int16_t> found(expected.size(), 7);
            const std::int64_t half = destinations / 2;
            std::int64_t counted = kernels.narrow->gather_diagonal(input, 0, half, found.data());
            counted += kernels.narrow->gather_diagonal(input, half, destinations,
                                                       found.data() + half * stride);
            EXPECT_EQ(counted, count);
            EXPECT_TRUE(std::equal(found.begin(), found.end(), expected.begin()));
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace trispike::runtime
