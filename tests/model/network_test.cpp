// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Shape inference and what it refuses.
#include "trispike/model/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "trispike/model/error.h"

namespace trispike::model {
namespace {

using ::testing::HasSubstr;

// One layer of each type but scale.
NetworkSpec example() {
  NetworkSpec network{"example", 2, {}};
  network.layers = {
      {"input", {}, InputLayer{{2, 7, 5}, InputKind::kStatic}},
      {"conv", {0}, ConvLayer{2, 4, 3, 2, 1, false}},
      {"norm", {1}, BatchNormLayer{.channels = 4}},
      {"neuron", {2}, NeuronLayer{}},
      {"conv2", {3}, ConvLayer{4, 4, 3, 1, 1, true}},
      {"add", {4, 3}, AddLayer{}},
      {"neuron2", {5}, NeuronLayer{{.kind = NeuronKind::kTrainableTernary, .surrogate = {}}}},
      {"pool", {6}, AvgPoolLayer{.kernel = 2, .stride = 2, .ceil_mode = true}},
      {"global", {7}, GlobalAvgPoolLayer{}},
      {"head", {8}, LinearLayer{4, 3, true}},
  };
  return network;
}

template <class Params>
Params& layer(NetworkSpec& network, std::string_view name) {
  return std::get<Params>(network.layers.at(static_cast<std::size_t>(network.find(name))).params);
}

TEST(Infer, ShapesTensorsAndCounts) {
  const NetworkSpec network = example();
  const std::vector<LayerInfo> infos = infer(network);
  ASSERT_EQ(infos.size(), network.layers.size());
  EXPECT_EQ(infos[1].shape, (MapShape{4, 4, 3}));
  EXPECT_EQ(infos[1].parameters, 4 * 2 * 9);
  EXPECT_EQ(infos[1].dense_macs, 4 * 3 * 4 * 2 * 9);
  EXPECT_EQ(infos[2].parameters, 8);
  ASSERT_EQ(infos[2].tensors.size(), 4u);
  EXPECT_EQ(infos[2].tensors[0].name, "norm.weight");
  EXPECT_EQ(infos[2].tensors[1].name, "norm.bias");
  EXPECT_EQ(infos[2].tensors[2].name, "norm.running_mean");
  EXPECT_FALSE(infos[2].tensors[2].trainable);
  EXPECT_EQ(infos[2].tensors[3].name, "norm.running_var");
  EXPECT_TRUE(infos[3].tensors.empty());
  EXPECT_EQ(infos[4].parameters, 4 * 4 * 9 + 4);
  ASSERT_EQ(infos[6].tensors.size(), 1u);
  EXPECT_EQ(infos[6].tensors[0].name, "neuron2.amplitude");
  EXPECT_EQ(infos[6].tensors[0].shape, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(infos[6].parameters, 0);
  EXPECT_EQ(infos[6].amplitudes, 1);
  EXPECT_EQ(infos[7].shape, (MapShape{4, 2, 2}));
  EXPECT_EQ(infos[9].shape, (MapShape{3, 1, 1}));
  EXPECT_EQ(infos[9].parameters, 15);
  EXPECT_EQ(infos[9].dense_macs, 12);
  EXPECT_EQ(network.num_classes(), 3);
  EXPECT_EQ(network.find("nothing"), -1);
}

TEST(Infer, LinearReadsAMapAsOneVector) {
  NetworkSpec network = example();
  network.layers.erase(network.layers.begin() + 8);
  network.layers.back() = {"head", {7}, LinearLayer{4 * 2 * 2, 3, false}};
  EXPECT_EQ(infer(network).back().parameters, 48);
}

// Sizes that PyTorch's AvgPool2d gives.
TEST(Infer, PoolSizes) {
  struct Case {
    std::int64_t size, kernel, stride, padding;
    bool ceil_mode;
    std::int64_t expected;
  };
  for (const Case& c :
       {Case{5, 2, 2, 0, false, 2}, Case{5, 2, 2, 0, true, 3}, Case{1, 2, 2, 0, true, 1},
        Case{6, 3, 2, 1, false, 3}, Case{6, 3, 2, 1, true, 4}, Case{5, 3, 2, 1, true, 3},
        Case{4, 2, 3, 0, true, 2}, Case{4, 2, 4, 0, true, 1}, Case{7, 3, 3, 0, true, 3},
        Case{1, 3, 2, 1, false, 1}}) {
    NetworkSpec network{"pool", 1, {}};
    network.layers = {
        {"input", {}, InputLayer{{1, c.size, c.size}, InputKind::kStatic}},
        {"pool", {0}, AvgPoolLayer{c.kernel, c.stride, c.padding, c.ceil_mode, false}},
        {"head", {1}, LinearLayer{c.expected * c.expected, 1, false}},
    };
    EXPECT_NO_THROW(infer(network)) << c.size << " " << c.kernel << " " << c.stride;
  }
}

struct Fault {
  std::string expected;  // part of the message
  std::function<void(NetworkSpec&)> make;
};

std::string message_of(const NetworkSpec& network) {
  try {
    infer(network);
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

void expect_refused(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    NetworkSpec network = example();
    fault.make(network);
    EXPECT_THAT(message_of(network), HasSubstr(fault.expected));
  }
}

TEST(InferErrors, Graph) {
  expect_refused({
      {"layer 'network': it has 0 layers", [](auto& n) { n.layers.clear(); }},
      {"layer 'network': time_steps is 0", [](auto& n) { n.time_steps = 0; }},
      {"layer 'network': time_steps is 1025", [](auto& n) { n.time_steps = 1025; }},
      {"layer 'network': it has 10001 layers", [](auto& n) { n.layers.resize(10001); }},
      {"layer 'input': the first layer must be the input, not conv",
       [](auto& n) { n.layers[0].params = ConvLayer{}; }},
      {"layer 'norm': only the first layer may be an input",
       [](auto& n) {
         n.layers[2] = {"norm", {}, InputLayer{{1, 1, 1}, InputKind::kStatic}};
       }},
      {"layer 'norm': a layer of type batch_norm reads 1 inputs, not 0",
       [](auto& n) { n.layers[2].inputs.clear(); }},
      {"layer 'add': a layer of type add reads 2 inputs, not 1",
       [](auto& n) { n.layers[5].inputs = {4}; }},
      {"layer 'norm': reads layer number 2, expected an earlier one, 0 to 1",
       [](auto& n) { n.layers[2].inputs = {2}; }},
      {"layer 'norm': reads layer number -1", [](auto& n) { n.layers[2].inputs = {-1}; }},
      {"layer 'norm': reads layer number 2147483647",
       [](auto& n) { n.layers[2].inputs = {std::numeric_limits<int>::max()}; }},
      {"layer 'conv2': no later layer reads it",
       [](auto& n) {
         n.layers[5].inputs = {3, 3};
       }},
      {"layer 'conv': the name is taken", [](auto& n) { n.layers[2].name = "conv"; }},
      {"layer '2': its name 'Norm'", [](auto& n) { n.layers[2].name = "Norm"; }},
      {"layer '2': its name ''", [](auto& n) { n.layers[2].name = ""; }},
      {"layer '2': its name 'a?b'", [](auto& n) { n.layers[2].name = "a\nb"; }},
      {"layer 'add': the last layer must give one vector of logits, not a map 4x4x3",
       [](auto& n) { n.layers.resize(6); }},
  });
}

TEST(InferErrors, Shapes) {
  expect_refused({
      {"layer 'conv': is made for 3 channels, but its input has 2",
       [](auto& n) { layer<ConvLayer>(n, "conv").in_channels = 3; }},
      {"layer 'norm': is made for 5 channels, but its input has 4",
       [](auto& n) { layer<BatchNormLayer>(n, "norm").channels = 5; }},
      {"layer 'add': cannot add maps of different shapes, 4x2x2 and 4x4x3",
       [](auto& n) { layer<ConvLayer>(n, "conv2").stride = 2; }},
      {"layer 'head': in_features is 5, but its input 4x1x1 has 4 elements",
       [](auto& n) { layer<LinearLayer>(n, "head").in_features = 5; }},
      {"layer 'conv': the map 2x7x5 is too small for a 8x8 window with padding 1",
       [](auto& n) { layer<ConvLayer>(n, "conv").kernel = 8; }},
      {"layer 'pool': the map 4x4x3 is too small for a 4x4 window with padding 0",
       [](auto& n) { n.layers[7].params = AvgPoolLayer{.kernel = 4, .stride = 4}; }},
  });
}

TEST(InferErrors, ConstantsOutOfRange) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  expect_refused({
      {"layer 'conv': stride is 0", [](auto& n) { layer<ConvLayer>(n, "conv").stride = 0; }},
      {"layer 'conv': kernel is -3", [](auto& n) { layer<ConvLayer>(n, "conv").kernel = -3; }},
      {"layer 'conv': padding is 3, expected 0 <= padding < kernel 3",
       [](auto& n) { layer<ConvLayer>(n, "conv").padding = 3; }},
      {"layer 'conv': padding is -1", [](auto& n) { layer<ConvLayer>(n, "conv").padding = -1; }},
      {"layer 'conv': out_channels is 65537, expected 1 to 65536",
       [](auto& n) { layer<ConvLayer>(n, "conv").out_channels = 65537; }},
      {"layer 'input': output channels is 0",
       [](auto& n) { layer<InputLayer>(n, "input").shape.channels = 0; }},
      {"layer 'input': output height is -7",
       [](auto& n) { layer<InputLayer>(n, "input").shape.height = -7; }},
      {"layer 'pool': padding is 2, expected at least 0 and at most half the kernel 2",
       [](auto& n) { layer<AvgPoolLayer>(n, "pool").padding = 2; }},
      {"layer 'norm': eps is nan", [=](auto& n) { layer<BatchNormLayer>(n, "norm").eps = nan; }},
      {"layer 'norm': scale is inf",
       [=](auto& n) { layer<BatchNormLayer>(n, "norm").scale = infinity; }},
      {"layer 'norm': momentum is nan",
       [=](auto& n) { layer<BatchNormLayer>(n, "norm").momentum = nan; }},
      {"layer 'neuron': neuron.threshold: is nan",
       [=](auto& n) { layer<NeuronLayer>(n, "neuron").neuron.threshold = nan; }},
      {"layer 'neuron': neuron.decay: is -0.5",
       [](auto& n) { layer<NeuronLayer>(n, "neuron").neuron.decay = -.5; }},
      {"layer 'neuron': neuron kind 'relu' works with 1 time step only, not 2",
       [](auto& n) { layer<NeuronLayer>(n, "neuron").neuron.kind = NeuronKind::kRelu; }},
  });
}

TEST(InferErrors, SizesThatWouldOverflow) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  expect_refused({
      {"layer 'input': its output 65536x65536x65536 has more than 2^28 elements",
       [](auto& n) {
         layer<InputLayer>(n, "input").shape = {65536, 65536, 65536};
       }},
      {"layer 'conv': kernel is 9223372036854775807",
       [](auto& n) { layer<ConvLayer>(n, "conv").kernel = kMax; }},
      {"layer 'conv': weight [65536, 2, 65536, 65536] has more than 2^40 elements",
       [](auto& n) {
         layer<InputLayer>(n, "input").shape = {2, 1, 1};
         layer<ConvLayer>(n, "conv") = {2, 65536, 65536, 1, 65535, false};
       }},
      {"layer 'conv': it has more than 2^48 multiply-accumulates",
       [](auto& n) {
         layer<InputLayer>(n, "input").shape = {2, 8192, 8192};
         layer<ConvLayer>(n, "conv") = {2, 4, 1001, 1, 500, false};
       }},
  });
}

TEST(InferErrors, ManyLargeMapsTogether) {
  NetworkSpec network{"deep", 1, {{"input", {}, InputLayer{{1, 16384, 16384}, {}}}}};
  for (int i = 0; i < 8; ++i) {
    network.layers.push_back(
        {"pool" + std::to_string(i), {i}, AvgPoolLayer{.kernel = 1, .stride = 1}});
  }
  EXPECT_EQ(message_of(network),
            "layer 'pool7': the maps up to here have more than 2^31 elements together");
}

}  // namespace
}  // namespace trispike::model
