// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What DenseCost is measured with: for layers of several shapes and firing rates, how long adding
// the rows of all spikes takes, and how long multiplying them as bytes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <random>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/connectivity.h"
#include "src/dispatch.h"
#include "trispike/model/error.h"

namespace trispike::bench {
namespace {

using runtime::AlignedVector;
using runtime::round_up;

struct Shape {
  std::int64_t inputs, outputs, size, kernel, stride, pool;
};

/// As in ResNets of widths 16, 32 and 64, and of two of them at once.
constexpr Shape kShapes[] = {
    {16, 16, 32, 3, 1, 1},  {32, 32, 32, 3, 1, 1},  {64, 64, 32, 3, 1, 1},  {128, 128, 32, 3, 1, 1},
    {16, 16, 16, 3, 1, 2},  {64, 64, 16, 3, 1, 2},  {32, 32, 16, 3, 1, 1},  {64, 64, 16, 3, 1, 1},
    {32, 64, 16, 3, 2, 1},  {64, 128, 16, 3, 2, 1}, {64, 128, 16, 1, 2, 1}, {64, 64, 8, 3, 1, 1},
    {128, 128, 8, 3, 1, 1}, {64, 64, 4, 3, 1, 1},   {256, 256, 4, 3, 1, 1}, {128, 128, 2, 3, 1, 1},
    {512, 512, 2, 3, 1, 1}, {512, 512, 8, 3, 1, 1},
};

/// Spikes of one map as the kernels read them.
struct Spikes {
  Spikes(std::int64_t positions, std::int64_t channels, double density, std::mt19937& generator)
      : channels_(channels),
        bits_stride_(round_up(channels, 64) / 8 + runtime::kBitsSlack),
        list_(static_cast<std::size_t>(positions * channels + runtime::kListSlack)),
        positive_(static_cast<std::size_t>(positions)),
        negative_(positive_.size()),
        bits_(static_cast<std::size_t>(2 * positions * bits_stride_)) {
    std::bernoulli_distribution fires(density);
    std::bernoulli_distribution falls(0.5);
    for (std::int64_t p = 0; p < positions; ++p) {
      std::vector<std::uint16_t> lists[2];
      for (std::int64_t c = 0; c < channels; ++c) {
        if (!fires(generator)) continue;
        const int sign = falls(generator) ? 1 : 0;
        lists[sign].push_back(static_cast<std::uint16_t>(c));
        bits_[static_cast<std::size_t>((2 * p + sign) * bits_stride_ + c / 8)] |=
            static_cast<std::uint8_t>(1U << c % 8);
      }
      const auto end = std::copy(lists[0].begin(), lists[0].end(), list_.begin() + p * channels);
      std::copy(lists[1].begin(), lists[1].end(), end);
      positive_[static_cast<std::size_t>(p)] = static_cast<std::uint16_t>(lists[0].size());
      negative_[static_cast<std::size_t>(p)] = static_cast<std::uint16_t>(lists[1].size());
    }
  }
  runtime::EventView view() const {
    return {list_.data(), positive_.data(), negative_.data(),
            channels_,    bits_.data(),     bits_stride_};
  }

 private:
  std::int64_t channels_, bits_stride_;
  std::vector<std::uint16_t> list_, positive_, negative_;
  std::vector<std::uint8_t> bits_;
};

/// Microseconds of one call, the least of several samples: other load only ever slows down.
double microseconds(double seconds, const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  constexpr int kCalls = 16;  // of a sample: all maps twice
  double least = 1e9;
  for (const auto start = Clock::now(); since(start) < seconds;) {
    const auto begin = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    least = std::min(least, since(begin) / kCalls);
  }
  return 1e6 * least;
}

struct Layer {
  explicit Layer(const Shape& s, std::int64_t lanes)
      : shape(s), stride(round_up(s.outputs, lanes)) {
    const std::int64_t padding = s.kernel / 2;
    const std::int64_t destinations = (s.size + 2 * padding - s.kernel) / s.stride + 1;
    window = {s.size, s.size, s.kernel, s.kernel, s.stride, padding, destinations};
    source = s.size * s.pool;
    const runtime::Window pool{source, source, s.size, s.size, s.pool, s.pool, s.pool, 0};
    const runtime::Window identity{s.size, s.size, s.size, s.size, 1, 1, 1, 0};
    if (s.pool > 1) {
      pools = runtime::connect({&pool, 1}, identity, 1 << 20, "bench");
      pools = runtime::repeat_taps(pools, s.pool * s.pool, 1 << 20, "bench");
    }
    const auto numbers = static_cast<std::size_t>(s.kernel * (s.kernel * s.inputs + 1) * stride);
    rows.resize(numbers);
    const std::int64_t blocks = round_up(s.outputs, runtime::kDenseChannels);
    weights.resize(static_cast<std::size_t>(
        s.kernel * s.kernel * round_up(s.inputs, runtime::SpikeMap::kQuad) * blocks +
        runtime::DenseSpikesInput::kWeightsSlack));
    excess.resize(static_cast<std::size_t>(stride));
    sums.resize(static_cast<std::size_t>(destinations * destinations * stride));
    fits.resize(static_cast<std::size_t>(destinations));
    const std::int64_t listed = s.pool * s.pool * s.size * s.kernel * s.inputs;
    positive.resize(static_cast<std::size_t>(listed + (s.size + 1) * runtime::kStripMultiple +
                                             runtime::kListSlack));
    negative.resize(positive.size());
    columns.resize(static_cast<std::size_t>(s.size + 1));
  }

  void add(const runtime::NarrowKernels& kernels, const Spikes& spikes) {
    constexpr std::int64_t kAny = 1 << 20;
    const runtime::EventInput<runtime::BiasedByte> input{
        window,
        shape.pool > 1 ? pools.view() : runtime::TapView{},
        spikes.view(),
        rows.data(),
        shape.inputs,
        stride,
        {positive.data(), negative.data(), columns.data()},
        runtime::BiasedByte::kBias,
        1,
        kAny,
        32767,
        kAny};
    for (std::int64_t y = 0; y < window.destination_width; ++y) {
      kernels.gather(input, y, false, sums.data() + y * window.destination_width * stride);
    }
  }

  void multiply(const runtime::NarrowKernels& kernels, const Spikes& spikes) {
    runtime::SpikeMap map{
        window,       shape.pool > 1 ? pools.view() : runtime::TapView{}, spikes.view(),
        shape.inputs, static_cast<std::uint8_t>(shape.pool * shape.pool), nullptr};
    bytes.resize(static_cast<std::size_t>(map.size()));
    windows.resize(static_cast<std::size_t>(map.windows_size()));
    map.bytes = bytes.data();
    kernels.write_spike_map(map);
    kernels.dense_spikes({map, weights.data(), excess.data(), stride, 32767, windows.data()}, 0,
                         window.destination_width, false, sums.data(), fits.data());
  }

  Shape shape;
  std::int64_t stride, source;
  runtime::StripWindow window{};
  runtime::Connectivity pools;
  AlignedVector<runtime::BiasedByte> rows;
  AlignedVector<std::int8_t> weights;
  AlignedVector<std::int32_t> excess;
  AlignedVector<std::int16_t> sums;
  AlignedVector<std::uint8_t> fits, bytes, windows;
  AlignedVector<std::uint32_t> positive, negative;
  AlignedVector<runtime::Strip::Column> columns;
};

struct Options {
  std::string target;
  std::vector<double> densities{0.05, 0.1, 0.2, 0.3, 0.5, 0.7};
  double seconds = 0.05;
};

void run(const Options& options) {
  const std::string_view target = runtime::resolve_target(options.target);
  const auto kernels = runtime::kernels_for<runtime::Integer>(target);
  if (kernels.narrow == nullptr || kernels.narrow->dense_spikes == nullptr) {
    throw ConfigError("target", std::string(target) + " never multiplies spikes");
  }
  std::printf("%s: microseconds, adding at each firing rate | multiplying\n", target.data());
  for (const Shape& s : kShapes) {
    Layer layer(s, kernels.lanes);
    std::printf("%3lld to %3lld channels, %lldx%lld on %2lldx%-2lld stride %lld pool %lld:",
                static_cast<long long>(s.inputs), static_cast<long long>(s.outputs),
                static_cast<long long>(s.kernel), static_cast<long long>(s.kernel),
                static_cast<long long>(s.size), static_cast<long long>(s.size),
                static_cast<long long>(s.stride), static_cast<long long>(s.pool));
    double multiplying = 1e9;
    for (const double density : options.densities) {
      std::mt19937 generator(1);
      std::vector<Spikes> maps;  // several, so that no branch is learned by heart
      for (int i = 0; i < 8; ++i) {
        maps.emplace_back(layer.source * layer.source, s.inputs, density, generator);
      }
      std::size_t turn = 0;
      const double adding = microseconds(
          options.seconds, [&] { layer.add(*kernels.narrow, maps[turn++ % maps.size()]); });
      multiplying = std::min(multiplying, microseconds(options.seconds, [&] {
                               layer.multiply(*kernels.narrow, maps[turn++ % maps.size()]);
                             }));
      std::printf(" %7.2f", adding);
      std::fflush(stdout);
    }
    std::printf(" | %7.2f\n", multiplying);
  }
}

}  // namespace
}  // namespace trispike::bench

int main(int argc, char** argv) {
  trispike::bench::Options options;
  CLI::App app("Times adding and multiplying the spikes of single layers");
  app.add_option("--target", options.target, "One of those of trispike cpu");
  app.add_option("--densities", options.densities, "Shares of neurons that fire");
  app.add_option("--seconds", options.seconds, "How long each is measured");
  CLI11_PARSE(app, argc, argv);
  try {
    trispike::bench::run(options);
  } catch (const trispike::Error& error) {
    std::cerr << "trispike_layer_costs: error: " << error.what() << "\n";
    return 1;
  }
}
