// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Layers with kernels of their own against LibTorch's: convolutions that every window covers, pools
// of whole windows, the update of SGD; and the memory they live in.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>
#include <vector>

#include "kernels/pool.h"
#include "kernels/weights.h"
#include "src/average_pool.h"
#include "src/map_allocator.h"
#include "src/network.h"
#include "src/optimizer.h"
#include "src/window_product.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using at::Tensor;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

Tensor random(at::IntArrayRef shape, std::uint64_t seed, at::ScalarType type = at::kDouble) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::randn(shape, generator, at::kDouble).to(type).contiguous(kChannelsLast);
}

double difference(const Tensor& value, const Tensor& expected) {
  return (value.to(at::kDouble) - expected).norm().item<double>() / expected.norm().item<double>();
}

struct Window {
  std::int64_t kernel, padding, side;
};

class WindowProductTest : public ::testing::TestWithParam<Window> {};

TEST_P(WindowProductTest, IsTheConvolution) {
  const auto [kernel, padding, side] = GetParam();
  const model::ConvLayer conv{
      .in_channels = 5, .out_channels = 7, .kernel = kernel, .stride = 1, .padding = padding};
  for (const auto& [maps, weights, tolerance] :
       {std::tuple{at::kDouble, at::kDouble, 1e-14}, std::tuple{at::kFloat, at::kFloat, 1e-6},
        std::tuple{at::kBFloat16, at::kFloat, 1e-2}}) {
    SCOPED_TRACE(at::toString(maps));
    Tensor x = random({40, 5, side, side}, 1, maps).requires_grad_();
    Tensor w = random({7, 5, kernel, kernel}, 2, weights).requires_grad_();
    ASSERT_TRUE(has_window_product(conv, x));
    const Tensor gradient = random({40, 7, side, side}, 3, maps);
    const Tensor y = window_product(x, w, conv);
    y.backward(gradient);
    Tensor x64 = x.detach().to(at::kDouble).requires_grad_();
    Tensor w64 = w.detach().to(maps).to(at::kDouble).requires_grad_();
    const Tensor expected = at::conv2d(x64, w64, {}, 1, padding);
    expected.backward(gradient.to(at::kDouble));
    EXPECT_LE(difference(y.detach(), expected.detach()), tolerance);
    EXPECT_LE(difference(x.grad(), x64.grad()), tolerance);
    EXPECT_LE(difference(w.grad(), w64.grad()), tolerance);
    EXPECT_EQ(w.grad().scalar_type(), weights);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, WindowProductTest,
                         ::testing::Values(Window{3, 1, 2}, Window{3, 1, 1}, Window{5, 2, 3}));

TEST(WindowProduct, LeavesOtherConvolutionsAlone) {
  const model::ConvLayer conv{
      .in_channels = 5, .out_channels = 7, .kernel = 3, .stride = 1, .padding = 1};
  EXPECT_FALSE(has_window_product(conv, random({40, 5, 4, 4}, 1)));
  EXPECT_FALSE(has_window_product(conv, random({2, 5, 2, 2}, 1)));  // not worth it
  // The output has another side than the input.
  for (const auto [kernel, padding, side] : {std::array{2, 1, 1}, {4, 1, 2}, {4, 2, 2}}) {
    model::ConvLayer other = conv;
    other.kernel = kernel;
    other.padding = padding;
    EXPECT_FALSE(has_window_product(other, random({40, 5, side, side}, 1)));
  }
  model::ConvLayer strided = conv;
  strided.stride = 2;
  EXPECT_FALSE(has_window_product(strided, random({40, 5, 2, 2}, 1)));
}

TEST(AveragePool, IsLibTorchs) {
  for (const std::int64_t window : {2, 3}) {
    for (const auto& [type, tolerance] :
         {std::pair{at::kDouble, 1e-15}, std::pair{at::kFloat, 1e-7},
          std::pair{at::kBFloat16, 4e-3}}) {
      Tensor x = random({3, 17, 6, 12}, 1, type).requires_grad_();
      const model::AvgPoolLayer pool{.kernel = window, .stride = window};
      const Tensor y = average_pool(x, pool);
      const Tensor gradient = random(y.sizes(), 2, type);
      y.backward(gradient);
      Tensor x64 = x.detach().to(at::kDouble).requires_grad_();
      const Tensor expected = at::avg_pool2d(x64, {window, window});
      expected.backward(gradient.to(at::kDouble));
      EXPECT_LE(difference(y.detach(), expected.detach()), tolerance);
      EXPECT_LE(difference(x.grad(), x64.grad()), tolerance);
    }
  }
}

TEST(AveragePool, OfOtherWindowsToo) {
  const Tensor x = random({2, 3, 5, 5}, 1);
  const model::AvgPoolLayer pool{.kernel = 2, .stride = 2, .ceil_mode = true};
  EXPECT_EQ(average_pool(x, pool).sizes(), at::IntArrayRef({2, 3, 3, 3}));
}

/// The update as its definition says, in float64.
TEST(Sgd, OfAllTargetsFollowsItsDefinition) {
  constexpr std::int64_t kCount = 40000;  // several pieces, and a rest
  const Tensor p = random({kCount, 1, 1, 1}, 1, at::kFloat),
               m = random({kCount, 1, 1, 1}, 2, at::kFloat),
               g = random({kCount, 1, 1, 1}, 3, at::kFloat);
  for (const bool nesterov : {false, true}) {
    const kernels::SgdConstants c{0.1f, 0.9f, 1e-2f, nesterov};
    const double momentum = c.momentum;
    const Tensor decayed = g.to(at::kDouble) + double{c.weight_decay} * p.to(at::kDouble);
    const Tensor new_m = momentum * m.to(at::kDouble) + decayed;
    const Tensor step = nesterov ? decayed + momentum * new_m : new_m;
    const Tensor new_p = p.to(at::kDouble) - double{c.learning_rate} * step;
    Tensor first;
    for (const auto& target : kernels::neuron_layer_targets()) {
      if (!target.supported()) continue;
      SCOPED_TRACE(target.name);
      const Tensor own_p = p.clone(), own_m = m.clone();
      target.weights->sgd(own_p.data_ptr<float>(), own_m.data_ptr<float>(), g.data_ptr<float>(),
                          kCount, c, 2);
      EXPECT_LE(difference(own_p, new_p), 1e-7);
      EXPECT_LE(difference(own_m, new_m), 1e-7);
      if (!first.defined()) first = own_p;
      EXPECT_TRUE(own_p.equal(first)) << "targets differ";
    }
  }
}

TEST(Pools, OfAllTargetsAreTheSame) {
  const Tensor x = random({2, 19, 4, 6}, 1, at::kFloat);
  Tensor first;
  for (const auto& target : kernels::neuron_layer_targets()) {
    if (!target.supported()) continue;
    const Tensor out = at::empty({2, 2, 3, 19}, at::kFloat);
    target.pools->f32.forward({2, 4, 6, 19, 2}, x.data_ptr<float>(), out.data_ptr<float>(), 1);
    if (!first.defined()) first = out;
    EXPECT_TRUE(out.equal(first)) << target.name;
  }
}

TEST(Threshold, ItsGradientIsASumOverNeuronsByTheRootOfTheirNumber) {
  model::NetworkSpec spec{"four_neurons", 1, {}};
  model::NeuronSpec neuron;
  neuron.trainable_threshold = true;
  spec.layers = {{"input", {}, model::InputLayer{{1, 2, 2}, model::InputKind::kStatic}},
                 {"conv",
                  {0},
                  model::ConvLayer{.in_channels = 1, .out_channels = 1, .kernel = 1, .padding = 0}},
                 {"neuron", {1}, model::NeuronLayer{neuron}},
                 {"mean", {2}, model::GlobalAvgPoolLayer{}},
                 {"head", {3}, model::LinearLayer{.in_features = 1, .out_features = 2}}};
  for (const bool fused : {false, true}) {
    Network network(spec, 1, at::kDouble);
    {
      c10::NoGradGuard no_grad;
      Tensor weight = network.tensor(1, "weight");
      weight.fill_(1.0);
    }
    ForwardOptions options;
    options.training = true;
    options.fused = fused;
    options.record_spikes = true;
    const Tensor image = at::tensor({.6, .4, -.6, 2.0}, at::kDouble).view({1, 1, 2, 2});
    network.forward(image, options).spikes[0].sum().backward();
    // Straight through, window 1: -1 for .6 and .4, 1 for -.6, 0 for 2.
    EXPECT_DOUBLE_EQ(network.tensor(2, "threshold").grad().item<double>(), -1.0 / 2.0);
  }
}

TEST(Optimizer, ThresholdsStayAboveASixteenthOfTheirStart) {
  model::NetworkOptions options;
  options.width = 2;
  options.input = {1, 8, 8};
  options.neuron.threshold = 0.8;
  options.neuron.trainable_threshold = true;
  for (const Optimizer kind : {Optimizer::kSgd, Optimizer::kAdamW}) {
    Network network(model::build_network("resnet8", options), 1);
    TrainSection settings;
    settings.optimizer = kind;
    OptimizerState optimizer(settings, network.parameters());
    optimizer.begin(1.0, 0);  // AdamW's first step is as long as the learning rate
    int thresholds = 0;
    for (std::size_t i = 0; i < optimizer.size(); ++i) {
      Parameter& parameter = optimizer.parameters()[i];
      if (!parameter.name.ends_with(".threshold")) {
        EXPECT_FALSE(parameter.lowest.has_value()) << parameter.name;
        continue;
      }
      EXPECT_FALSE(parameter.decays);
      EXPECT_EQ(parameter.tensor.item<float>(), 0.8f);
      parameter.tensor.mutable_grad() = at::full({1}, 100.0);
      optimizer.update(i);
      EXPECT_EQ(parameter.tensor.item<float>(), 0.05f);
      ++thresholds;
    }
    EXPECT_GT(thresholds, 5);
  }
}

TEST(MapAllocator, KeepsWhatIsInUseAndJoinsWhatIsNot) {
  use_map_allocator();
  constexpr std::int64_t kMebi = 1 << 20;
  const auto map = [](std::int64_t bytes, int value) {
    return at::full({bytes}, value, at::kByte);
  };
  Tensor a = map(kMebi, 1), b = map(2 * kMebi, 2), c = map(kMebi, 3);
  const void* const start = a.data_ptr();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(start) % 64, 0u);
  a = Tensor();
  b = Tensor();
  const Tensor d = map(3 * kMebi, 4);  // fits where both were
  EXPECT_EQ(d.data_ptr(), start);
  EXPECT_TRUE(c.eq(3).all().item<bool>());
  EXPECT_TRUE(d.eq(4).all().item<bool>());

  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&map, t] {
      for (int i = 1; i < 100; ++i) {
        const Tensor mine = map(kMebi / 4 * (1 + (i * 7 + t) % 9), t);
        ASSERT_TRUE(mine.eq(t).all().item<bool>());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

#if defined(__linux__)
TEST(MapAllocator, GivesFreeMemoryBackBeforeItTakesMore) {
  use_map_allocator();
  const auto resident_mebibytes = [] {
    std::ifstream file("/proc/self/statm");
    std::int64_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * sysconf(_SC_PAGESIZE) >> 20;
  };
  constexpr std::int64_t kMebi = 1 << 20;
  const auto map = [](std::int64_t bytes) { return at::full({bytes}, 1, at::kByte); };
  const std::int64_t before = resident_mebibytes();
  std::vector<Tensor> large, between;
  for (int i = 0; i < 8; ++i) {
    large.push_back(map(48 * kMebi));
    between.push_back(map(kMebi));  // keeps its neighbours from being joined
  }
  const std::int64_t full = resident_mebibytes();
  EXPECT_GT(full - before, 300);
  large.clear();
  const Tensor larger = map(200 * kMebi);  // fits nowhere
  // As much went back as came, but for parts of huge pages at the ends of pieces.
  EXPECT_LE(resident_mebibytes() - full, 8 * 4);
  EXPECT_TRUE(between[3].eq(1).all().item<bool>());
}
#endif

}  // namespace
}  // namespace trispike::train
