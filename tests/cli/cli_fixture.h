// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for each test, the program, and small models to run it on.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "cli/json_schema.h"
#include "cli/program.h"
#include "support/random_weights.h"
#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"

namespace trispike::test {

class CliTest : public ::testing::Test {
 protected:
  static constexpr int kSide = 8;  ///< of the pictures of small_model()

  using Json = nlohmann::json;

  CliTest() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() /
              ("trispike-" + std::string(test->test_suite_name()) + "-" + test->name() + "-" +
               std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~CliTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }

  ProgramResult run(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment = {}) const {
    return run_program(folder_, arguments, environment);
  }

  /// The answer of a run that must succeed, say nothing on standard error and fit its schema.
  Json run_json(const std::string& schema, const std::vector<std::string>& arguments,
                const std::vector<std::string>& environment = {}) const {
    const ProgramResult result = run(arguments, environment);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return checked_json(schema, result.out);
  }

  static Json checked_json(const std::string& schema, const std::string& text) {
    const std::string file = TRISPIKE_SOURCE_DIR "/docs/schemas/" + schema + ".schema.json";
    const Json answer = Json::parse(text);
    EXPECT_EQ(JsonSchema(Json::parse(read_text(file))).violations(answer),
              std::vector<std::string>{});
    return answer;
  }

  /// `resnet8` of width 4 for grey 8x8 pictures, T = 2, trainable ternary spikes.
  static model::ModelData small_model(model::InputKind input = model::InputKind::kStatic) {
    model::NetworkOptions options;
    options.width = 4;
    options.input = {1, kSide, kSide};
    options.input_kind = input;
    options.neuron.kind = model::NeuronKind::kTrainableTernary;
    model::ModelData model = random_weights(model::build_network("resnet8", options), 7);
    model.preprocessing = {{0.25}, {0.5}};
    return model;
  }

  /// Writes a model and returns its path.
  std::string save(const model::ModelData& model, const std::string& name = "model") const {
    const std::string file = path(name + ".safetensors");
    model::write_model(file, model);
    return file;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace trispike::test
