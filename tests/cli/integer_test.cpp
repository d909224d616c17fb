// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From a folded model to integers and back through every command that runs models. Needs no
// LibTorch; integers from a checkpoint: train_test.cpp.
#include <filesystem>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/integer_network.h"
#include "trispike/model/safetensors.h"

namespace trispike::test {
namespace {

class IntegerCommands : public CliTest {
 protected:
  void SetUp() override {
    folded_ = save(model::fold(small_model()), "folded");
    write_idx_dataset(path("data"), kSide, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
  std::vector<std::string> quantise(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"export",       folded_,   "-o",     integer_,
                                          "--arithmetic", "integer", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  std::string folded_;
  std::string integer_ = path("integer.safetensors");
};

TEST_F(IntegerCommands, ExportQuantisesAFoldedModel) {
  const Json answer =
      run_json("export", quantise({"--verify", path("data"), "--weight-bits", "7", "--json"}));
  EXPECT_TRUE(answer["proof"].is_null()) << "folding was proven when the model was folded";
  EXPECT_TRUE(answer["float32"].is_null());
  EXPECT_EQ(answer["integer"]["weight_bits"], 7);
  EXPECT_EQ(answer["integer"]["calibration_samples"], 10);
  EXPECT_EQ(answer["integer"]["samples"], 10);
  const model::ModelData written = model::read_model(integer_);
  EXPECT_EQ(written.stage, model::Stage::kQuantised);
  EXPECT_THAT(written.provenance, ::testing::HasSubstr("\"weight_bits\":7"));
  EXPECT_LT(std::filesystem::file_size(integer_), std::filesystem::file_size(folded_));
}

TEST_F(IntegerCommands, ExportWorksWithoutData) {
  const Json answer = run_json("export", quantise({"--json"}));
  EXPECT_EQ(answer["integer"]["weight_bits"], 8);
  EXPECT_EQ(answer["integer"]["calibration_samples"], 0);
  EXPECT_FALSE(answer["integer"].contains("accuracy_integer"));
}

TEST_F(IntegerCommands, PredictEvalCountAndShowRunIt) {
  ASSERT_EQ(run(quantise()).exit_code, 0);
  const std::vector<double> input = normalised(pattern(kSide, 3));
  model::Safetensors tensor;
  tensor.tensors["input"] = model::Tensor::from({1, 1, kSide, kSide}, input);
  model::write_safetensors(path("input.safetensors"), tensor);
  for (const char* target : {"", "scalar"}) {
    const Json answer =
        run_json("predict", {"predict", integer_, "--tensor", path("input.safetensors"), "--json"},
                 {std::string("TRISPIKE_TARGET=") + target});
    EXPECT_EQ(answer["arithmetic"], "integer");
    EXPECT_EQ(answer["predictions"][0]["logits"].get<std::vector<double>>(),
              run_integer(model::read_model(integer_), input).logits);
  }
  const Json evaluated =
      run_json("eval", {"eval", integer_, "--data", path("data"), "--json", "--quiet"});
  EXPECT_EQ(evaluated["arithmetic"], "integer");
  const Json counted =
      run_json("count", {"count", integer_, "--data", path("data"), "--json", "--quiet"});
  EXPECT_EQ(counted["arithmetic"], "integer");
  EXPECT_GT(counted["synapse_layers"][1]["synaptic_operations"], 0);
  const ProgramResult shown = run({"show", integer_});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out, ::testing::HasSubstr("stage quantised"));
}

TEST_F(IntegerCommands, WrongArithmeticIsRefused) {
  ASSERT_EQ(run(quantise()).exit_code, 0);
  expect_error(2, {"eval", integer_, "--data", path("data"), "--arithmetic", "float32"},
               "arithmetic: the model is quantised and runs in integer arithmetic only");
  expect_error(2, {"eval", folded_, "--data", path("data"), "--arithmetic", "integer"},
               "arithmetic: integer needs a quantised model");
  expect_error(1, {"export", integer_, "-o", path("x"), "--arithmetic", "integer"},
               "its stage is 'quantised'");
}

TEST_F(IntegerCommands, ExportRefusesOptionsThatDoNotGoTogether) {
  expect_error(2, {"export", folded_, "-o", path("x"), "--weight-bits", "8"},
               "--weight-bits: is for --arithmetic integer only");
  expect_error(2, {"export", folded_, "-o", path("x"), "--calibrate", path("data")},
               "--calibrate: is for --arithmetic integer only");
  expect_error(2, quantise({"--weights", "float64"}), "--weights: is for real weights");
  expect_error(2, quantise({"--weight-bits", "5"}), "weight_bits: is 5, expected 6, 7 or 8");
  expect_error(2, {"export", folded_, "-o", path("x"), "--arithmetic", "int8"},
               "--arithmetic: 'int8' is unknown, expected float32 or integer");
  expect_error(1, {"export", folded_, "-o", path("x")}, "its stage is 'folded'");
}

}  // namespace
}  // namespace trispike::test
