// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/interop/layouts.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::interop {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

model::NetworkSpec network(const std::string& name, model::NeuronKind kind) {
  model::NetworkOptions options;
  options.neuron = model::neuron_preset("official_code", kind);
  options.num_classes = 10;
  return model::build_network(name, options);
}

std::vector<std::string> their_names(const std::vector<ForeignTensor>& tensors) {
  std::vector<std::string> names;
  for (const ForeignTensor& tensor : tensors) names.push_back(tensor.theirs);
  return names;
}

// What every layout must keep to.
TEST(Layouts, NameEachTensorOnceAndKeepItsElements) {
  for (const Layout& layout : layouts()) {
    EXPECT_EQ(&layout_from_string(layout.name), &layout);
    EXPECT_EQ(layout.imports, layout.accepts_extra != nullptr);
    for (const std::string_view name : layout.networks) {
      const model::NetworkSpec spec =
          network(std::string(name), model::NeuronKind::kTrainableTernary);
      const std::vector<ForeignTensor> tensors = layout.tensors(spec);
      std::set<std::string> ours, theirs;
      for (const ForeignTensor& tensor : tensors) {
        std::int64_t our_elements = 1, their_elements = 1;
        for (const std::int64_t size : tensor.our_shape) our_elements *= size;
        for (const std::int64_t size : tensor.their_shape) their_elements *= size;
        EXPECT_EQ(our_elements, their_elements) << tensor.theirs;
        ours.insert(tensor.ours);
        theirs.insert(tensor.theirs);
      }
      std::set<std::string> needed;
      for (const model::LayerInfo& info : model::infer(spec)) {
        for (const model::TensorSpec& tensor : info.tensors) needed.insert(tensor.name);
      }
      EXPECT_EQ(ours, needed) << layout.name << " " << name;
      EXPECT_EQ(theirs.size(), tensors.size()) << layout.name << " " << name;
    }
  }
}

TEST(Layouts, OthersAreRefusedWithTheList) {
  try {
    layout_from_string("oficial");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "--layout: unknown layout 'oficial'; expected one of official, spikingjelly");
  }
}

TEST(Layouts, ALayerWithoutCounterpartIsNamed) {
  model::NetworkSpec spec = network("resnet20", model::NeuronKind::kTernary);
  spec.layers[1].name = "first.conv";
  for (const Layout& layout : layouts()) {
    try {
      layout.tensors(spec);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("layer 'first.conv' has no counterpart in layout '"));
    }
  }
}

TEST(Layouts, HaveNoPlaceForThresholdsOfLayers) {
  model::NetworkSpec spec = network("resnet20", model::NeuronKind::kTernary);
  for (model::Layer& layer : spec.layers) {
    auto* neuron = std::get_if<model::NeuronLayer>(&layer.params);
    if (neuron != nullptr) neuron->neuron.trainable_threshold = true;
  }
  for (const Layout& layout : layouts()) {
    try {
      layout.tensors(spec);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(),
                  HasSubstr("layer 'stem.0.neuron' has a trained threshold of its own, for which "
                            "layout '"));
    }
  }
}

// The keys recorded from the authors' code, in their order.
TEST(OfficialLayout, GivesTheAuthorsKeys) {
  struct Case {
    const char* file;
    const char* network;
    model::NeuronKind kind;
  };
  for (const Case& c :
       {Case{"resnet20-ternary-t2", "resnet20", model::NeuronKind::kTernary},
        Case{"resnet20-trainable-t2", "resnet20", model::NeuronKind::kTrainableTernary},
        Case{"resnet19-ternary-t2", "resnet19", model::NeuronKind::kBinary},
        Case{"resnet18-imagenet-ternary-t2", "resnet18", model::NeuronKind::kTernary}}) {
    std::ifstream stream(std::string(TRISPIKE_SOURCE_DIR) + "/tests/golden/official-parity/" +
                         c.file + ".json");
    const nlohmann::json golden = nlohmann::json::parse(stream);
    model::NetworkOptions options;
    options.neuron.kind = c.kind;
    options.num_classes = golden["num_classes"];
    const auto tensors = layout_from_string("official").tensors(build_network(c.network, options));
    ASSERT_EQ(tensors.size(), golden["keys"].size()) << c.file;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      EXPECT_EQ(tensors[i].theirs, golden["keys"][i][0]);
      EXPECT_EQ(nlohmann::json(tensors[i].their_shape), golden["keys"][i][1]) << tensors[i].theirs;
    }
  }
}

// Not recorded: a stem of one convolution has its neuron in `model.relu`.
TEST(OfficialLayout, StemNeuronOfTheOtherNetworks) {
  for (const char* name : {"resnet18", "resnet19", "resnet34"}) {
    EXPECT_THAT(their_names(layout_from_string("official")
                                .tensors(network(name, model::NeuronKind::kTrainableTernary))),
                Contains("model.relu.fire_ratio"));
  }
}

// Names read off SpikingJelly's spiking_resnet18().state_dict(), version 2.0.0.
TEST(SpikingJellyLayout, IsThatOfSpikingResnet) {
  const auto names = their_names(
      layout_from_string("spikingjelly").tensors(network("resnet18", model::NeuronKind::kBinary)));
  EXPECT_EQ(names.size(), 102u);  // 122 there, less 20 counters of batches
  EXPECT_THAT(names,
              IsSupersetOf({"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean",
                            "bn1.running_var", "layer1.0.conv1.weight", "layer1.1.bn2.running_var",
                            "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_mean",
                            "layer4.1.conv2.weight", "fc.weight", "fc.bias"}));
  EXPECT_THAT(names, Not(Contains("layer1.0.downsample.0.weight")));
}

TEST(SpikingJellyLayout, SequencesAndAmplitudes) {
  const auto names =
      their_names(layout_from_string("spikingjelly")
                      .tensors(network("resnet20", model::NeuronKind::kTrainableTernary)));
  EXPECT_THAT(names, IsSupersetOf({"conv1.0.weight", "conv1.7.running_mean", "conv1.8.amplitude",
                                   "layer1.0.sn1.amplitude", "layer2.0.downsample.1.weight",
                                   "layer2.0.downsample.2.bias", "layer4.1.sn2.amplitude"}));
}

}  // namespace
}  // namespace trispike::interop
