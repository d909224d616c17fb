// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The reference network says what the model answers; labels are chosen so that the accuracy is
// known.
#include <gmock/gmock.h>

#include <algorithm>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "support/reference_network.h"

namespace trispike::test {
namespace {

using ::testing::StartsWith;

class Eval : public CliTest {
 protected:
  static constexpr int kPictures = 12;
  static constexpr int kClasses = 10;

  /// The model's own answer for every third picture, a wrong one for the others.
  static std::vector<std::uint8_t> labels_right_for_every_third(const ReferenceResult& answers) {
    std::vector<std::uint8_t> labels;
    for (int i = 0; i < kPictures; ++i) {
      const auto first = answers.logits.begin() + i * kClasses;
      const auto best = std::max_element(first, first + kClasses) - first;
      labels.push_back(static_cast<std::uint8_t>(i % 3 == 0 ? best : (best + 1) % kClasses));
    }
    return labels;
  }

  void SetUp() override {
    const model::ModelData model = small_model();
    model_ = save(model);
    const ReferenceResult answers =
        run_reference(model, normalised_patterns(kSide, kPictures), kPictures);
    firing_rate_ = firing_rate(answers.spikes);
    write_idx_dataset(path("data"), kSide, labels_right_for_every_third(answers));
  }

  Json eval(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"eval",   model_,    "--data",       path("data"),
                                          "--json", "--quiet", "--arithmetic", "float64"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json("eval", arguments);
  }

  std::string model_;
  double firing_rate_ = 0;
};

TEST_F(Eval, AccuracyAndFiringRate) {
  for (const std::string threads : {"1", "2"}) {
    const Json answer = eval({"--threads", threads});
    EXPECT_EQ(answer["samples"], kPictures);
    EXPECT_EQ(answer["correct"], 4);
    EXPECT_DOUBLE_EQ(answer["accuracy"], 4.0 / 12);
    EXPECT_NEAR(answer["firing_rate"].get<double>(), firing_rate_, 1e-12);
    EXPECT_EQ(answer["engine"], "runtime");
    EXPECT_EQ(answer["arithmetic"], "float64");
    EXPECT_EQ(answer["split"], "test");
    EXPECT_EQ(answer["threads"], std::stoi(threads));
  }
}

TEST_F(Eval, LimitSpreadsOverTheSplit) {
  const Json answer = eval({"--limit", "4", "--split", "train"});  // pictures 0, 3, 6, 9
  EXPECT_EQ(answer["samples"], 4);
  EXPECT_EQ(answer["correct"], 4);
  EXPECT_EQ(answer["split"], "train");
  EXPECT_EQ(eval({"--limit", "1000"})["samples"], kPictures);
}

TEST_F(Eval, TextAndProgress) {
  const ProgramResult result = run({"eval", model_, "--data", path("data")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("accuracy      33.33 % (4 of 12 images)\n"));
  EXPECT_THAT(result.err, StartsWith("eval  12 images in "));
  EXPECT_EQ(run({"eval", model_, "--data", path("data"), "--quiet"}).err, "");
}

TEST_F(Eval, EarlyExitTakesFewerSteps) {
  const Json curve = eval({"--early-exit-curve"})["early_exit_curve"];
  ASSERT_GE(curve.size(), 3);
  EXPECT_EQ(curve.front()["margin"], 0);
  EXPECT_EQ(curve.front()["mean_time_steps"], 1);
  const int all = small_model().network.time_steps;
  EXPECT_EQ(curve.back()["mean_time_steps"], all);
  EXPECT_DOUBLE_EQ(curve.back()["accuracy"], 4.0 / 12);
  // Each point is what a run with that margin gives.
  for (const Json& point : curve) {
    const Json answer = eval({"--early-exit", point["margin"].dump()});
    EXPECT_EQ(answer["early_exit_margin"], point["margin"]);
    EXPECT_NEAR(answer["mean_time_steps"].get<double>(), point["mean_time_steps"].get<double>(),
                1e-12);
    EXPECT_NEAR(answer["accuracy"].get<double>(), point["accuracy"].get<double>(), 1e-12);
  }
  EXPECT_EQ(eval({})["mean_time_steps"], all);
  EXPECT_TRUE(eval({})["early_exit_curve"].is_null());
}

TEST_F(Eval, MultiplicationFreeNamesTheLayerThatMultiplies) {
  expect_error(2, {"eval", model_, "--data", path("data"), "--multiplication-free"},
               "multiplication_free: layer 'stem.0.conv' of this model reads real numbers");
}

TEST_F(Eval, Faults) {
  const std::string data = path("data");
  expect_error(2, {"eval", model_, "--data", data, "--engine", "steam"},
               "--engine: 'steam' is unknown, expected one of runtime, libtorch");
  expect_error(2, {"eval", model_, "--data", data, "--split", "middle"},
               "--split: 'middle' is unknown, expected train or test");
  expect_error(2, {"eval", model_, "--data", data, "--limit", "0"}, "--limit: ");
  expect_error(2,
               {"eval", model_, "--data", data, "--engine", "libtorch", "--arithmetic", "float64"},
               "--arithmetic: 'float64' is for the runtime");
  expect_error(1, {"eval", model_, "--data", path("nowhere")}, path("nowhere"));
  expect_error(1, {"eval", path("none.safetensors"), "--data", data}, path("none.safetensors"));

  model::NetworkOptions options;
  options.width = 4;
  options.num_classes = 7;
  options.input = {1, kSide, kSide};
  const std::string other =
      save(random_weights(model::build_network("resnet8", options), 1), "other");
  expect_error(1, {"eval", other, "--data", data},
               other + ": tells 7 classes apart, but " + data + " has 10");
}

}  // namespace
}  // namespace trispike::test
