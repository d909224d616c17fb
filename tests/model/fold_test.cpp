// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Folding changes nothing: proven with the reference network in double precision.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/random_weights.h"
#include "support/reference_network.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"
#include "trispike/model/quantise.h"

namespace trispike::model {
namespace {

using ::testing::HasSubstr;

std::vector<double> input_for(const NetworkSpec& network, int samples) {
  const bool frames = network.input().kind == InputKind::kFrames;
  const std::int64_t elements =
      samples * network.input().shape.elements() * (frames ? network.time_steps : 1);
  return test::parity_input(999, static_cast<std::size_t>(elements));
}

// Returns the results of the trained and the folded network, which must agree.
std::pair<test::ReferenceResult, test::ReferenceResult> expect_invariant(const ModelData& trained,
                                                                         int samples) {
  const ModelData folded = fold(trained);
  const std::vector<double> input = input_for(trained.network, samples);
  auto before = test::run_reference(trained, input, samples);
  auto after = test::run_reference(folded, input, samples);
  EXPECT_EQ(before.spikes.size(), after.spikes.size());
  for (std::size_t i = 0; i < std::min(before.spikes.size(), after.spikes.size()); ++i) {
    EXPECT_EQ(before.spikes[i].layer, after.spikes[i].layer);
    EXPECT_EQ(before.spikes[i].spikes, after.spikes[i].spikes) << before.spikes[i].layer;
  }
  EXPECT_EQ(before.logits.size(), after.logits.size());
  for (std::size_t i = 0; i < std::min(before.logits.size(), after.logits.size()); ++i) {
    EXPECT_NEAR(before.logits[i], after.logits[i], 1e-9) << i;
  }
  return {std::move(before), std::move(after)};
}

struct Case {
  std::string_view network;
  NeuronKind neuron;
  std::int64_t height, width;
};

void PrintTo(const Case& c, std::ostream* stream) {
  *stream << c.network << " " << to_string(c.neuron) << " " << c.height << "x" << c.width;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const NetworkEntry& network : networks()) {
    const bool imagenet = network.default_input.height == 224;
    for (const NeuronKindInfo& neuron : neuron_kinds()) {
      if (imagenet) {
        all.push_back({network.name, neuron.kind, 67, 49});
      } else {
        all.push_back({network.name, neuron.kind, 19, 13});
        all.push_back({network.name, neuron.kind, 16, 16});
      }
    }
  }
  return all;
}

class Fold : public ::testing::TestWithParam<Case> {
 protected:
  NetworkOptions options() const {
    const Case& c = GetParam();
    NetworkOptions result;
    result.width = 8;
    result.num_classes = 10;
    result.input = {3, c.height, c.width};
    result.neuron = neuron_preset("official_code", c.neuron);
    result.time_steps = c.neuron == NeuronKind::kRelu ? 1 : 3;
    result.norm_scale = 0.75;
    return result;
  }
};

TEST_P(Fold, KeepsSpikesAndLogits) {
  const ModelData trained = test::random_weights(build_network(GetParam().network, options()), 11);
  const auto [before, after] = expect_invariant(trained, 2);
  for (const SpikeRecord& record : before.spikes) {
    // A proof needs spikes, and silence too.
    const double rate = test::firing_rate({record});
    EXPECT_GT(rate, 0.02) << record.layer;
    EXPECT_LT(rate, 0.98) << record.layer;
  }
  double largest = 0;
  for (const double logit : before.logits) largest = std::max(largest, std::abs(logit));
  EXPECT_GT(largest, 0.05);
}

TEST_P(Fold, LeavesOnlyLayersThatTheRuntimeKnows) {
  const NetworkSpec network = build_network(GetParam().network, options());
  const ModelData folded = fold(test::random_weights(network, 12));
  EXPECT_EQ(folded.stage, Stage::kFolded);
  EXPECT_EQ(folded.network.name, network.name);
  EXPECT_EQ(folded.network.time_steps, network.time_steps);
  int identities = 0;
  for (const Layer& layer : network.layers) {
    if (type_name(layer.params) != "add") continue;
    const Layer& shortcut = network.layers[static_cast<std::size_t>(layer.inputs[1])];
    identities += type_name(shortcut.params) != "batch_norm";
  }
  int scales = 0;
  for (const Layer& layer : folded.network.layers) {
    const std::string_view type = type_name(layer.params);
    EXPECT_NE(type, "batch_norm");
    scales += type == "scale";
    if (type == "conv") {
      EXPECT_TRUE(std::get<ConvLayer>(layer.params).bias) << layer.name;
    }
  }
  EXPECT_EQ(scales, GetParam().neuron == NeuronKind::kRelu ? 0 : identities);
  for (const auto& [name, tensor] : folded.tensors) {
    EXPECT_EQ(tensor.dtype, DType::kF64);
    EXPECT_FALSE(name.ends_with(".amplitude")) << name;
  }
}

TEST_P(Fold, EventsAndMacsAreTheSameBeforeAndAfter) {
  const NetworkSpec network = build_network(GetParam().network, options());
  const auto [before, after] = expect_invariant(test::random_weights(network, 13), 1);
  std::int64_t identity_additions = 0;
  auto synapse = before.synapses.begin();
  for (const SynapseActivity& folded : after.synapses) {
    if (folded.layer.ends_with(".add.scale")) {
      identity_additions += folded.synaptic_operations;
      continue;
    }
    ASSERT_NE(synapse, before.synapses.end());
    EXPECT_EQ(folded.layer, synapse->layer);
    EXPECT_EQ(folded.synaptic_operations, synapse->synaptic_operations);
    EXPECT_EQ(folded.macs, synapse->macs);
    ++synapse;
  }
  EXPECT_EQ(synapse, before.synapses.end());
  EXPECT_EQ(identity_additions > 0, GetParam().neuron != NeuronKind::kRelu);
}

INSTANTIATE_TEST_SUITE_P(AllNetworks, Fold, ::testing::ValuesIn(cases()),
                         [](const auto& test_case) {
                           const Case& c = test_case.param;
                           return std::string(c.network) + "_" + std::string(to_string(c.neuron)) +
                                  "_" + std::to_string(c.height) + "x" + std::to_string(c.width);
                         });

NetworkOptions small_options() {
  NetworkOptions options;
  options.width = 4;
  options.input = {1, 9, 9};
  options.neuron.kind = NeuronKind::kTrainableTernary;
  return options;
}

TEST(FoldOptions, EveryNeuronOption) {
  for (const std::string_view reset : reset_mode_names()) {
    for (const bool strict : {false, true}) {
      for (const InputKind input : {InputKind::kStatic, InputKind::kFrames}) {
        NetworkOptions options = small_options();
        options.time_steps = 4;
        options.input_kind = input;
        options.neuron.threshold = 0.8;
        options.neuron.decay = 0.6;
        options.neuron.strict = strict;
        options.neuron.reset = reset_mode_from_string(reset);
        expect_invariant(test::random_weights(build_network("resnet8", options), 3), 2);
      }
    }
  }
}

TEST(FoldOptions, ThresholdsOfLayersBecomeConstants) {
  for (const bool strict : {false, true}) {
    NetworkOptions options = small_options();
    options.time_steps = 3;
    options.neuron.strict = strict;
    options.neuron.reset = ResetMode::kSoft;
    options.neuron.trainable_threshold = true;
    const ModelData trained = test::random_weights(build_network("resnet8", options), 3);
    expect_invariant(trained, 2);
    const ModelData folded = fold(trained);
    std::set<double> thresholds;
    for (const Layer& layer : folded.network.layers) {
      const auto* neuron = std::get_if<NeuronLayer>(&layer.params);
      if (neuron == nullptr) continue;
      EXPECT_FALSE(neuron->neuron.trainable_threshold);
      EXPECT_FALSE(folded.tensors.contains(layer.name + ".threshold"));
      EXPECT_EQ(neuron->neuron.threshold,
                trained.tensors.at(layer.name + ".threshold").to_double()[0]);
      thresholds.insert(neuron->neuron.threshold);
    }
    EXPECT_GT(thresholds.size(), 3u);
    EXPECT_EQ(network_from_json(to_json(folded.network)), folded.network);

    // Integers: each layer's own threshold in units of its scales.
    const ModelData integer = quantise(folded, {});
    for (const Layer& layer : folded.network.layers) {
      const auto* neuron = std::get_if<NeuronLayer>(&layer.params);
      if (neuron == nullptr) continue;
      const auto units = integer.tensors.at(layer.name + ".threshold").to_double();
      const auto scales = integer.tensors.at(layer.name + ".scale").to_double();
      for (std::size_t c = 0; c < units.size(); ++c) {
        const double exact = neuron->neuron.threshold / scales[c];
        EXPECT_EQ(units[c], strict ? std::floor(exact) + 1 : std::ceil(exact)) << layer.name;
      }
    }
  }
}

// Convolution, norm, neuron and head small enough to fold by hand.
TEST(FoldByHand, WeightsAndBias) {
  ModelData trained;
  trained.network = {"hand", 1, {}};
  trained.network.layers = {
      {"input", {}, InputLayer{{1, 1, 1}, InputKind::kStatic}},
      {"conv", {0}, ConvLayer{1, 1, 1, 1, 0, false}},
      {"norm", {1}, BatchNormLayer{.channels = 1, .scale = 2, .eps = 0.25}},
      {"neuron", {2}, NeuronLayer{neuron_preset("official_code", NeuronKind::kTrainableTernary)}},
      {"conv2", {3}, ConvLayer{1, 1, 1, 1, 0, true}},
      {"add", {4, 3}, AddLayer{}},
      {"head", {5}, LinearLayer{1, 1, true}},
  };
  const auto set = [&](const char* name, std::vector<std::int64_t> shape, double value) {
    trained.tensors[name] = Tensor::from(std::move(shape), std::vector<double>{value});
  };
  set("conv.weight", {1, 1, 1, 1}, 3);
  set("norm.weight", {1}, 5);
  set("norm.bias", {1}, 7);
  set("norm.running_mean", {1}, 11);
  set("norm.running_var", {1}, 3.75);  // sqrt(3.75 + 0.25) = 2, so the gain is 2 * 5 / 2 = 5
  set("neuron.amplitude", {1}, -0.5);
  set("conv2.weight", {1, 1, 1, 1}, 4);
  set("conv2.bias", {1}, 9);
  set("head.weight", {1, 1}, 6);
  set("head.bias", {1}, 1);
  const ModelData folded = fold(trained);
  const auto value = [&](const char* name) { return folded.tensors.at(name).to_double().at(0); };
  EXPECT_EQ(value("conv.weight"), 15);
  EXPECT_EQ(value("conv.bias"), 7 - 5 * 11);
  EXPECT_EQ(value("conv2.weight"), -2);
  EXPECT_EQ(value("conv2.bias"), 9);
  EXPECT_EQ(value("add.scale.weight"), -0.5);
  EXPECT_EQ(value("head.weight"), 6);
  EXPECT_EQ(value("head.bias"), 1);
  EXPECT_EQ(folded.tensors.size(), 7u);
  const auto& neuron = std::get<NeuronLayer>(
      folded.network.layers[static_cast<std::size_t>(folded.network.find("neuron"))].params);
  EXPECT_EQ(neuron.neuron.kind, NeuronKind::kTernary);
  expect_invariant(trained, 1);
}

// Shortcuts that none of the five networks has: through a pool, and two at one sum.
TEST(FoldByHand, PooledAndDoubleIdentities) {
  NetworkSpec network{"shortcuts", 3, {}};
  const NeuronLayer neuron{neuron_preset("official_code", NeuronKind::kTrainableTernary)};
  const AvgPoolLayer pool{.kernel = 2, .stride = 2, .ceil_mode = true};
  network.layers = {
      {"input", {}, InputLayer{{2, 5, 7}, InputKind::kStatic}},
      {"conv", {0}, ConvLayer{2, 3, 3, 1, 1, true}},
      {"neuron", {1}, neuron},
      {"pool", {2}, pool},
      {"conv2", {2}, ConvLayer{3, 3, 3, 2, 1, false}},
      {"norm2", {4}, BatchNormLayer{.channels = 3}},
      {"add", {5, 3}, AddLayer{}},
      {"neuron2", {6}, neuron},
      {"both", {7, 3}, AddLayer{}},
      {"neuron3", {8}, neuron},
      {"last_pool", {9}, pool},
      {"head", {10}, LinearLayer{3 * 2 * 2, 4, true}},
  };
  const ModelData trained = test::random_weights(network, 5);
  const ModelData folded = fold(trained);
  EXPECT_GE(folded.network.find("add.scale"), 0);
  EXPECT_GE(folded.network.find("both.scale0"), 0);
  EXPECT_GE(folded.network.find("both.scale1"), 0);
  expect_invariant(trained, 3);
}

TEST(FoldByHand, KeepsWhatBelongsToTheModel) {
  ModelData trained = test::random_weights(build_network("resnet8", small_options()), 1);
  trained.preprocessing = {{0.5}, {0.25}};
  trained.class_names = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
  trained.provenance = R"({"epochs":3})";
  trained.extra_metadata = {{"checkpoint.epoch", "3"}};
  trained.extra_tensors = {{"checkpoint.momentum", Tensor::from({1}, std::vector<float>{1})}};
  const ModelData folded = fold(trained);
  EXPECT_EQ(folded.preprocessing, trained.preprocessing);
  EXPECT_EQ(folded.class_names, trained.class_names);
  EXPECT_EQ(folded.provenance, trained.provenance);
  EXPECT_TRUE(folded.extra_metadata.empty());
  EXPECT_TRUE(folded.extra_tensors.empty());
}

// What the error says about a network of `layers` behind an input of 1x4x4.
std::string refusal(std::vector<Layer> layers) {
  NetworkSpec network{"odd", 1, {{"input", {}, InputLayer{{1, 4, 4}, InputKind::kStatic}}}};
  network.layers.insert(network.layers.end(), layers.begin(), layers.end());
  try {
    fold(test::random_weights(network, 1));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(FoldErrors, GraphsThatCannotBeFoldedAreRefusedByName) {
  const Layer conv{"conv", {0}, ConvLayer{1, 1, 3, 1, 1, false}};
  const BatchNormLayer norm{.channels = 1};
  const LinearLayer head{16, 2, true};
  EXPECT_EQ(refusal({{"norm", {0}, norm}, {"head", {1}, head}}),
            "layer 'norm' (batch_norm) cannot be folded: a batch norm folds into a convolution "
            "right before it, not into layer 'input' of type input");
  EXPECT_THAT(
      refusal({conv, {"norm", {1}, norm}, {"add", {1, 2}, AddLayer{}}, {"head", {3}, head}}),
      HasSubstr("layer 'norm' (batch_norm) cannot be folded: the convolution 'conv' before "
                "it is also read by another layer"));
  EXPECT_THAT(refusal({conv,
                       {"neuron", {1}, NeuronLayer{}},
                       {"neuron2", {2}, NeuronLayer{}},
                       {"head", {3}, head}}),
              HasSubstr("layer 'neuron2' (neuron) cannot be folded: it is fed by spikes"));
  EXPECT_THAT(refusal({conv, {"neuron", {1}, NeuronLayer{}}, {"pool", {2}, GlobalAvgPoolLayer{}}}),
              HasSubstr("layer 'pool' (global_avg_pool) cannot be folded: nothing after it"));
}

TEST(FoldErrors, OnlyTrainedModelsAreFolded) {
  const ModelData trained = test::random_weights(build_network("resnet8", small_options()), 1);
  EXPECT_THROW(fold(fold(trained)), Error);
}

}  // namespace
}  // namespace trispike::model
