// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for each test, the program, and small models to run it on.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/json_schema.h"
#include "cli/program.h"
#include "support/random_weights.h"
#include "support/temporary_folder.h"
#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"

namespace trispike::test {

class CliTest : public ::testing::Test {
 protected:
  static constexpr int kSide = 8;  ///< of the pictures of small_model()

  using Json = nlohmann::json;

  std::string path(const std::string& name) const { return folder_.file(name); }

  ProgramResult run(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment = {}) const {
    return Program(folder_.path(), arguments, environment).wait();
  }
  Program start(const std::vector<std::string>& arguments) const {
    return Program(folder_.path(), arguments);
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

  /// A run that must fail with this exit code and a message that holds `message`.
  void expect_error(int exit_code, const std::vector<std::string>& arguments,
                    const std::string& message) const {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, exit_code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, ::testing::StartsWith("trispike: error: "));
    EXPECT_THAT(result.err, ::testing::HasSubstr(message));
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
  TemporaryFolder folder_;
};

}  // namespace trispike::test
