// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spikes that backward keeps in two bits each: the same numbers come back, and the same gradients.
#include "src/packed_spikes.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "kernels/spikes.h"
#include "src/network.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using at::Tensor;

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

Tensor spikes_of(at::IntArrayRef shape, double magnitude, at::ScalarType type) {
  at::Generator generator = at::detail::createCPUGenerator(5);
  return (at::randint(-1, 2, shape, generator, at::kDouble) * magnitude)
      .to(type)
      .contiguous(kChannelsLast);
}

TEST(PackedSpikes, LieWhereTheFormatSays) {
  std::vector<float> map(257, 0.0f);
  map[0] = 0.5f, map[64] = -0.5f, map[128] = 0.5f, map[192] = -0.5f;  // byte 0: 1, 2, 1, 2
  map[1] = -0.5f;                                                     // byte 1: 2, 0, 0, 0
  map[256] = 0.5f;                                                    // the next block's byte 0
  for (const kernels::NeuronLayerTarget& target : kernels::neuron_layer_targets()) {
    if (!target.supported()) continue;
    SCOPED_TRACE(target.name);
    ASSERT_EQ(kernels::packed_spike_bytes(257), 128);
    std::vector<std::uint8_t> packed(128, 0xff);
    EXPECT_EQ(target.spikes->f32.pack(257, map.data(), packed.data(), 1), 0.5f);
    EXPECT_EQ(packed[0], 1 + (2 << 2) + (1 << 4) + (2 << 6));
    EXPECT_EQ(packed[1], 2);
    EXPECT_EQ(packed[2], 0);
    EXPECT_EQ(packed[64], 1);
    EXPECT_EQ(packed[127], 0);
    std::vector<float> again(257, 9.0f);
    target.spikes->f32.unpack(257, packed.data(), 0.5f, again.data(), 1);
    EXPECT_EQ(again, map);
  }
}

TEST(PackedSpikes, ComeBackAsTheyWere) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kBFloat16}) {
    for (const double magnitude : {1.0, -0.7301, 0.0}) {
      for (const std::int64_t channels : {1, 51, 64}) {
        const Tensor map = spikes_of({3, channels, 5, 7}, magnitude, type);
        const Tensor again = PackedSpikes(map).unpack();
        EXPECT_TRUE(again.is_contiguous(kChannelsLast));
        EXPECT_EQ(again.scalar_type(), type);
        EXPECT_TRUE(again.equal(map)) << at::toString(type) << " " << magnitude << " " << channels;
      }
    }
  }
}

TEST(PackedSpikes, StandForTheInputOfAConvolution) {
  Tensor map = spikes_of({2, 8, 6, 6}, 0.5, at::kFloat).requires_grad_();
  Tensor weight = at::ones({4, 8, 3, 3}).requires_grad_();
  at::conv2d(map, weight, {}, 1, 1).sum().backward();
  const Tensor expected = weight.grad(), expected_map = map.grad();
  weight.mutable_grad() = map.mutable_grad() = Tensor();

  const Tensor made = map * 1.0;  // as of a layer: nobody else holds it
  const auto held = made.use_count();
  const Tensor out = at::conv2d(made, weight, {}, 1, 1);
  EXPECT_GT(made.use_count(), held);
  keep_packed(out, std::make_shared<const PackedSpikes>(made.detach()));
  EXPECT_EQ(made.use_count(), held) << "the convolution still keeps the map";
  out.sum().backward();
  EXPECT_TRUE(weight.grad().equal(expected));
  EXPECT_TRUE(map.grad().equal(expected_map));
}

/// Gradients of all parameters, by name.
std::map<std::string, Tensor> gradients(const char* name, model::NeuronKind neuron,
                                        const ForwardOptions& options, at::ScalarType type) {
  model::NetworkOptions shape;
  shape.time_steps = 3;
  shape.width = 8;
  shape.input = {3, 16, 16};
  shape.num_classes = 10;
  shape.neuron = model::neuron_preset("official_code", neuron);
  Network network(model::build_network(name, shape), 7, type);
  at::Generator generator = at::detail::createCPUGenerator(3);
  const Tensor images = at::randn({4, 3, 16, 16}, generator, at::kDouble);
  at::cross_entropy_loss(network.forward(images, options).logits, at::arange(4, at::kLong))
      .backward();
  std::map<std::string, Tensor> all;
  for (const Parameter& parameter : network.parameters()) {
    all[parameter.name] = parameter.tensor.grad().clone();
  }
  return all;
}

TEST(PackedSpikes, GiveTheSameGradientsOfNetworks) {
  struct Case {
    const char* network;
    model::NeuronKind neuron;
    at::ScalarType type;
    bool bfloat16;
  };
  for (const Case& c : {Case{"resnet20", model::NeuronKind::kTrainableTernary, at::kFloat, false},
                        Case{"resnet20", model::NeuronKind::kTrainableTernary, at::kFloat, true},
                        Case{"resnet20", model::NeuronKind::kBinary, at::kDouble, false},
                        Case{"resnet19", model::NeuronKind::kTernary, at::kFloat, false}}) {
    ForwardOptions options;
    options.training = true;
    if (c.bfloat16) options.maps = at::kBFloat16;
    options.pack_spikes = false;
    const auto expected = gradients(c.network, c.neuron, options, c.type);
    options.pack_spikes = true;
    const auto packed = gradients(c.network, c.neuron, options, c.type);
    for (const auto& [parameter, gradient] : expected) {
      EXPECT_TRUE(packed.at(parameter).equal(gradient)) << c.network << " " << parameter;
    }
  }
}

}  // namespace
}  // namespace trispike::train
