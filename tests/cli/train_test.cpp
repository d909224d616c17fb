// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From a recipe to a running model, with nothing but the program.
#include <chrono>
#include <fstream>
#include <thread>

#include "cli/train_fixture.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

TEST_F(Train, ThenExportThenRun) {
  const Json trained = run_json("train", train("run", {"--json", "--quiet"}));
  const std::string checkpoint = trained["best"];
  EXPECT_EQ(trained["finished"], true);
  EXPECT_EQ(trained["out"], path("run"));
  EXPECT_EQ(trained["test_samples"], kPictures);

  const std::string model = path("model.safetensors");
  const Json exported = run_json(
      "export", {"export", checkpoint, "-o", model, "--verify", path("data"), "--json", "--quiet"});
  EXPECT_EQ(exported["model"], model);
  EXPECT_EQ(exported["proof"]["input"], "pictures");
  EXPECT_GT(exported["proof"]["spikes"], 0);
  EXPECT_EQ(exported["float32"]["samples"], kPictures);
  EXPECT_EQ(run_json("show", {"show", model, "--json"})["file"]["stage"], "folded");

  const auto eval = [&](const std::string& file, const std::string& engine) {
    return run_json("eval", {"eval", file, "--data", path("data"), "--engine", engine, "--threads",
                             "1", "--json", "--quiet"});
  };
  const Json libtorch = eval(checkpoint, "libtorch");
  EXPECT_EQ(libtorch["accuracy"], trained["test_accuracy"]);
  EXPECT_EQ(libtorch["correct"].get<double>() / kPictures,
            exported["float32"]["accuracy_libtorch"].get<double>());
  EXPECT_TRUE(libtorch["median_latency_ms"].is_null());
  const Json runtime = eval(model, "runtime");
  EXPECT_EQ(runtime["correct"].get<double>() / kPictures,
            exported["float32"]["accuracy_runtime"].get<double>());
  EXPECT_NEAR(runtime["firing_rate"].get<double>(), libtorch["firing_rate"].get<double>(), 0.01);
}

TEST_F(Train, TellsHowItGoesAndWhatItLeft) {
  const ProgramResult result = run(train("run", {}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("test accuracy  "));
  EXPECT_THAT(result.out, HasSubstr(path("run")));
  EXPECT_THAT(result.err, HasSubstr("epoch 2/2"));
}

TEST_F(Train, ExportWithoutPicturesProvesOnNoise) {
  const Json trained = run_json("train", train("run", {"--json", "--quiet"}));
  const Json exported = run_json(
      "export", {"export", trained["best"], "-o", path("model.safetensors"), "--json", "--quiet"});
  EXPECT_EQ(exported["proof"]["input"], "noise");
  EXPECT_TRUE(exported["float32"].is_null());
}

TEST_F(Train, InterruptSavesAndSaysHowToGoOn) {
  const std::vector<std::string> endless = {"--set", "train.epochs=100000", "--json"};
  Program program = start(train("run", endless));
  wait_for(path("run/last.safetensors"));
  program.interrupt();
  const ProgramResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_EQ(checked_json("train", stopped.out)["finished"], false);
  EXPECT_THAT(stopped.err, HasSubstr("--resume"));

  std::vector<std::string> resumed = endless;
  resumed.push_back("--resume");
  std::filesystem::remove(path("run/best.safetensors"));  // written again by an epoch's end
  std::filesystem::copy_file(path("run/last.safetensors"), path("stopped.safetensors"));
  Program second = start(train("run", resumed));
  while (read_text(path("run/last.safetensors")) == read_text(path("stopped.safetensors"))) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  second.interrupt();
  EXPECT_EQ(second.wait().exit_code, 130);
}

TEST_F(Train, Faults) {
  expect_error(2, train("run", {"--set", "train.epoch=3"}), "train.epochs");
  expect_error(2, {"train", recipe()}, "--data");
  expect_error(1, {"train", path("none.toml"), "--data", path("data")}, path("none.toml"));
  expect_error(1, {"train", recipe(), "--data", path("nowhere"), "--out", path("run")},
               path("nowhere"));

  ASSERT_EQ(run(train("run", {"--quiet"})).exit_code, 0);
  expect_error(2, train("run", {}), "holds a run already");
  expect_error(2, train("run", {"--resume", "--set", "network.width=8"}),
               "was trained by another recipe: it has 'width = 4', this run 'width = 8'");
}

TEST_F(Train, FoldedFileIsNoCheckpoint) {
  const std::string folded = save(model::fold(small_model()));
  expect_error(1, {"export", folded, "-o", path("twice.safetensors")}, "its stage is 'folded'");
  expect_error(1, {"eval", folded, "--data", path("data"), "--engine", "libtorch", "--quiet"},
               "folded");
  EXPECT_FALSE(std::filesystem::exists(path("twice.safetensors")));
}

}  // namespace
}  // namespace trispike::test
