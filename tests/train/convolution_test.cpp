// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Every method of a convolution against LibTorch's in float64, element by element. The bounds
// follow from the sums: n terms in float32 lose at most n units in the last place of the sum of
// their magnitudes; what is stored as bfloat16 loses 2^-8 of it once more.
#include "src/convolution.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "kernels/spike_events.h"
#include "kernels/tile_gradient.h"
#include "src/packed_spikes.h"

namespace trispike::train {
namespace {

using at::Tensor;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;
constexpr ConvolutionMethods kAllPatches{ConvolutionMethod::kPatches, ConvolutionMethod::kPatches,
                                         ConvolutionMethod::kPatches};
constexpr ConvolutionMethods kTiles{ConvolutionMethod::kDirect, ConvolutionMethod::kDirect,
                                    ConvolutionMethod::kTiles};
constexpr ConvolutionMethods kEvents{ConvolutionMethod::kEvents, ConvolutionMethod::kDirect,
                                     ConvolutionMethod::kEvents};

Tensor random(at::IntArrayRef shape, std::uint64_t seed, at::ScalarType type) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::randn(shape, generator, at::kDouble).to(type).contiguous(kChannelsLast);
}

/// -0.5, 0 and 0.5.
Tensor spikes(at::IntArrayRef shape, double rate, at::ScalarType type) {
  at::Generator generator = at::detail::createCPUGenerator(7);
  const Tensor sign = at::randint(0, 2, shape, generator, at::kDouble) - 0.5;
  return (sign * at::rand(shape, generator, at::kDouble).lt(rate))
      .to(type)
      .contiguous(kChannelsLast);
}

struct Result {
  Tensor y, grad_x, grad_w;
};

Result run(const model::ConvLayer& conv, const ConvolutionMethods& methods, const Tensor& x,
           const Tensor& w, const Tensor& gradient, bool packed) {
  const Tensor input = x.clone().requires_grad_(), weight = w.clone().requires_grad_();
  const auto kept = packed ? std::make_shared<const PackedSpikes>(x) : nullptr;
  const Tensor y = convolution(input, weight, conv, methods, kept);
  y.backward(gradient);
  return {y.detach(), input.grad(), weight.grad()};
}

/// What `run` should give, in float64, of operands rounded as there.
Result expected(const model::ConvLayer& conv, const Tensor& x, const Tensor& w,
                const Tensor& gradient) {
  const Tensor input = x.to(at::kDouble).clone().requires_grad_();
  const Tensor weight = w.to(x.scalar_type()).to(at::kDouble).clone().requires_grad_();
  const Tensor y = at::conv2d(input, weight, {}, conv.stride, conv.padding);
  y.backward(gradient.to(at::kDouble));
  return {y.detach(), input.grad(), weight.grad()};
}

void expect_within(const Tensor& value, const Tensor& wanted, const Tensor& magnitude,
                   double factor, const char* what) {
  ASSERT_EQ(value.sizes(), wanted.sizes()) << what;
  const Tensor excess = (value.to(at::kDouble) - wanted).abs() - magnitude * factor;
  EXPECT_LE(excess.max().item<double>(), 0.0) << what;
}

/// `terms`: of the longest sum of each result.
void compare(const model::ConvLayer& conv, const ConvolutionMethods& methods, const Tensor& x,
             const Tensor& w, bool packed) {
  const std::int64_t side = (x.size(2) + 2 * conv.padding - conv.kernel) / conv.stride + 1;
  const Tensor gradient = random({x.size(0), conv.out_channels, side, side}, 3, x.scalar_type());
  const Result found = run(conv, methods, x, w, gradient, packed);
  const Result wanted = expected(conv, x, w, gradient);
  const Result size = expected(conv, x.abs(), w.abs(), gradient.abs());
  const bool half = x.scalar_type() == at::kBFloat16;
  const double unit = x.scalar_type() == at::kDouble ? 0x1p-53 : 0x1p-24;
  const double taps = static_cast<double>(conv.kernel * conv.kernel);
  const auto bound = [&](double terms) { return terms * unit + (half ? 0x1p-7 : 0.0); };
  expect_within(found.y, wanted.y, size.y, bound(taps * static_cast<double>(conv.in_channels)),
                "forward");
  expect_within(found.grad_x, wanted.grad_x, size.grad_x,
                bound(taps * static_cast<double>(conv.out_channels)), "gradient of the input");
  expect_within(found.grad_w, wanted.grad_w, size.grad_w,
                bound(static_cast<double>(gradient.numel() / conv.out_channels)),
                "gradient of the weights");
  EXPECT_EQ(found.grad_w.scalar_type(), w.scalar_type());
  EXPECT_EQ(found.grad_w.strides(), w.strides()) << "the update would copy it";
}

TEST(Convolution, ByPatches) {
  for (const at::ScalarType maps : {at::kDouble, at::kFloat, at::kBFloat16}) {
    SCOPED_TRACE(at::toString(maps));
    for (const auto& [kernel, stride, padding, side] :
         std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t>>{
             {3, 1, 1, 4},
             {3, 2, 1, 8},
             {3, 2, 1, 7},
             {5, 1, 2, 4},
             {3, 1, 0, 5},
             {2, 2, 0, 6},
             {5, 1, 2, 1},
             {7, 2, 3, 5}}) {
      SCOPED_TRACE(testing::Message() << kernel << " " << stride << " " << padding << " " << side);
      const model::ConvLayer conv{.in_channels = 19,
                                  .out_channels = 7,
                                  .kernel = kernel,
                                  .stride = stride,
                                  .padding = padding};
      const Tensor w = random({7, 19, kernel, kernel}, 2, maps == at::kDouble ? maps : at::kFloat);
      compare(conv, kAllPatches, random({3, 19, side, side}, 1, maps), w, false);
      compare(conv, kAllPatches, spikes({3, 19, side, side}, 0.3, maps), w, true);
    }
  }
}

TEST(Convolution, WeightGradientInTiles) {
  if (!kernels::has_tile_gradient({1, 8, 8, 32, 32})) {
    // A processor without them.
    const model::ConvLayer conv{
        .in_channels = 64, .out_channels = 64, .kernel = 3, .stride = 1, .padding = 1};
    const Tensor x = spikes({3, 64, 16, 16}, 0.3, at::kBFloat16);
    EXPECT_NE(methods_for(conv, x, 0.3).weight_gradient, ConvolutionMethod::kTiles);
    return;
  }
  for (const std::int64_t side : {8, 16, 32}) {
    SCOPED_TRACE(side);
    const model::ConvLayer conv{
        .in_channels = 32, .out_channels = 64, .kernel = 3, .stride = 1, .padding = 1};
    const Tensor w = random({64, 32, 3, 3}, 2, at::kFloat);
    compare(conv, kTiles, random({3, 32, side, side}, 1, at::kBFloat16), w, false);
    compare(conv, kTiles, spikes({3, 32, side, side}, 0.3, at::kBFloat16), w, true);
  }
  // Rows that neither fill a tile nor divide it, channels that do not fill one.
  EXPECT_FALSE(kernels::has_tile_gradient({1, 12, 12, 32, 32}));
  EXPECT_FALSE(kernels::has_tile_gradient({1, 3, 8, 32, 32}));
  EXPECT_FALSE(kernels::has_tile_gradient({1, 8, 8, 48, 32}));
}

TEST(Convolution, ByEvents) {
  for (const auto& [inputs, outputs, side] :
       std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>>{
           {64, 64, 8}, {16, 96, 7}, {80, 16, 5}, {128, 48, 4}, {32, 32, 33}}) {
    for (const double rate : {0.0, 0.1, 1.0}) {
      SCOPED_TRACE(testing::Message() << inputs << " " << outputs << " " << side << " " << rate);
      const model::ConvLayer conv{
          .in_channels = inputs, .out_channels = outputs, .kernel = 3, .stride = 1, .padding = 1};
      compare(conv, kEvents, spikes({3, inputs, side, side}, rate, at::kFloat),
              random({outputs, inputs, 3, 3}, 2, at::kFloat), true);
    }
  }
}

TEST(Convolution, EventsOfAllTargetsAreNear) {
  const kernels::EventShape shape{3, 6, 5, 64, 48};
  const std::int64_t positions = 3 * 6 * 5, count = 9 * 64 * 48;
  const PackedSpikes packed(spikes({3, 64, 6, 5}, 0.2, at::kFloat));
  const Tensor weight = random({count, 1, 1, 1}, 1, at::kFloat),
               gradient = random({positions * 48, 1, 1, 1}, 2, at::kFloat);
  Tensor first_out, first_sums;
  for (const kernels::NeuronLayerTarget& target : kernels::neuron_layer_targets()) {
    if (!target.supported()) continue;
    SCOPED_TRACE(target.name);
    const Tensor out = at::empty({positions * 48}), sums = at::empty({count}),
                 parts = at::empty({kernels::event_parts(shape) * count}),
                 space = at::empty({2 * kernels::event_workspace(shape)}, at::kInt);
    auto* workspace = static_cast<std::uint32_t*>(space.data_ptr());
    target.events->forward(shape, packed.bits(), 0.5f, weight.data_ptr<float>(),
                           out.data_ptr<float>(), workspace, 2);
    target.events->weight_gradient(shape, packed.bits(), 0.5f, gradient.data_ptr<float>(),
                                   sums.data_ptr<float>(), parts.data_ptr<float>(), workspace, 2);
    if (!first_out.defined()) first_out = out, first_sums = sums;
    EXPECT_TRUE(out.allclose(first_out, 1e-4, 1e-5));
    EXPECT_TRUE(sums.allclose(first_sums, 1e-4, 1e-5));
  }
}

TEST(Convolution, SumsDoNotDependOnThreads) {
  const int before = at::get_num_threads();
  const model::ConvLayer conv{
      .in_channels = 64, .out_channels = 64, .kernel = 3, .stride = 1, .padding = 1};
  const Tensor w = random({64, 64, 3, 3}, 2, at::kFloat);
  for (const at::ScalarType maps : {at::kFloat, at::kBFloat16}) {
    const bool tiles = maps == at::kBFloat16;
    if (tiles && !kernels::has_tile_gradient({1, 8, 8, 64, 64})) continue;
    const Tensor x = spikes({9, 64, 8, 8}, 0.2, maps), gradient = random({9, 64, 8, 8}, 3, maps);
    at::set_num_threads(1);
    const Result one = run(conv, tiles ? kTiles : kEvents, x, w, gradient, true);
    at::set_num_threads(3);
    const Result three = run(conv, tiles ? kTiles : kEvents, x, w, gradient, true);
    EXPECT_TRUE(one.grad_w.equal(three.grad_w)) << at::toString(maps);
    EXPECT_TRUE(tiles || one.y.equal(three.y));
  }
  at::set_num_threads(before);
}

TEST(Convolution, IsDoneByWhatIsFastestForItsShape) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  model::ConvLayer conv{
      .in_channels = 64, .out_channels = 64, .kernel = 3, .stride = 1, .padding = 1};
  const auto methods = [&](std::int64_t side, at::ScalarType maps, double rate) {
    return methods_for(conv, at::empty({2, conv.in_channels, side, side}, maps), rate);
  };
  EXPECT_EQ(methods(16, at::kFloat, 1.0), ConvolutionMethods{});
  EXPECT_EQ(methods(16, at::kFloat, 0.1), kEvents);
  EXPECT_EQ(methods(16, at::kFloat, 0.2).forward, ConvolutionMethod::kDirect);
  EXPECT_EQ(methods(16, at::kFloat, 0.2).weight_gradient, ConvolutionMethod::kEvents);
  EXPECT_EQ(methods(16, at::kDouble, 0.1), ConvolutionMethods{});
  EXPECT_EQ(methods(4, at::kBFloat16, 0.1), kAllPatches);
  EXPECT_EQ(methods(4, at::kFloat, 1.0), ConvolutionMethods{});
  const bool tiles = kernels::has_tile_gradient({2, 16, 16, 64, 64});
  EXPECT_EQ(methods(16, at::kBFloat16, 0.1), tiles ? kTiles : ConvolutionMethods{});
  // Two samples are two parts: a third thread would have nothing to do.
  at::set_num_threads(3);
  EXPECT_EQ(methods(16, at::kFloat, 0.1).forward, ConvolutionMethod::kEvents);
  EXPECT_EQ(methods(16, at::kFloat, 0.1).weight_gradient, ConvolutionMethod::kDirect);
  EXPECT_EQ(methods(16, at::kBFloat16, 0.1), ConvolutionMethods{});
  at::set_num_threads(2);
  conv.stride = 2;
  EXPECT_EQ(methods(16, at::kBFloat16, 1.0), kAllPatches);
  EXPECT_EQ(methods(32, at::kBFloat16, 1.0), ConvolutionMethods{});
  EXPECT_EQ(methods(4, at::kFloat, 1.0), kAllPatches);
  EXPECT_EQ(methods(8, at::kFloat, 1.0), ConvolutionMethods{});
  conv = {.in_channels = 32, .out_channels = 64, .kernel = 3, .stride = 1, .padding = 1};
  EXPECT_EQ(methods(16, at::kFloat, 0.1), ConvolutionMethods{});
  at::set_num_threads(before);
}

}  // namespace
}  // namespace trispike::train
