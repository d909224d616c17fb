// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "trispike/model/quantise.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class Bench : public CliTest {
 protected:
  void SetUp() override { write_idx_dataset(path("data"), kSide, {0, 1, 2}); }
};

TEST_F(Bench, CountsAsCountDoes) {
  const std::string model = save(model::fold(small_model()));
  const Json counted =
      run_json("count", {"count", model, "--data", path("data"), "--json", "--quiet"});
  const Json answer = run_json("bench", {"bench", model, "--data", path("data"), "--batch", "3",
                                         "--seconds", "0", "--json"});
  EXPECT_EQ(answer["input"], "pictures");
  EXPECT_EQ(answer["arithmetic"], "float32");
  EXPECT_EQ(answer["batch"], 3);
  EXPECT_EQ(answer["runs"], 7);
  EXPECT_EQ(answer["firing_rate"], counted["firing_rate"]);
  EXPECT_EQ(answer["synaptic_operations"], counted["total"]["synaptic_operations"]);
  EXPECT_EQ(answer["macs"], counted["total"]["macs"]);
  EXPECT_EQ(answer["multiplying_layers"].size(), 1u) << answer;  // the first one
  EXPECT_GT(answer["milliseconds"]["least"].get<double>(), 0);
  EXPECT_LE(answer["milliseconds"]["least"], answer["milliseconds"]["median"]);
}

TEST_F(Bench, NoiseThreadsAndText) {
  const std::string model = save(model::quantise(model::fold(small_model()), {}));
  const Json answer = run_json(
      "bench", {"bench", model, "--batch", "4", "--threads", "2", "--seconds", "0", "--json"});
  EXPECT_EQ(answer["input"], "noise");
  EXPECT_EQ(answer["arithmetic"], "integer");
  EXPECT_EQ(answer["threads"], 2);
  EXPECT_THAT(run({"bench", model, "--seconds", "0"}).out, HasSubstr("layers that multiply: "));
}

TEST_F(Bench, RefusesNoiseForEventInput) {
  const model::ModelData data = model::fold(small_model(model::InputKind::kEvents));
  const ProgramResult result = run({"bench", save(data)});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--data: is needed for a model of event input"));
}

}  // namespace
}  // namespace trispike::test
