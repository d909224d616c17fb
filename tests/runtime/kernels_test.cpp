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
#include "src/aligned.h"
#include "src/connectivity.h"
#include "src/dispatch.h"

namespace trispike::runtime {
namespace {

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
void expect_bits(const EventSink& events, std::int64_t positions, std::int64_t channels) {
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

std::vector<Geometry> geometries() {
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

constexpr std::int64_t kChannels[] = {1, 3, 16, 17, 63, 64, 65, 130};
constexpr std::int64_t kRowsIn16Bits = 32767 / 127;

StripWindow strip_window(const Window& w) {
  return {w.source_height, w.source_width, w.kernel_height,    w.kernel_width,
          w.stride,        w.padding,      w.destination_width};
}

/// Events of a map and random rows of weights under the windows of `geometry`.
template <class Weight>
struct GatherCase {
  GatherCase(const Geometry& geometry, std::int64_t in_channels, std::int64_t row_stride,
             double density, Generator& generator)
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
          const DenseInput<TypeParam> input{connectivity.view(), source.data(), source_stride,
                                            weights.data(),      in_channels,   stride};
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

/// Rows of events in 16 bits against the sums in 32, for all targets that have them.
TEST(NarrowKernels, GatherEqualsScalarOrSaysThatItDoesNotFit) {
  const Kernels<Integer> reference = scalar_kernels<Integer>();
  int too_large = 0;
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(target);
    const Kernels<Integer> kernels = kernels_for<Integer>(target);
    if (kernels.narrow == nullptr) continue;
    Generator generator(4);
    for (const Geometry& geometry : geometries()) {
      if (geometry.diagonal) continue;
      for (const std::int64_t in_channels : {3, 65, 130}) {
        for (const std::int64_t out_channels : {1, 64, 65, 700}) {
          // From everywhere proven, over looked at, to refused.
          for (const std::int32_t share : {16000, 2000, 300}) {
            const std::int64_t stride = round_up(out_channels, kernels.lanes);
            GatherCase<BiasedByte> c(geometry, in_channels, stride, 0.2, generator);
            c.input.narrow_share = share;
            c.input.narrow_rows = share / 127;
            const std::int64_t row = c.window.destination_width * stride;
            for (std::int64_t y = 0; y < c.window.destination_height; ++y) {
              for (const bool add : {false, true}) {
                AlignedVector<std::int32_t> expected(static_cast<std::size_t>(row), add ? 5 : 0);
                AlignedVector<std::int16_t> found(expected.size(), 5);
                const std::int64_t rows = reference.gather(c.input, y, expected.data());
                const auto counted = kernels.narrow->gather(c.input, y, add, found.data());
                std::int32_t largest = 0;
                for (const std::int32_t sum : expected) {
                  largest = std::max(largest, std::abs(sum - (add ? 5 : 0)));
                }
                ASSERT_EQ(counted.has_value(), largest <= share);
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
  const bool any = kernels_for<Integer>(default_target()).narrow != nullptr;
  EXPECT_EQ(too_large > 0, any);
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
              if (t > 0) events.bits = bits.data();
              events.bits_stride = bits_stride;
              const SpikeCount b =
                  kernels.narrow->lif(narrow, narrow_currents.data(), u.data(), kPositions, events);
              if (t > 0) expect_bits(events, kPositions, channels);
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
