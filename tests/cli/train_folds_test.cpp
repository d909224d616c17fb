// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A cross-validation with the program: what is called the test set is the same everywhere.
#include "cli/train_fixture.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class TrainFolds : public Train {
 protected:
  /// Both splits of 40 pictures, 8 of each class.
  static constexpr int kOfFold = 2 * kPictures / 4;

  std::string trained() {
    const Json json = run_json(
        "train", train("run", {"--json", "--quiet", "--set", "data.folds=4", "data.fold=2"}));
    EXPECT_EQ(json["test_samples"], kOfFold);
    test_accuracy_ = json["test_accuracy"];
    return json["best"];
  }

  Json eval(const std::string& model, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"eval",      model, "--data", path("data"),
                                          "--threads", "1",   "--json", "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_json("eval", arguments);
  }

  double test_accuracy_ = 0;
};

TEST_F(TrainFolds, TheModelKnowsItsTestSet) {
  const std::string checkpoint = trained();
  const Json libtorch = eval(checkpoint, {"--engine", "libtorch"});
  EXPECT_EQ(libtorch["fold"], "2/4");
  EXPECT_EQ(libtorch["samples"], kOfFold);
  EXPECT_EQ(libtorch["accuracy"], test_accuracy_);

  const std::string model = path("model.safetensors");
  const Json exported = run_json(
      "export", {"export", checkpoint, "-o", model, "--verify", path("data"), "--json", "--quiet"});
  EXPECT_EQ(exported["float32"]["samples"], kOfFold);
  EXPECT_EQ(exported["float32"]["accuracy_libtorch"], test_accuracy_);
  EXPECT_EQ(eval(model)["accuracy"], exported["float32"]["accuracy_runtime"]);

  const std::string integer = path("integer.safetensors");
  run_json("export", {"export", model, "-o", integer, "--arithmetic", "integer", "--verify",
                      path("data"), "--json", "--quiet"});
  EXPECT_EQ(eval(integer)["fold"], "2/4");
  EXPECT_EQ(eval(integer, {"--split", "train"})["samples"], 2 * kPictures - kOfFold);

  const ProgramResult said = run({"count", model, "--data", path("data")});
  EXPECT_THAT(said.err, HasSubstr("the test split is that of fold 2/4"));
}

TEST_F(TrainFolds, AnotherFoldOrNoneOnRequest) {
  const std::string checkpoint = trained();
  const Json own = eval(checkpoint, {"--fold", "none"});
  EXPECT_TRUE(own["fold"].is_null());
  EXPECT_EQ(own["samples"], kPictures);
  EXPECT_EQ(eval(checkpoint, {"--fold", "0/8"})["samples"], 2 * kPictures / 8);
  const std::vector<std::string> wrong = {"eval", checkpoint, "--data", path("data"), "--fold"};
  const auto with = [&](const char* fold) {
    std::vector<std::string> arguments = wrong;
    arguments.emplace_back(fold);
    return arguments;
  };
  expect_error(2, with("4/4"), "--fold: fold: is 4, expected 0 to 3 of 4 folds, or none");
  expect_error(2, with("2"), "expected its index and how many there are, such as 0/5, or none");
  expect_error(1, with("0/9"), "has only 8 samples");
}

TEST_F(TrainFolds, ARunGoesOnWithItsFoldOnly) {
  trained();
  expect_error(2, train("run", {"--resume", "--set", "data.folds=4", "data.fold=1"}),
               "it has 'fold = 2', this run 'fold = 1'");
  expect_error(1, train("other", {"--set", "data.folds=9"}),
               "folds: are 9, but class '0' has only 8 samples");
}

}  // namespace
}  // namespace trispike::test
