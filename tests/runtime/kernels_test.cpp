// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Every kernel of every target against the scalar one, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <type_traits>

#include "kernels/scalar.h"
#include "runtime/cases.h"
#include "runtime/kernel_cases.h"
#include "src/aligned.h"
#include "src/connectivity.h"
#include "src/dispatch.h"

namespace trispike::runtime {
namespace {

template <class Number>
class Kernel : public testing::Test {
 protected:
  /// Calls check(kernels of a target, its name) for all targets but the scalar one.
  template <class Check>
  static void for_each_target(const Check& check) {
    for (const std::string& target : supported_targets()) {
      if (target == "scalar") continue;
      SCOPED_TRACE(target);
      check(kernels_for<Number>(target));
    }
  }
  static const Kernels<Number>& scalar() {
    static const Kernels<Number> kernels = scalar_kernels<Number>();
    return kernels;
  }
};
using Numbers = testing::Types<float, double, Integer>;
TYPED_TEST_SUITE(Kernel, Numbers);

template <class Number>
void compare_gather(const Kernels<Number>& kernels, const Kernels<Number>& reference,
                    const Geometry& geometry, std::int64_t in_channels, std::int64_t out_channels,
                    double density, Generator& generator) {
  const std::int64_t stride = round_up(out_channels, kernels.lanes);
  GatherCase<typename Types<Number>::Weight> c(geometry, in_channels, stride, density, generator);
  const std::int64_t row = c.window.destination_width * stride;
  std::int64_t count = 0;
  for (std::int64_t y = 0; y < c.window.destination_height; ++y) {
    auto expected = random_numbers<typename Types<Number>::Current>(row, generator);
    auto found = expected;
    const std::int64_t rows = reference.gather(c.input, y, expected.data());
    EXPECT_EQ(kernels.gather(c.input, y, found.data()), rows);
    EXPECT_TRUE(same_bits(found, expected));
    count += rows;
  }
  if (density == 1.0) {
    const Connectivity all = connect(geometry.pools, geometry.synapse, 1 << 20, "test");
    EXPECT_EQ(count, std::ssize(all.taps) * in_channels);
  }
}

template <class Number>
void compare_diagonal(const Kernels<Number>& kernels, const Kernels<Number>& reference,
                      const Geometry& geometry, std::int64_t channels, double density,
                      Generator& generator) {
  const Connectivity connectivity = connect(geometry.pools, geometry.synapse, 1 << 20, "test");
  const Window& first = geometry.pools.empty() ? geometry.synapse : geometry.pools.front();
  const std::int64_t destinations = std::ssize(connectivity.first) - 1;
  const std::int64_t stride = round_up(channels, kernels.lanes);
  const Events events(first.source_height * first.source_width, channels, density, generator);
  const auto weights = random_numbers<typename Types<Number>::Constant>(
      std::ssize(connectivity.blocks) * stride, generator);
  const auto start =
      random_numbers<typename Types<Number>::Current>(destinations * stride, generator);
  const DiagonalInput<typename Types<Number>::Constant> input{connectivity.view(), events.view(),
                                                              weights.data(), stride};
  auto expected = start;
  auto found = start;
  const std::int64_t count = reference.gather_diagonal(input, 0, destinations, expected.data());
  EXPECT_EQ(kernels.gather_diagonal(input, 0, destinations, found.data()), count);
  EXPECT_TRUE(same_bits(found, expected));
  if (density == 1.0) {
    EXPECT_EQ(count, std::ssize(connectivity.taps) * channels);
  }

  // A part of the destinations is the same as that part of all.
  const std::int64_t middle = destinations / 2;
  found = start;
  kernels.gather_diagonal(input, middle, destinations, found.data() + middle * stride);
  std::copy_n(start.begin(), middle * stride, expected.begin());
  EXPECT_TRUE(same_bits(found, expected));
}

TYPED_TEST(Kernel, GatherEqualsScalar) {
  this->for_each_target([&](const Kernels<TypeParam>& kernels) {
    Generator generator(1);
    for (const Geometry& geometry : geometries()) {
      for (const std::int64_t in_channels : kChannels) {
        for (const std::int64_t out_channels : {std::int64_t{1}, std::int64_t{67}, in_channels}) {
          for (const double density : {0.0, 0.02, 0.18, 0.5, 1.0}) {
            SCOPED_TRACE(std::string(geometry.name) + ", " + std::to_string(in_channels) + " to " +
                         std::to_string(out_channels) + ", density " + std::to_string(density));
            if (geometry.diagonal) {
              compare_diagonal(kernels, this->scalar(), geometry, in_channels, density, generator);
            } else {
              compare_gather(kernels, this->scalar(), geometry, in_channels, out_channels, density,
                             generator);
            }
          }
        }
      }
    }
  });
}

TYPED_TEST(Kernel, DenseEqualsScalar) {
  this->for_each_target([&](const Kernels<TypeParam>& kernels) {
    Generator generator(2);
    for (const Geometry& geometry : geometries()) {
      for (const std::int64_t in_channels : {1, 2, 3, 17}) {
        for (const std::int64_t out_channels : kChannels) {
          SCOPED_TRACE(std::string(geometry.name) + ", " + std::to_string(in_channels) + " to " +
                       std::to_string(out_channels));
          const Connectivity connectivity =
              connect(geometry.pools, geometry.synapse, 1 << 20, "test");
          const Window& first = geometry.pools.empty() ? geometry.synapse : geometry.pools.front();
          const std::int64_t destinations =
              static_cast<std::int64_t>(connectivity.first.size()) - 1;
          const std::int64_t stride =
              round_up(geometry.diagonal ? in_channels : out_channels, kernels.lanes);
          const std::int64_t source_stride = in_channels + 2;
          const auto source = random_numbers<typename Types<TypeParam>::Value>(
              first.source_height * first.source_width * source_stride, generator);
          const auto weights = random_numbers<typename Types<TypeParam>::Factor>(
              static_cast<std::int64_t>(connectivity.blocks.size()) * in_channels * stride,
              generator);
          const std::int64_t cells =
              connectivity.repeats_blocks() ? 0 : std::ssize(connectivity.blocks);
          const DenseInput<TypeParam> input{
              connectivity.view(), source.data(), source_stride, weights.data(),
              in_channels,         stride,        cells};
          auto expected = random_numbers<typename Types<TypeParam>::Potential>(
              destinations * stride, generator);
          auto found = expected;
          const auto reference =
              geometry.diagonal ? this->scalar().dense_diagonal : this->scalar().dense;
          const auto kernel = geometry.diagonal ? kernels.dense_diagonal : kernels.dense;
          reference(input, 0, destinations, expected.data());
          kernel(input, 0, destinations, found.data());
          EXPECT_TRUE(same_bits(found, expected));
        }
      }
    }
  });
}

/// A neuron layer's state after some steps.
template <class Number>
struct LifRun {
  AlignedVector<typename Types<Number>::Potential> membrane_potential;
  std::vector<std::uint16_t> list, positive, negative;
  std::int64_t spikes = 0;
};

/// What lies behind a list's end does not count.
template <class Number>
bool same_lists(const LifRun<Number>& a, const LifRun<Number>& b, std::int64_t room) {
  for (std::size_t p = 0; p < a.positive.size(); ++p) {
    const auto begin = static_cast<std::ptrdiff_t>(p) * room;
    const auto end = begin + a.positive[p] + a.negative[p];
    if (!std::equal(a.list.begin() + begin, a.list.begin() + end, b.list.begin() + begin)) {
      return false;
    }
  }
  return true;
}

template <class Number>
typename Types<Number>::Neurons neurons(const model::NeuronSpec& neuron,
                                        const AlignedVector<std::int32_t>& thresholds) {
  if constexpr (std::is_same_v<Number, Integer>) {
    return {model::lower_integer(neuron), thresholds.data()};
  } else {
    return model::lower<Number>(neuron);
  }
}

template <class Number>
LifRun<Number> run_lif(const Kernels<Number>& kernels, const model::NeuronSpec& neuron,
                       std::int64_t channels, std::int64_t stride) {
  using Current = typename Types<Number>::Current;
  constexpr std::int64_t kPositions = 5;
  Generator generator(3);
  LifRun<Number> run;
  run.membrane_potential.resize(static_cast<std::size_t>(kPositions * stride));
  run.list.resize(static_cast<std::size_t>(kPositions * channels + kListSlack));
  run.positive.resize(kPositions);
  run.negative.resize(kPositions);
  std::vector<std::int8_t> spikes(static_cast<std::size_t>(round_up(stride, kListSlack)));
  // Integer thresholds differ from channel to channel.
  AlignedVector<std::int32_t> thresholds;
  for (std::int64_t c = 0; c < stride; ++c) {
    thresholds.push_back(static_cast<std::int32_t>(30 + c % 7));
  }
  const LifLayer<Number> layer{neurons<Number>(neuron, thresholds), channels, stride,
                               spikes.data()};
  for (int t = 0; t < 3; ++t) {
    AlignedVector<Current> currents = random_numbers<Current>(kPositions * stride, generator);
    for (std::int64_t i = 0; i < kPositions * stride; ++i) {
      Current& current = currents[static_cast<std::size_t>(i)];
      // In the first step every fifth neuron sits exactly at a threshold.
      const double threshold = std::is_floating_point_v<Current>
                                   ? neuron.threshold
                                   : thresholds[static_cast<std::size_t>(i % stride)];
      if (t == 0 && i % 5 == 0) current = static_cast<Current>((i % 2 ? -1 : 1) * threshold);
      if (i % stride >= channels) current = 0;  // padding
    }
    const std::int64_t bits_stride = round_up(stride, 64) / 8 + kBitsSlack;
    std::vector<std::uint8_t> bits(static_cast<std::size_t>(2 * kPositions * bits_stride));
    EventSink events{run.list.data(), run.positive.data(), run.negative.data(), channels};
    // The scalar kernels, which nothing follows that reads bits, keep none.
    const bool with_bits = t > 0 && kernels.lif != scalar_kernels<Number>().lif;
    if (with_bits) events.bits = bits.data();
    events.bits_stride = bits_stride;
    const SpikeCount count =
        kernels.lif(layer, currents.data(), run.membrane_potential.data(), kPositions, events);
    if (with_bits) expect_bits(events, kPositions, channels);
    run.spikes += count.positive + count.negative;
  }
  return run;
}

TYPED_TEST(Kernel, LifEqualsScalar) {
  this->for_each_target([&](const Kernels<TypeParam>& kernels) {
    for (const model::NeuronKind kind : {model::NeuronKind::kBinary, model::NeuronKind::kTernary}) {
      for (const std::string_view reset : model::reset_mode_names()) {
        for (const bool strict : {false, true}) {
          for (const std::int64_t channels : kChannels) {
            SCOPED_TRACE(std::string(model::to_string(kind)) + ", " + std::string(reset) +
                         (strict ? ", strict, " : ", ") + std::to_string(channels));
            model::NeuronSpec neuron;
            neuron.kind = kind;
            neuron.reset = model::reset_mode_from_string(reset);
            neuron.strict = strict;
            const std::int64_t stride = round_up(channels, kernels.lanes);
            const auto expected = run_lif(this->scalar(), neuron, channels, stride);
            const auto found = run_lif(kernels, neuron, channels, stride);
            EXPECT_TRUE(same_bits(found.membrane_potential, expected.membrane_potential));
            EXPECT_EQ(found.positive, expected.positive);
            EXPECT_EQ(found.negative, expected.negative);
            EXPECT_TRUE(same_lists(found, expected, channels));
            EXPECT_EQ(found.spikes, expected.spikes);
            EXPECT_GT(expected.spikes, 0);
          }
        }
      }
    }
  });
}

TEST(ScalarGather, AddsAndSubtractsByHand) {
  // One destination that sees two source positions of two channels.
  const std::uint16_t list[] = {0, 1, 1, 0};  // position 0: +0, -1; position 1: +1
  const std::uint16_t positive[] = {1, 1};
  const std::uint16_t negative[] = {1, 0};
  const double weights[] = {1,   2,   /**/ 10,   20,   /**/ 0, 0,  //
                            100, 200, /**/ 1000, 2000, /**/ 0, 0};
  std::uint32_t lists[2][4];
  Strip::Column columns[3];
  double sums[] = {0.5, 0.25};
  const EventInput<double> input{
      {1, 2, 1, 2, 1, 0, 1},        {}, {list, positive, negative, 2}, weights, 2, 2,
      {lists[0], lists[1], columns}};
  EXPECT_EQ(scalar::gather(input, 0, sums), 3);
  EXPECT_EQ(sums[0], 0.5 + 1 + 1000 - 10);
  EXPECT_EQ(sums[1], 0.25 + 2 + 2000 - 20);
}

TEST(ScalarLif, FiresAtThresholdOnBothSides) {
  model::NeuronSpec neuron;
  neuron.kind = model::NeuronKind::kTernary;
  neuron.threshold = 1.0;
  neuron.decay = 0.25;
  std::int8_t spikes[kListSlack] = {};
  const LifLayer<double> layer{model::lower<double>(neuron), 3, 3, spikes};
  double u[3] = {0, 0, 0};
  std::uint16_t list[3], positive[1], negative[1];
  const double first[] = {1.0, -1.0, 0.5};
  SpikeCount count = scalar::lif<double>(layer, first, u, 1, {list, positive, negative, 3});
  EXPECT_EQ(count.positive, 1);
  EXPECT_EQ(count.negative, 1);
  EXPECT_EQ(list[0], 0);
  EXPECT_EQ(list[1], 1);
  EXPECT_EQ(u[0], 0);
  EXPECT_EQ(u[1], 0);
  EXPECT_EQ(u[2], 0.5);
  const double second[] = {0.0, 0.0, 0.875};  // 0.25 * 0.5 + 0.875 = 1
  count = scalar::lif<double>(layer, second, u, 1, {list, positive, negative, 3});
  EXPECT_EQ(count.positive, 1);
  EXPECT_EQ(count.negative, 0);
  EXPECT_EQ(list[0], 2);
}

}  // namespace
}  // namespace trispike::runtime
