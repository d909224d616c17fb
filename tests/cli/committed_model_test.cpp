// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The trained model that comes with the project (models/README.md), on the real pictures of
// Debian's dataset-fashion-mnist.
#include <filesystem>

#include "cli/cli_fixture.h"

namespace trispike::test {
namespace {

constexpr char kModel[] = TRISPIKE_SOURCE_DIR "/models/fashion-mnist-resnet8.safetensors";
constexpr char kPictures[] = "/usr/share/datasets/fashion-mnist";

class CommittedModel : public CliTest {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPictures)) GTEST_SKIP() << kPictures << " is not installed";
  }
};

TEST_F(CommittedModel, GivesTheSameAnswersOnEveryMachine) {
  EXPECT_LE(std::filesystem::file_size(kModel), 1000000u);
  // Float32 sums have one order whatever the kernels and the number of threads.
  for (const char* target : {"", "scalar"}) {
    const Json answer = run_json(
        "eval", {"eval", kModel, "--data", kPictures, "--limit", "2000", "--json", "--quiet"},
        {std::string("TRISPIKE_TARGET=") + target});
    EXPECT_EQ(answer["correct"], 1747) << target;
    EXPECT_NEAR(answer["firing_rate"].get<double>(), 0.17692661458333334, 1e-15) << target;
  }
}

TEST_F(CommittedModel, AddsOnlyAfterTheFirstLayer) {
  const Json answer = run_json(
      "count", {"count", kModel, "--data", kPictures, "--limit", "100", "--json", "--quiet"});
  bool first = true;
  for (const Json& layer : answer["synapse_layers"]) {
    EXPECT_EQ(layer["macs"].get<double>() > 0, first) << layer;
    first = false;
  }
  EXPECT_FALSE(first);
}

}  // namespace
}  // namespace trispike::test
