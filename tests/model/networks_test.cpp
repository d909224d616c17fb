// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The five architectures: known sizes, and what must hold for every network with every neuron.
#include "trispike/model/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/random_weights.h"
#include "support/reference_network.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

using ::testing::HasSubstr;

NetworkSpec build(std::string_view name, NetworkOptions options = {}) {
  return build_network(name, options);
}

const MapShape& shape_of(const NetworkSpec& network, const std::vector<LayerInfo>& infos,
                         std::string_view layer) {
  return infos.at(static_cast<std::size_t>(network.find(layer))).shape;
}

std::int64_t parameters(const NetworkSpec& network) {
  std::int64_t total = 0;
  for (const LayerInfo& info : infer(network)) total += info.parameters;
  return total;
}

std::int64_t conv_macs(const NetworkSpec& network) {
  const std::vector<LayerInfo> infos = infer(network);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (type_name(network.layers[i].params) == "conv") total += infos[i].dense_macs;
  }
  return total;
}

TEST(Networks, ParameterCountsOfTheAuthorsNetworks) {
  EXPECT_EQ(parameters(build("resnet20")), 11'247'946);
  EXPECT_EQ(parameters(build("resnet19")), 12'569'226);
  EXPECT_EQ(parameters(build("resnet18")), 11'689'512);
  EXPECT_EQ(parameters(build("resnet34")), 21'797'672);
  NetworkOptions hundred;
  hundred.num_classes = 100;
  EXPECT_EQ(parameters(build("resnet20", hundred)), 11'294'116);
  EXPECT_EQ(parameters(build("resnet19", hundred)), 12'615'396);
}

TEST(Networks, ConvolutionMacsOfTheAuthorsNetworks) {
  EXPECT_EQ(conv_macs(build("resnet20")), 215'678'976);
  EXPECT_EQ(conv_macs(build("resnet19")), 2'285'240'320);
  EXPECT_EQ(conv_macs(build("resnet18")), 1'813'561'344);
  EXPECT_EQ(conv_macs(build("resnet34")), 3'663'249'408);
}

TEST(Networks, AmplitudesAreCountedApart) {
  NetworkOptions options;
  options.neuron.kind = NeuronKind::kTrainableTernary;
  const NetworkSpec network = build("resnet20", options);
  std::int64_t amplitudes = 0;
  for (const LayerInfo& info : infer(network)) amplitudes += info.amplitudes;
  EXPECT_EQ(amplitudes, 3 + 2 * 8);
  EXPECT_EQ(parameters(network), 11'247'946);
}

TEST(Networks, ShapesOfResnet20AtOddSizes) {
  NetworkOptions options;
  options.input = {3, 33, 27};
  const NetworkSpec network = build("resnet20", options);
  const auto infos = infer(network);
  EXPECT_EQ(shape_of(network, infos, "stem.2.neuron"), (MapShape{64, 33, 27}));
  EXPECT_EQ(shape_of(network, infos, "stem.pool"), (MapShape{64, 17, 14}));
  EXPECT_EQ(shape_of(network, infos, "stage2.0.conv1"), (MapShape{128, 9, 7}));
  EXPECT_EQ(shape_of(network, infos, "stage2.0.shortcut.pool"), (MapShape{64, 9, 7}));
  EXPECT_EQ(shape_of(network, infos, "stage4.1.neuron2"), (MapShape{512, 3, 2}));
  EXPECT_EQ(shape_of(network, infos, "pool"), (MapShape{512, 1, 1}));
  EXPECT_EQ(shape_of(network, infos, "head"), (MapShape{10, 1, 1}));
  EXPECT_EQ(network.find("stage1.0.shortcut.conv"), -1);
}

TEST(Networks, ShapesOfResnet18) {
  const NetworkSpec network = build("resnet18");
  const auto infos = infer(network);
  EXPECT_EQ(shape_of(network, infos, "stem.0.conv"), (MapShape{64, 112, 112}));
  EXPECT_EQ(shape_of(network, infos, "stem.pool"), (MapShape{64, 56, 56}));
  EXPECT_EQ(shape_of(network, infos, "stage4.1.add"), (MapShape{512, 7, 7}));
  const auto& pool = std::get<AvgPoolLayer>(
      network.layers[static_cast<std::size_t>(network.find("stem.pool"))].params);
  EXPECT_TRUE(pool.count_padding);
  EXPECT_FALSE(pool.ceil_mode);
}

TEST(Networks, OptionsReachTheLayers) {
  NetworkOptions options;
  options.width = 6;
  options.time_steps = 5;
  options.num_classes = 7;
  options.input = {2, 48, 40};
  options.input_kind = InputKind::kFrames;
  options.neuron = neuron_preset("paper", NeuronKind::kBinary);
  options.zero_init_last_norm = true;
  options.norm_scale = 0.5;
  const NetworkSpec network = build("resnet8", options);
  EXPECT_EQ(network.time_steps, 5);
  EXPECT_EQ(network.num_classes(), 7);
  EXPECT_EQ(network.input(), (InputLayer{{2, 48, 40}, InputKind::kFrames}));
  for (const Layer& layer : network.layers) {
    if (const auto* norm = std::get_if<BatchNormLayer>(&layer.params)) {
      EXPECT_EQ(norm->scale, 0.5) << layer.name;
      EXPECT_EQ(norm->zero_init, layer.name.ends_with(".norm2")) << layer.name;
      EXPECT_EQ(norm->per_time_step, layer.name.starts_with("stem.")) << layer.name;
    }
    if (const auto* neuron = std::get_if<NeuronLayer>(&layer.params)) {
      EXPECT_EQ(neuron->neuron, options.neuron) << layer.name;
    }
    if (const auto* conv = std::get_if<ConvLayer>(&layer.params)) {
      EXPECT_FALSE(conv->bias) << layer.name;
    }
  }
  options.stem_norm_per_time_step = false;
  for (const Layer& layer : build("resnet8", options).layers) {
    const auto* norm = std::get_if<BatchNormLayer>(&layer.params);
    EXPECT_FALSE(norm && norm->per_time_step) << layer.name;
  }
}

// What holds for every network with every neuron, whatever is added to the lists.
struct Combination {
  const NetworkEntry* network;
  const NeuronKindInfo* neuron;
};

void PrintTo(const Combination& c, std::ostream* stream) {
  *stream << c.network->name << " " << c.neuron->name;
}

std::vector<Combination> combinations() {
  std::vector<Combination> all;
  for (const NetworkEntry& network : networks()) {
    for (const NeuronKindInfo& neuron : neuron_kinds()) all.push_back({&network, &neuron});
  }
  return all;
}

class EveryNetworkAndNeuron : public ::testing::TestWithParam<Combination> {
 protected:
  NetworkOptions options() const {
    NetworkOptions result;
    result.neuron = neuron_preset("official_code", GetParam().neuron->kind);
    result.time_steps = GetParam().neuron->spiking ? 2 : 1;
    return result;
  }
};

TEST_P(EveryNetworkAndNeuron, BuildsWithItsDefaultsAndSurvivesJson) {
  const NetworkEntry& entry = *GetParam().network;
  const NetworkSpec network = build_network(entry.name, options());
  EXPECT_EQ(network.name, entry.name);
  EXPECT_EQ(network.input().shape, entry.default_input);
  EXPECT_EQ(network.num_classes(), entry.default_classes);
  EXPECT_EQ(network_from_json(to_json(network)), network);
}

TEST_P(EveryNetworkAndNeuron, FoldsAndRunsAtEverySizeDownToOnePixel) {
  for (const std::int64_t size : {1, 2, 3, 8, 13, 28}) {
    NetworkOptions small = options();
    small.width = 2;
    small.num_classes = 3;
    small.input = {1, size, size + 1};
    const NetworkSpec network = build_network(GetParam().network->name, small);
    const ModelData folded = fold(test::random_weights(network, 1));
    const auto input = test::parity_input(7, static_cast<std::size_t>(size * (size + 1)));
    for (const double logit : test::run_reference(folded, input, 1).logits) {
      EXPECT_TRUE(std::isfinite(logit));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryNetworkAndNeuron, ::testing::ValuesIn(combinations()),
                         [](const auto& combination) {
                           return std::string(combination.param.network->name) + "_" +
                                  std::string(combination.param.neuron->name);
                         });

std::string config_error(std::string_view name, const NetworkOptions& options) {
  try {
    build_network(name, options);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(NetworksErrors, NameKeyValueAndExpectation) {
  EXPECT_EQ(config_error("resnet21", {}),
            "network.name: unknown network 'resnet21'; expected one of resnet20, resnet19, "
            "resnet18, resnet34, resnet8");
  EXPECT_THAT(config_error("resnet8", {.width = -1}), HasSubstr("network.width: is -1"));
  EXPECT_THAT(config_error("resnet8", {.num_classes = 1 << 20}),
              HasSubstr("network.num_classes: is 1048576, expected 1 to 65536"));
  EXPECT_THAT(config_error("resnet8", {.input = {1, -5, 0}}),
              HasSubstr("network.input_height: is -5"));
  EXPECT_THAT(config_error("resnet8", {.time_steps = 0}), HasSubstr("network.time_steps: is 0"));
  EXPECT_THAT(config_error("resnet8", {.norm_scale = 0}), HasSubstr("network.norm_scale: is 0"));
  NetworkOptions ann;
  ann.neuron.kind = NeuronKind::kRelu;
  EXPECT_EQ(config_error("resnet8", ann),
            "network.time_steps: is 2, but neuron kind 'relu' needs 1");
  NetworkOptions broken;
  broken.neuron.decay = 2;
  EXPECT_THAT(config_error("resnet8", broken), HasSubstr("neuron.decay: is 2"));
}

TEST(NetworksErrors, AbsurdSizesAreShapeErrors) {
  EXPECT_THROW(build("resnet19", {.width = 60000}), ShapeError);
  EXPECT_THROW(build("resnet8", {.input = {1, 60000, 60000}}), ShapeError);
}

}  // namespace
}  // namespace trispike::model
