// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Other programs' weights through the program: the authors' own networks with recorded answers
// (tests/golden/official-parity), in and out again.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "cli/cli_fixture.h"
#include "interop/torch_writer.h"
#include "trispike/interop/convert.h"
#include "trispike/model/safetensors.h"

namespace trispike::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Case {
  const char* file;
  const char* network;
  const char* spikes;
  model::NeuronKind kind;
};

void PrintTo(const Case& c, std::ostream* stream) { *stream << c.file; }

class OfficialWeights : public CliTest, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    golden_ = Json::parse(read_text(std::string(TRISPIKE_SOURCE_DIR) +
                                    "/tests/golden/official-parity/" + GetParam().file + ".json"));
  }

  /// The case's weights under the recorded keys, which stand in the order of our tensors.
  void write_weights(const std::string& path) const {
    model::NetworkOptions options;
    options.neuron.kind = GetParam().kind;
    options.num_classes = golden_["num_classes"];
    const model::NetworkSpec network = build_network(GetParam().network, options);
    const model::TensorMap values = parity_weights(network).tensors;
    model::Safetensors weights;
    std::size_t k = 0;
    for (const model::LayerInfo& info : model::infer(network)) {
      for (const model::TensorSpec& tensor : info.tensors) {
        model::Tensor copy = values.at(tensor.name);
        copy.shape = golden_["keys"].at(k)[1].get<std::vector<std::int64_t>>();
        weights.tensors.emplace(golden_["keys"][k][0], std::move(copy));
        ++k;
      }
    }
    EXPECT_EQ(k, golden_["keys"].size());
    model::write_safetensors(path, weights);
  }

  std::string input_shape() const {
    const Json& shape = golden_["input"]["shape"];
    return shape[0].dump() + "x" + shape[1].dump() + "x" + shape[2].dump();
  }

  Json import_weights() const {
    return run_json("import",
                    {"import", path("w.safetensors"), "--layout", "official", "--network",
                     GetParam().network, "--spikes", GetParam().spikes, "--time-steps",
                     golden_["time_steps"].dump(), "--classes", golden_["num_classes"].dump(),
                     "--input-shape", input_shape(), "-o", path("m.safetensors"), "--json"});
  }

  void write_input() const {
    std::vector<std::int64_t> shape = golden_["input"]["shape"];
    shape.insert(shape.begin(), golden_["input"]["batch"].get<std::int64_t>());
    std::int64_t elements = 1;
    for (const std::int64_t size : shape) elements *= size;
    model::Safetensors file;
    file.tensors["input"] = model::Tensor::from(
        shape, parity_input(golden_["input"]["seed"], static_cast<std::size_t>(elements)));
    model::write_safetensors(path("x.safetensors"), file);
  }

  Json golden_;
};

TEST_P(OfficialWeights, GiveTheRecordedLogits) {
  write_weights(path("w.safetensors"));
  const Json report = import_weights();
  EXPECT_EQ(report["tensors"], golden_["keys"].size());
  EXPECT_EQ(report["unused"], Json::array());
  write_input();
  const Json answer =
      run_json("predict", {"predict", path("m.safetensors"), "--tensor", path("x.safetensors"),
                           "--arithmetic", "float64", "--json"});
  const Json& recorded = golden_["eval"]["logits"];
  ASSERT_EQ(answer["predictions"].size(), golden_["input"]["batch"]);
  for (std::size_t n = 0; n < answer["predictions"].size(); ++n) {
    const std::vector<double> logits = answer["predictions"][n]["logits"];
    const Json& row = recorded.is_array() ? recorded[n] : recorded["first20"][n];
    for (std::size_t k = 0; k < row.size(); ++k) EXPECT_NEAR(logits[k], row[k], 1e-8);
    if (recorded.is_array()) continue;
    double squares = 0;
    for (const double logit : logits) squares += logit * logit;
    EXPECT_NEAR(std::sqrt(squares), recorded["l2"][n], 1e-8 * std::sqrt(squares));
    EXPECT_EQ(answer["predictions"][n]["top1"], recorded["argmax"][n]);
  }
}

TEST_P(OfficialWeights, ComeBackBitByBit) {
  write_weights(path("w.safetensors"));
  import_weights();
  const Json report =
      run_json("export_layout", {"export", path("m.safetensors"), "--layout", "official", "-o",
                                 path("back.safetensors"), "--json"});
  EXPECT_EQ(report["neuron"]["threshold"], 0.5);
  EXPECT_EQ(model::read_safetensors(path("back.safetensors")).tensors,
            model::read_safetensors(path("w.safetensors")).tensors);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OfficialWeights,
    testing::Values(Case{"resnet20-ternary-t2", "resnet20", "ternary", model::NeuronKind::kTernary},
                    Case{"resnet20-trainable-t2", "resnet20", "trainable",
                         model::NeuronKind::kTrainableTernary},
                    Case{"resnet19-ternary-t2", "resnet19", "ternary", model::NeuronKind::kTernary},
                    Case{"resnet18-imagenet-ternary-t2", "resnet18", "ternary",
                         model::NeuronKind::kTernary}),
    [](const auto& tested) {
      std::string name = tested.param.file;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

/// resnet20 of width 4 for 3 classes on 3x8x8.
class Import : public CliTest {
 protected:
  static model::ModelData model(model::NeuronKind kind = model::NeuronKind::kTrainableTernary) {
    model::NetworkOptions options;
    options.width = 4;
    options.num_classes = 3;
    options.input = {3, 8, 8};
    options.neuron = model::neuron_preset("official_code", kind);
    return parity_weights(model::build_network("resnet20", options));
  }

  std::string save_weights(const model::TensorMap& tensors) const {
    model::write_safetensors(path("w.safetensors"), {tensors, {}});
    return path("w.safetensors");
  }

  std::vector<std::string> arguments(const std::string& weights,
                                     const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{
        "import",        weights,    "--layout",  "official",           "--network",
        "resnet20",      "--spikes", "trainable", "--time-steps",       "2",
        "--input-shape", "3x8x8",    "-o",        path("m.safetensors")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Import, ACheckpointOfTorchSave) {
  model::TensorMap tensors = interop::export_weights(model(), "official").tensors;
  tensors["aux.weight"] = model::Tensor::from({1}, std::vector<float>{3});
  TorchWriter(tensors, "module.").write(path("w.pth"));
  const Json report = run_json("import", arguments(path("w.pth"), {"--mean", "0.5,0.4,0.3", "--std",
                                                                   "0.25,0.25,0.5", "--json"}));
  EXPECT_EQ(report["entry"], "state_dict");
  EXPECT_EQ(report["prefix"], "module.");
  EXPECT_EQ(report["width"], 4);
  EXPECT_EQ(report["classes"], 3);
  EXPECT_EQ(report["unused"], Json::array({"aux.weight"}));
  const model::ModelData imported = model::read_model(path("m.safetensors"));
  EXPECT_EQ(imported.tensors, model().tensors);
  EXPECT_EQ(imported.network, model().network);
  EXPECT_THAT(imported.preprocessing.mean, ElementsAre(0.5, 0.4, 0.3));
  EXPECT_THAT(imported.preprocessing.std, ElementsAre(0.25, 0.25, 0.5));
  EXPECT_EQ(Json::parse(imported.provenance)["import"]["file"], "w.pth");
}

TEST_F(Import, SaysWhatItFound) {
  model::TensorMap tensors = interop::export_weights(model(), "official").tensors;
  tensors["aux.weight"] = model::Tensor::from({1}, std::vector<float>{3});
  TorchWriter(tensors, "").write(path("w.pth"));
  const ProgramResult result = run(arguments(path("w.pth")));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("w.pth, entry 'state_dict'\n"));
  EXPECT_THAT(result.out, HasSubstr("of no use to the network: aux.weight\n"));
  EXPECT_THAT(result.out,
              HasSubstr("resnet20, trainable spikes, width 4, 2 time steps, 3 classes"));
  EXPECT_THAT(result.out, HasSubstr("not normalised"));
}

TEST_F(Import, FramesAreKept) {
  const std::string weights = save_weights(interop::export_weights(model(), "official").tensors);
  run_json("import", arguments(weights, {"--frames", "--json"}));
  EXPECT_EQ(model::read_model(path("m.safetensors")).network.input().kind,
            model::InputKind::kFrames);
}

TEST_F(Import, WrongWeightsLeaveNoFile) {
  const std::string weights = save_weights(interop::export_weights(model(), "official").tensors);
  expect_error(1, arguments(weights, {"--classes", "10"}),
               "w.safetensors: tensor 'model.fc.conv.weight' has shape [3, 32], resnet20 with "
               "these options needs [10, 32]");
  expect_error(1, arguments(path("none.pth")), "none.pth: no such file");
  std::ofstream(path("text.pth")) << "PK\x03\x04 and so on";
  expect_error(1, arguments(path("text.pth")), "text.pth: byte ");
  EXPECT_FALSE(std::filesystem::exists(path("m.safetensors")));
}

TEST_F(Import, WrongOptions) {
  const std::string weights = save_weights(interop::export_weights(model(), "official").tensors);
  const auto with = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> all = arguments(weights);
    *(std::find(all.begin(), all.end(), option) + 1) = value;
    return all;
  };
  expect_error(2, with("--layout", "torchvision"), "--layout: unknown layout 'torchvision'");
  expect_error(2, with("--layout", "spikingjelly"), "is for export only");
  expect_error(2, with("--network", "resnet8"), "layout 'official' has no network 'resnet8'");
  expect_error(2, with("--spikes", "quaternary"), "--spikes: 'quaternary' is unknown");
  expect_error(2, with("--time-steps", "0"), "network.time_steps: is 0");
  expect_error(2, with("--input-shape", "3x8"), "--input-shape: '3x8' is no size");
  expect_error(2, arguments(weights, {"--key", "model"}), "--key: ");
  expect_error(2, arguments(weights, {"--mean", "0.5"}), "--mean: has 1 numbers, expected 3");
}

TEST_F(Import, ExportNamesWhatCannotBe) {
  const std::string file = save(model());
  expect_error(2, {"export", file, "--layout", "official", "-o", path("w.pth")},
               "--output: '" + path("w.pth") + "' is named like a file of torch.save");
  expect_error(
      2,
      {"export", file, "--layout", "official", "-o", path("w.safetensors"), "--weights", "float32"},
      "--weights: has no meaning with --layout");
  expect_error(2, {"export", file, "--layout", "keras", "-o", path("w.safetensors")},
               "unknown layout 'keras'; expected one of official, spikingjelly");
  expect_error(1,
               {"export", save(model::fold(model()), "folded"), "--layout", "official", "-o",
                path("w.safetensors")},
               "folded.safetensors: the model's stage is 'folded'");
  EXPECT_FALSE(std::filesystem::exists(path("w.safetensors")));
}

TEST_F(Import, ExportForSpikingJellySaysWhatToSet) {
  const ProgramResult result =
      run({"export", save(model()), "--layout", "spikingjelly", "-o", path("w.safetensors")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("131 tensors, layout spikingjelly"));
  EXPECT_THAT(result.out,
              HasSubstr("trainable_ternary, fire from 0.5, decay 0.25, hard reset, 2 time steps"));
  EXPECT_TRUE(
      model::read_safetensors(path("w.safetensors")).tensors.contains("layer1.0.sn1.amplitude"));
}

}  // namespace
}  // namespace trispike::test
