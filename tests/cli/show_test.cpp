// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class Show : public CliTest {
 protected:
  static const Json& layer(const Json& answer, const std::string& name) {
    for (const Json& candidate : answer["layers"]) {
      if (candidate["name"] == name) return candidate;
    }
    throw std::runtime_error("no layer " + name);
  }
};

// Parameters as in the authors' code; multiply-accumulates of one time step of the convolutions, T
// = 2, plus those of the head.
TEST_F(Show, PublishedTotals) {
  struct Case {
    const char* network;
    std::int64_t parameters;
    std::int64_t dense_operations;
  };
  for (const Case& c : {Case{"resnet20", 11'247'946, 2LL * (215'678'976 + 5'120)},
                        Case{"resnet19", 12'569'226, 2LL * (2'285'240'320 + 5'120)},
                        Case{"resnet18", 11'689'512, 2LL * (1'813'561'344LL + 512'000)},
                        Case{"resnet34", 21'797'672, 2LL * (3'663'249'408 + 512'000)}}) {
    const Json answer = run_json("show", {"show", c.network, "--json"});
    EXPECT_EQ(answer["network"], c.network);
    EXPECT_EQ(answer["total"]["parameters"], c.parameters) << c.network;
    EXPECT_EQ(answer["total"]["dense_operations"], c.dense_operations) << c.network;
    EXPECT_EQ(answer["total"]["amplitudes"], 0);
    EXPECT_FALSE(answer.contains("file"));
  }
}

// Table 5 of the paper: 3.54M FLOPs and SOPs / (s x T) = 216.77M.
TEST_F(Show, CountsOfThePapersEnergyEstimate) {
  const Json answer = run_json("show", {"show", "resnet20", "--time-steps", "2", "--json"});
  EXPECT_EQ(answer["paper_estimate"]["additions"], 216'767'498);
  EXPECT_EQ(answer["paper_estimate"]["flops"], 3'538'944);
}

TEST_F(Show, NetworkOptions) {
  const Json answer = run_json(
      "show", {"show", "resnet8", "--json", "--width", "4", "--time-steps", "3", "--classes", "7",
               "--input", "2x8x8", "--frames", "--neuron", "trainable_ternary"});
  EXPECT_EQ(answer["time_steps"], 3);
  EXPECT_EQ(answer["classes"], 7);
  EXPECT_EQ(answer["input"], Json::parse(R"({"shape":[2,8,8],"kind":"frames"})"));
  // 3x3 weights of 2 x 4 channels at 64 positions, three times
  EXPECT_EQ(answer["layers"][1]["parameters"], 72);
  EXPECT_EQ(answer["layers"][1]["dense_operations"], 72 * 64 * 3);
  EXPECT_EQ(answer["layers"][1]["output"], Json({4, 8, 8}));
  EXPECT_GT(answer["total"]["amplitudes"], 0);
}

TEST_F(Show, AnnTwinHasOneTimeStep) {
  EXPECT_EQ(run_json("show", {"show", "resnet8", "--json", "--neuron", "relu"})["time_steps"], 1);
}

TEST_F(Show, TableHasLayersAndTotals) {
  const ProgramResult result = run({"show", "resnet20"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("11,247,946"));
  EXPECT_THAT(result.out, HasSubstr("64 x 32 x 32"));
  EXPECT_THAT(result.out, HasSubstr("head"));
}

TEST_F(Show, TrainedModelFile) {
  model::ModelData model = small_model();
  model.provenance = R"({"recipe":"short"})";
  model.class_names = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "\x1b[2J"};
  const std::string file = save(model);
  const Json answer = run_json("show", {"show", file, "--json"});
  EXPECT_EQ(answer["file"]["stage"], "trained");
  EXPECT_EQ(answer["file"]["path"], file);
  EXPECT_EQ(answer["file"]["provenance"]["recipe"], "short");
  EXPECT_EQ(answer["file"]["preprocessing"],
            Json::parse(R"({"mean":[0.25],"std":[0.5],"resize_shorter":0})"));
  EXPECT_EQ(answer["file"]["class_names"][9], "\x1b[2J");
  const double amplitude = model.tensors.at("stem.0.neuron.amplitude").to_double().front();
  EXPECT_EQ(layer(answer, "stem.0.neuron")["amplitude"], amplitude);

  const ProgramResult table = run({"show", file});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, HasSubstr("stage trained"));
  EXPECT_THAT(table.out, HasSubstr("amplitude"));
}

TEST_F(Show, ThresholdsThatLayersHaveLearned) {
  model::ModelData model = small_model();
  const auto stem = static_cast<std::size_t>(model.network.find("stem.0.neuron"));
  std::get<model::NeuronLayer>(model.network.layers[stem].params).neuron.trainable_threshold = true;
  model.tensors["stem.0.neuron.threshold"] = model::Tensor::from({1}, std::vector<double>{0.625});
  const Json trained = run_json("show", {"show", save(model), "--json"});
  EXPECT_EQ(layer(trained, "stem.0.neuron")["threshold"], 0.625);
  EXPECT_FALSE(layer(trained, "stage1.0.neuron1").contains("threshold"));
  EXPECT_THAT(run({"show", save(model)}).out, HasSubstr("threshold 0.625 (trained) decay"));
  EXPECT_THAT(run({"show", save(model::fold(model))}).out, HasSubstr("threshold 0.625 decay"));
}

TEST_F(Show, FoldedModelFileHasNoAmplitudes) {
  const Json answer = run_json("show", {"show", save(model::fold(small_model())), "--json"});
  EXPECT_EQ(answer["file"]["stage"], "folded");
  EXPECT_EQ(answer["total"]["amplitudes"], 0);
  for (const Json& row : answer["layers"]) {
    EXPECT_NE(row["type"], "batch_norm");
    EXPECT_FALSE(row.contains("amplitude"));
  }
}

TEST_F(Show, PlanOfAModelFile) {
  const std::string file = save(small_model());
  const Json plan = run_json("show", {"show", file, "--plan", "--json"})["plan"];
  EXPECT_THAT(plan[0].get<std::string>(), HasSubstr("float32"));
  EXPECT_THAT(plan[1].get<std::string>(), HasSubstr("[dense from input"));
  EXPECT_THAT(plan[2].get<std::string>(), HasSubstr("[gather from stem.0.neuron"));
  EXPECT_THAT(run({"show", file, "--plan"}).out, HasSubstr("how the runtime runs it"));
  expect_error(2, {"show", "resnet20", "--plan"},
               "--plan: is for model files, but 'resnet20' is a network without weights");
}

TEST_F(Show, Faults) {
  expect_error(2, {"show", "resnet21"},
               "TARGET: 'resnet21' is neither a file nor one of the networks resnet20, resnet19");
  expect_error(2, {"show", "resnet20", "--input", "32x32"},
               "--input: '32x32' is no size, expected CHANNELSxHEIGHTxWIDTH as in 3x32x32");
  expect_error(2, {"show", "resnet20", "--neuron", "quaternary"}, "quaternary");
  expect_error(2, {"show", "resnet20", "--width", "-1"}, "network.width");
  expect_error(2, {"show", save(small_model()), "--width", "8"},
               "--width: is for networks by name, but '");
  expect_error(1, {"show", path("")}, path(""));  // a folder
}

}  // namespace
}  // namespace trispike::test
