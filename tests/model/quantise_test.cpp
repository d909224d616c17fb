// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/quantise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>

#include "support/random_weights.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::model {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

ModelData folded_network(const std::string& name, const NetworkOptions& options) {
  return fold(test::random_weights(build_network(name, options), 3));
}

NetworkOptions small_options() {
  NetworkOptions options;
  options.width = 6;
  options.input = {3, 9, 9};
  return options;
}

std::vector<double> numbers(const ModelData& data, const std::string& tensor) {
  return data.tensors.at(tensor).to_double();
}

TEST(PoolDivisor, IsTheLeastCommonMultipleOfTheWindows) {
  const AvgPoolLayer halves{2, 2, 0, true, false};
  EXPECT_EQ(pool_divisor(halves, {1, 8, 8}, {1, 4, 4}), 4);
  EXPECT_EQ(pool_divisor(halves, {1, 9, 9}, {1, 5, 5}), 4) << "of 4, 2 and 1";
  // 3x3 with padding that does not count: 9, 6 and 4 positions.
  EXPECT_EQ(pool_divisor(AvgPoolLayer{3, 1, 1, false, false}, {1, 5, 5}, {1, 5, 5}), 36);
  EXPECT_EQ(pool_divisor(AvgPoolLayer{3, 2, 1, false, true}, {1, 5, 5}, {1, 3, 3}), 9);
  EXPECT_EQ(pool_divisor(GlobalAvgPoolLayer{}, {1, 3, 5}, {1, 1, 1}), 15);
}

TEST(Membranes, OfResnet8) {
  const ModelData folded = folded_network("resnet8", small_options());
  const std::vector<Membrane> found = membranes(folded.network);
  ASSERT_GE(found.size(), 3u);
  EXPECT_TRUE(found.front().reads_numbers);
  EXPECT_EQ(found.front().synapses.size(), 1u);
  // The head reads an average over all positions of the last spikes.
  EXPECT_EQ(found.back().layer, static_cast<int>(folded.network.layers.size()) - 1);
  ASSERT_EQ(found.back().synapses.size(), 1u);
  const Synapse& head = found.back().synapses.front();
  const MapShape last = infer(folded.network)[static_cast<std::size_t>(head.source)].shape;
  EXPECT_EQ(head.divisor, last.height * last.width);
  EXPECT_GT(head.divisor, 1);
  // Main path and shortcut meet, one of them behind a pool of windows of 4, 2 and 1.
  EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const Membrane& membrane) {
    return membrane.synapses.size() == 2 &&
           (membrane.synapses[0].divisor == 4 || membrane.synapses[1].divisor == 4);
  }));
}

TEST(Quantise, InputEventsAreAddedLikeSpikes) {
  NetworkOptions options;
  options.width = 4;
  options.input = {2, 8, 8};
  options.input_kind = InputKind::kEvents;
  const ModelData trained = test::random_weights(build_network("resnet8", options), 1);
  const ModelData data = quantise(fold(trained), {});
  EXPECT_FALSE(membranes(data.network).front().reads_numbers);
  EXPECT_FALSE(data.tensors.contains("input.fraction_bits"));
}

TEST(Quantise, GivesWhatTheFormatAsksFor) {
  for (const NetworkEntry& entry : networks()) {
    for (const int bits : {8, 7, 6}) {
      NetworkOptions options = small_options();
      if (entry.default_input.height > 100) options.input = {3, 41, 35};
      const ModelData folded = folded_network(entry.name.data(), options);
      const ModelData data = quantise(folded, {.weight_bits = bits});
      EXPECT_EQ(data.stage, Stage::kQuantised);
      EXPECT_EQ(data.network, folded.network);
      EXPECT_EQ(data.tensors.size(), quantised_tensors(data.network).size());
      EXPECT_NO_THROW(validate(data));
      double largest = 0;
      for (const auto& [name, tensor] : data.tensors) {
        if (tensor.dtype != DType::kI8) continue;
        for (const double w : tensor.to_double()) largest = std::max(largest, std::abs(w));
      }
      EXPECT_EQ(largest, std::exp2(bits - 1) - 1) << entry.name;
    }
  }
}

// Scale and integers together are the real numbers, but for rounding and what the search clips.
TEST(Quantise, ScalesGiveTheRealNumbersBack) {
  const ModelData folded = folded_network("resnet8", small_options());
  const ModelData data = quantise(folded, {});
  for (const Membrane& membrane : membranes(data.network)) {
    const auto& layers = data.network.layers;
    const std::string& name = layers[static_cast<std::size_t>(membrane.layer)].name;
    std::vector<double> scale = numbers(data, name + ".scale");
    const bool logits = !data.tensors.contains(name + ".threshold");
    if (!logits) {
      const double threshold =
          std::get<NeuronLayer>(layers[static_cast<std::size_t>(membrane.layer)].params)
              .neuron.threshold;
      const std::vector<double> thresholds = numbers(data, name + ".threshold");
      for (std::size_t o = 0; o < scale.size(); ++o) {
        EXPECT_GE(thresholds[o] * scale[o], threshold * (1 - 1e-12));
        EXPECT_LT((thresholds[o] - 1) * scale[o], threshold);
      }
    }
    if (membrane.reads_numbers) {  // the unit of its weights is that of the input coarser
      for (double& s : scale) s = std::ldexp(s, int(numbers(data, "input.fraction_bits")[0]));
    }
    for (const Synapse& synapse : membrane.synapses) {
      const std::string weight = layers[static_cast<std::size_t>(synapse.layer)].name + ".weight";
      const std::vector<double> real = numbers(folded, weight);
      const std::vector<double> integer = numbers(data, weight);
      const std::size_t per_channel =
          std::holds_alternative<ScaleLayer>(layers[static_cast<std::size_t>(synapse.layer)].params)
              ? 1
              : real.size() / static_cast<std::size_t>(data.tensors.at(weight).shape[0]);
      for (std::size_t i = 0; i < real.size(); ++i) {
        const double s = scale[logits ? 0 : i / per_channel];
        const double expected = real[i] / static_cast<double>(synapse.divisor);
        if (std::abs(integer[i]) == 127) {
          EXPECT_GE(std::abs(expected), 126.5 * s) << weight;
        } else {
          EXPECT_LE(std::abs(integer[i] * s - expected), 0.5001 * s) << weight;
        }
      }
    }
  }
}

/// One membrane fed by one conv of four inputs, behind a first layer that only makes spikes.
ModelData four_weights(const std::vector<double>& weights, const NeuronSpec& neuron) {
  ModelData data;
  data.stage = Stage::kFolded;
  data.network.layers = {
      {"input", {}, InputLayer{{4, 1, 1}}}, {"first", {0}, ConvLayer{4, 4, 1, 1, 0, false}},
      {"spikes", {1}, NeuronLayer{}},       {"conv", {2}, ConvLayer{4, 1, 1, 1, 0, true}},
      {"neuron", {3}, NeuronLayer{neuron}}, {"head", {4}, LinearLayer{1, 2, true}}};
  data.tensors["first.weight"] = Tensor::from({4, 4, 1, 1}, std::vector<double>(16, 1));
  data.tensors["conv.weight"] = Tensor::from({1, 4, 1, 1}, weights);
  data.tensors["conv.bias"] = Tensor::from({1}, std::vector<double>{0.25});
  data.tensors["head.weight"] = Tensor::from({2, 1}, std::vector<double>{1, -0.5});
  data.tensors["head.bias"] = Tensor::from({2}, std::vector<double>{0, 0});
  return data;
}

TEST(Quantise, ByHand) {
  NeuronSpec neuron;
  neuron.threshold = 0.5;
  // Multiples of 1/128 are exact at the largest scale, so that is the one.
  ModelData folded = four_weights({127 / 128., -1 / 128., 64 / 128., 0}, neuron);
  ModelData data = quantise(folded, {});
  EXPECT_THAT(numbers(data, "conv.weight"), ElementsAre(127, -1, 64, 0));
  EXPECT_THAT(numbers(data, "conv.bias"), ElementsAre(32));
  EXPECT_THAT(numbers(data, "neuron.threshold"), ElementsAre(64));
  EXPECT_THAT(numbers(data, "neuron.scale"), ElementsAre(1 / 128.));
  neuron.strict = true;
  data = quantise(four_weights({127 / 128., -1 / 128., 64 / 128., 0}, neuron), {});
  EXPECT_THAT(numbers(data, "neuron.threshold"), ElementsAre(65));
  // The input is a picture in [0, 1], and 2^14 of it fits 16 bits.
  EXPECT_THAT(numbers(data, "input.fraction_bits"), ElementsAre(14));
  EXPECT_THAT(numbers(data, "spikes.input_shift"), ElementsAre(0));
}

TEST(Quantise, SearchClipsAWeightThatIsNeverUsed) {
  Calibration calibration;
  calibration.samples = 1;
  calibration.outputs["spikes"] = {{0, 0, 0, 0}, {0, 0.5, 0.5, 0.5}};
  const ModelData folded = four_weights({2.0, 0.31, 0.59, -0.83}, NeuronSpec{});
  const double careful = numbers(quantise(folded, {}), "neuron.scale")[0];
  const double active = numbers(quantise(folded, {}, calibration), "neuron.scale")[0];
  EXPECT_LT(active, 0.6 * careful);
}

TEST(Quantise, BiasTakesTheMeanError) {
  Calibration calibration;
  calibration.samples = 1;
  // Always on: what rounding takes from the weights belongs to the bias.
  calibration.outputs["spikes"] = {{1, 1, 1, 1}, {1, 1, 1, 1}};
  NeuronSpec neuron;
  const std::vector<double> weights = {1.0, 0.3331, 0.3331, 0.3331};
  const ModelData data = quantise(four_weights(weights, neuron), {.weight_bits = 6}, calibration);
  const double scale = numbers(data, "neuron.scale")[0];
  double current = numbers(data, "conv.bias")[0] * scale;
  for (const double w : numbers(data, "conv.weight")) current += w * scale;
  EXPECT_NEAR(current, 0.25 + 1.9993, 0.5001 * scale);
}

TEST(Quantise, ChannelsWithoutWeightsStaySilent) {
  const ModelData data = quantise(four_weights({0, 0, 0, 0}, NeuronSpec{}), {});
  EXPECT_THAT(numbers(data, "conv.weight"), Each(0));
  EXPECT_LT(numbers(data, "conv.bias")[0], numbers(data, "neuron.threshold")[0]);
}

TEST(Quantise, RefusesByName) {
  const auto expect_refused = [](const std::function<void(NetworkOptions&)>& change,
                                 const std::string& message) {
    NetworkOptions options = small_options();
    change(options);
    EXPECT_THAT([&] { quantise(folded_network("resnet8", options), {}); },
                ThrowsMessage<ShapeError>(HasSubstr(message)));
  };
  expect_refused([](NetworkOptions& options) { options.neuron.decay = 0.9; },
                 "a decay of 0.9 is no shift; expected 0, 1, 1/2, 1/4");
  expect_refused(
      [](NetworkOptions& options) {
        options.neuron.kind = NeuronKind::kRelu;
        options.time_steps = 1;
      },
      "neurons of kind 'relu' do not spike");

  const ModelData folded = folded_network("resnet8", small_options());
  for (const int bits : {5, 9, 0}) {
    EXPECT_THAT([&] { quantise(folded, {.weight_bits = bits}); },
                ThrowsMessage<ConfigError>(HasSubstr("weight_bits: is ")));
  }
  EXPECT_THAT([&] { quantise(quantise(folded, {}), {}); },
              ThrowsMessage<Error>(HasSubstr("this one is 'quantised'")));
  Calibration calibration;
  calibration.outputs["nothing"] = {{0}, {1}};
  EXPECT_THAT([&] { quantise(folded, {}, calibration); },
              ThrowsMessage<Error>(HasSubstr("layer 'nothing' is none of the network")));
}

TEST(Membranes, RefusesGraphsThatIntegersCannotRun) {
  const auto expect_refused = [](std::vector<Layer> layers, const std::string& message) {
    NetworkSpec network;
    network.layers = std::move(layers);
    EXPECT_THAT([&] { membranes(network); }, ThrowsMessage<ShapeError>(HasSubstr(message)));
  };
  const Layer input{"input", {}, InputLayer{{2, 4, 4}}};
  const ConvLayer conv{2, 2, 3, 1, 1, true};
  const Layer head{"head", {3}, LinearLayer{32, 4, true}};
  expect_refused(
      {input, {"conv1", {0}, conv}, {"conv2", {1}, conv}, {"spikes", {2}, NeuronLayer{}}, head},
      "layer 'conv2': integer arithmetic cannot run it: it reads layer 'conv1' of type "
      "conv, not the input or spikes");
  expect_refused({input,
                  {"conv", {0}, conv},
                  {"pool", {1}, AvgPoolLayer{1, 1}},
                  {"spikes", {2}, NeuronLayer{}},
                  head},
                 "layer 'pool': integer arithmetic cannot run it: of type avg_pool");
  expect_refused(
      {input,
       {"pool", {0}, AvgPoolLayer{3, 1, 1}},
       {"conv", {1}, conv},
       {"spikes", {2}, NeuronLayer{}},
       head},
      "layer 'conv': integer arithmetic cannot run it: it reads an average of the input");
  expect_refused({input, {"spikes", {0}, NeuronLayer{}}, {"mean", {1}, GlobalAvgPoolLayer{}}},
                 "layer 'input': integer arithmetic cannot run it: of type input");
  expect_refused({input,
                  {"conv", {0}, conv},
                  {"spikes", {1}, NeuronLayer{}},
                  {"mean", {2}, GlobalAvgPoolLayer{}}},
                 "layer 'mean': integer arithmetic cannot run it: of type global_avg_pool");
  expect_refused({input,
                  {"conv", {0}, conv},
                  {"spikes", {1}, NeuronLayer{}},
                  {"shared", {2}, conv},
                  {"one", {3}, NeuronLayer{}},
                  {"two", {3}, NeuronLayer{}},
                  {"sum1", {4}, LinearLayer{32, 2, true}},
                  {"sum2", {5}, LinearLayer{32, 2, true}},
                  {"logits", {6, 7}, AddLayer{}}},
                 "layer 'shared': integer arithmetic cannot run it: it is added to more than one");
}

TEST(QuantisedModel, IsWrittenAndRead) {
  const ModelData data = quantise(folded_network("resnet8", small_options()), {});
  const std::string path =
      (std::filesystem::path(testing::TempDir()) / "quantise_test.safetensors").string();
  write_model(path, data);
  const ModelData read = read_model(path);
  EXPECT_EQ(read.stage, Stage::kQuantised);
  EXPECT_EQ(read.tensors, data.tensors);
  std::filesystem::remove(path);
}

TEST(QuantisedModel, RefusesOtherTensors) {
  const ModelData data = quantise(folded_network("resnet8", small_options()), {});
  const std::string neuron =
      data.network.layers[static_cast<std::size_t>(membranes(data.network).front().layer)].name;
  const auto expect_refused = [&](const std::string& name, const Tensor& tensor,
                                  const std::string& message) {
    ModelData changed = data;
    changed.tensors[name] = tensor;
    EXPECT_THAT([&] { validate(changed); }, ThrowsMessage<FormatError>(HasSubstr(message)));
  };
  expect_refused(neuron + ".threshold", Tensor::from({6}, std::vector<std::int32_t>(6, 0)),
                 "holds 0 at element 0, expected 1 to 1073741824");
  expect_refused(neuron + ".threshold", Tensor::from({6}, std::vector<double>(6, 1)),
                 "has dtype F64, expected I32");
  expect_refused(neuron + ".scale", Tensor::from({6}, std::vector<double>(6, NAN)),
                 "holds nan at element 0");
  expect_refused(neuron + ".threshold", Tensor::from({5}, std::vector<std::int32_t>(5, 1)),
                 "has shape [5], the network needs [6]");
  expect_refused("input.weight", Tensor::from({1}, std::vector<std::int8_t>{1}),
                 "tensor 'input.weight' belongs to no layer of the network");
  ModelData incomplete = data;
  incomplete.tensors.erase("input.fraction_bits");
  EXPECT_THAT([&] { validate(incomplete); },
              ThrowsMessage<FormatError>(HasSubstr("tensor 'input.fraction_bits' is missing")));
}

}  // namespace
}  // namespace trispike::model
