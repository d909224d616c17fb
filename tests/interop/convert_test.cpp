// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/interop/convert.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>

#include "support/random_weights.h"
#include "trispike/interop/layouts.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using model::NeuronKind;
using model::Tensor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// resnet20 of width 4 for 3 classes on 3x8x8, as the authors' code would save it.
class Convert : public testing::Test {
 protected:
  static model::ModelData trained(NeuronKind kind = NeuronKind::kTrainableTernary,
                                  const std::string& name = "resnet20") {
    model::NetworkOptions options;
    options.width = 4;
    options.num_classes = 3;
    options.input = {3, 8, 8};
    options.neuron = model::neuron_preset("official_code", kind);
    return test::parity_weights(model::build_network(name, options));
  }

  static model::TensorMap official(const model::ModelData& model) {
    return export_weights(model, "official").tensors;
  }

  static ImportOptions options(NeuronKind kind = NeuronKind::kTrainableTernary) {
    return {"official", "resnet20", kind, 2, 3, {3, 8, 8}, model::InputKind::kStatic, {}};
  }

  static std::string refusal(const model::TensorMap& weights, const ImportOptions& options) {
    try {
      import_model(weights, options, "w.pth");
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  static std::string export_refusal(const model::ModelData& model, const std::string& layout) {
    try {
      export_weights(model, layout);
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  }
};

TEST_F(Convert, ThereAndBackIsTheSameModel) {
  for (const char* name : {"resnet20", "resnet19", "resnet18", "resnet34"}) {
    for (const NeuronKind kind :
         {NeuronKind::kBinary, NeuronKind::kTernary, NeuronKind::kTrainableTernary}) {
      const model::ModelData model = trained(kind, name);
      ImportOptions given = options(kind);
      given.network = name;
      const ImportResult result = import_model(official(model), given, "w.pth");
      EXPECT_EQ(result.model.network, model.network);
      EXPECT_EQ(result.model.tensors, model.tensors);
      EXPECT_EQ(result.model.stage, model::Stage::kTrained);
      EXPECT_TRUE(result.unused.empty());
      EXPECT_EQ(official(result.model), official(model));
    }
  }
}

TEST_F(Convert, NeuronsAreThoseOfTheAuthorsCode) {
  const auto neuron_of = [](NeuronKind kind) {
    const ImportResult result = import_model(official(trained(kind)), options(kind), "w.pth");
    return std::get<model::NeuronLayer>(result.model.network.layers[3].params).neuron;
  };
  EXPECT_EQ(neuron_of(NeuronKind::kTernary).threshold, 0.5);
  EXPECT_FALSE(neuron_of(NeuronKind::kTernary).strict);
  EXPECT_TRUE(neuron_of(NeuronKind::kBinary).strict);
  EXPECT_EQ(neuron_of(NeuronKind::kBinary).decay, 0.25);
  const ImportResult result = import_model(official(trained()), options(), "w.pth");
  for (const model::Layer& layer : result.model.network.layers) {
    const auto* norm = std::get_if<model::BatchNormLayer>(&layer.params);
    if (norm) {
      EXPECT_EQ(norm->per_time_step, layer.name.starts_with("stem.")) << layer.name;
    }
  }
}

TEST_F(Convert, ClassesMayFollowFromTheWeights) {
  ImportOptions given = options();
  given.num_classes = 0;
  EXPECT_EQ(import_model(official(trained()), given, "w").model.network.num_classes(), 3);
}

TEST_F(Convert, WhatIsMissingIsNamed) {
  model::TensorMap weights = official(trained());
  weights.erase("model.fc.conv.bias");
  weights.erase("model.layer3.1.relu1.fire_ratio");
  EXPECT_THAT(refusal(weights, options()),
              HasSubstr("w.pth: 2 of the 131 tensors of resnet20 in layout 'official' are missing: "
                        "'model.layer3.1.relu1.fire_ratio', 'model.fc.conv.bias'; the file holds "
                        "'model.conv1.0.pool.weight'"));
  EXPECT_THAT(refusal({}, options()), HasSubstr("131 of the 131 tensors"));
  ImportOptions other = options();
  other.network = "resnet19";
  EXPECT_THAT(refusal(official(trained()), other), HasSubstr("tensors of resnet19"));
}

TEST_F(Convert, AnotherShapeIsNamed) {
  ImportOptions given = options();
  given.num_classes = 10;
  EXPECT_THAT(refusal(official(trained()), given),
              HasSubstr("w.pth: tensor 'model.fc.conv.weight' has shape [3, 32], resnet20 with "
                        "these options needs [10, 32]"));
  given = options();
  given.input = {2, 8, 8};
  EXPECT_THAT(refusal(official(trained()), given),
              HasSubstr("'model.conv1.0.pool.weight' has shape [4, 3, 3, 3], resnet20 with these "
                        "options needs [4, 2, 3, 3]"));
  model::TensorMap weights = official(trained());
  weights["model.layer2.0.bn1.bn.bias"] = Tensor::from({7}, std::vector<float>(7));
  EXPECT_THAT(refusal(weights, options()),
              HasSubstr("'model.layer2.0.bn1.bn.bias' has shape [7], resnet20 with these options "
                        "needs [8]"));
  weights = official(trained());
  weights["model.conv1.0.pool.weight"].shape = {};
  EXPECT_THAT(refusal(weights, options()), HasSubstr("has shape [], resnet20"));
}

TEST_F(Convert, WrongOptionsAreNamed) {
  ImportOptions given = options();
  given.time_steps = 0;
  EXPECT_THAT(refusal(official(trained()), given), HasSubstr("network.time_steps: is 0"));
  given = options();
  given.network = "resnet8";
  EXPECT_THAT(refusal(official(trained()), given),
              HasSubstr("--network: layout 'official' has no network 'resnet8'; expected one of "
                        "resnet20, resnet19, resnet18, resnet34"));
  given = options();
  given.layout = "spikingjelly";
  EXPECT_THAT(refusal(official(trained()), given), HasSubstr("is for export only"));
  given = options();
  given.preprocessing.mean = {0.5, 0.5};
  EXPECT_THAT(refusal(official(trained()), given), HasSubstr("--mean: has 2 numbers, expected 3"));
  given = options();
  given.preprocessing.std = {0.5, 0.5, 0};
  EXPECT_THAT(refusal(official(trained()), given), HasSubstr("--std: holds 0"));
}

TEST_F(Convert, ExtraTensorsAreListed) {
  model::TensorMap weights = official(trained());
  weights["model.scale"] = Tensor::from({1, 1, 2}, std::vector<float>{1, 1});
  weights["model.layer1.0.bn1.bn.num_batches_tracked"] =
      Tensor::from({}, std::vector<std::int64_t>{7});
  weights["aux.weight"] = Tensor::from({1}, std::vector<float>{3});
  EXPECT_THAT(import_model(weights, options(), "w").unused,
              ElementsAre("aux.weight", "model.scale"));
}

// As ones they are what the published code computes; otherwise the model would silently be another.
TEST_F(Convert, ExtraTensorsThatMatterAreRefused) {
  EXPECT_THAT(refusal(official(trained()), options(NeuronKind::kTernary)),
              HasSubstr("fire_ratio' holds 1."));
  EXPECT_THAT(refusal(official(trained()), options(NeuronKind::kTernary)),
              HasSubstr("--spikes trainable"));
  model::TensorMap ones = official(trained(NeuronKind::kTernary));
  ones["model.conv1.2.fire_ratio"] = Tensor::from({}, std::vector<float>{1});
  EXPECT_THAT(import_model(ones, options(NeuronKind::kTernary), "w").unused,
              ElementsAre("model.conv1.2.fire_ratio"));
  model::TensorMap scaled = official(trained());
  scaled["model.scale"] = Tensor::from({1, 1, 2}, std::vector<float>{1, 0.5});
  EXPECT_THAT(refusal(scaled, options()), HasSubstr("w.pth: tensor 'model.scale' holds 0.5"));
}

TEST_F(Convert, NumberTypes) {
  model::TensorMap weights = official(trained());
  Tensor& bias = weights["model.fc.conv.bias"];
  const std::vector<std::uint16_t> ones{0x3f80, 0xbf80, 0x4000};  // bfloat16 1, -1, 2
  bias.dtype = model::DType::kBF16;
  bias.data.resize(6);
  std::memcpy(bias.data.data(), ones.data(), 6);
  weights["model.conv1.1.conv.bias"] = weights["model.conv1.1.conv.bias"].cast(model::DType::kF64);
  const ImportResult result = import_model(weights, options(), "w");
  EXPECT_EQ(result.model.tensors.at("head.bias"), Tensor::from({3}, std::vector<float>{1, -1, 2}));
  EXPECT_EQ(result.model.tensors.at("stem.0.norm.bias").dtype, model::DType::kF64);
  bias = Tensor::from({3}, std::vector<std::int64_t>{1, 2, 3});
  EXPECT_THAT(refusal(weights, options()), HasSubstr("'model.fc.conv.bias' holds numbers of type "
                                                     "I64, expected real numbers"));
  bias = Tensor::from({3}, std::vector<float>{1, INFINITY, 3});
  EXPECT_THAT(refusal(weights, options()),
              HasSubstr("w.pth: byte 0: tensor 'head.bias' holds inf"));
}

TEST_F(Convert, ExportSaysWhatALayoutCannotExpress) {
  EXPECT_THAT(export_refusal(model::fold(trained()), "official"),
              HasSubstr("the model's stage is 'folded'"));
  EXPECT_THAT(export_refusal(trained(NeuronKind::kTernary, "resnet8"), "official"),
              HasSubstr("layout 'official' has no network 'resnet8'"));
  EXPECT_EQ(export_refusal(trained(NeuronKind::kTernary, "resnet8"), "spikingjelly"),
            "nothing was thrown");
  model::ModelData model = trained();
  std::get<model::BatchNormLayer>(model.network.layers[2].params).scale = 2;
  EXPECT_THAT(export_refusal(model, "spikingjelly"),
              HasSubstr("layer 'stem.0.norm' is a batch norm with scale 2"));
  model = trained();
  std::get<model::NeuronLayer>(model.network.layers[3].params).neuron.kind = NeuronKind::kRelu;
  EXPECT_THAT(export_refusal(model, "spikingjelly"), HasSubstr("'stem.0.neuron' does not spike"));
}

TEST_F(Convert, ExportKeepsBitsAndSaysWhatTheNetworkIs) {
  const model::ModelData model = trained();
  const model::Safetensors weights = export_weights(model, "spikingjelly");
  EXPECT_EQ(weights.metadata.at("trispike.layout"), "spikingjelly");
  EXPECT_EQ(model::network_from_json(weights.metadata.at("trispike.network")), model.network);
  EXPECT_EQ(weights.tensors.at("layer1.0.conv1.weight"), model.tensors.at("stage1.0.conv1.weight"));
  EXPECT_EQ(weights.tensors.at("conv1.2.amplitude").data,
            model.tensors.at("stem.0.neuron.amplitude").data);
  EXPECT_EQ(weights.tensors.at("conv1.2.amplitude").shape, std::vector<std::int64_t>{});
}

}  // namespace
}  // namespace trispike::interop
