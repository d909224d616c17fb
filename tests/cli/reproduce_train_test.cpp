// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Grids of real, very small training runs.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/cli_fixture.h"
#include "cli/samples.h"
#include "trispike/model/model_data.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class ReproduceTrain : public CliTest {
 protected:
  void SetUp() override {
    std::vector<std::uint8_t> labels;
    for (int i = 0; i < 40; ++i) labels.push_back(static_cast<std::uint8_t>(i % 10));
    write_idx_dataset(path("data"), kSide, labels);
  }

  std::vector<std::string> command(const std::string& name,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"reproduce",
                                    name,
                                    "--data",
                                    path("data"),
                                    "--out",
                                    path("out"),
                                    "--dataset",
                                    "mnist",
                                    "--scale",
                                    "tiny",
                                    "--quiet",
                                    "--set",
                                    "data.train_samples=20",
                                    "data.validation_fraction=0.0",
                                    "train.select_on=last",
                                    "train.batch_size=10",
                                    "train.threads=1",
                                    "train.precision=float32"};
    all.insert(all.end(), more.begin(), more.end());
    if (name == "ablation") all.insert(all.end(), {"--seeds", "2"});
    return all;
  }

  std::filesystem::path cell(const std::string& name) const {
    return path("out/cells/mnist-tiny/" + name);
  }
};

TEST_F(ReproduceTrain, AblationTrainsEachCellOnce) {
  const Json one = run_json("reproduce_ablation",
                            command("ablation", {"--json", "--cell", "binary,T=2,seed=0"}));
  ASSERT_EQ(one["rows"].size(), 1u);
  EXPECT_EQ(one["rows"][0]["neuron"], "binary");
  EXPECT_EQ(one["gaps"].size(), 0u);
  const auto written = std::filesystem::last_write_time(cell("binary,T=2,seed=0") / "cell.json");

  const Json all = run_json("reproduce_ablation", command("ablation", {"--json"}));
  EXPECT_EQ(std::filesystem::last_write_time(cell("binary,T=2,seed=0") / "cell.json"), written);
  ASSERT_EQ(all["rows"].size(), 4u);  // three kinds and the twin
  for (const Json& row : all["rows"]) {
    EXPECT_EQ(row["seeds"].size(), 2u);
    EXPECT_EQ(row["accuracies"].size(), 2u);
  }
  ASSERT_EQ(all["gaps"].size(), 3u);
  const Json& gap = all["gaps"][0];
  EXPECT_EQ(gap["better"], "ternary");
  EXPECT_NEAR(gap["gap"].get<double>(),
              all["rows"][1]["accuracy"]["mean"].get<double>() -
                  all["rows"][0]["accuracy"]["mean"].get<double>(),
              1e-12);
  EXPECT_GT(all["rows"][1]["synaptic_operations"]["mean"], 0);
  EXPECT_EQ(all["rows"][3]["synaptic_operations"]["mean"], 0);

  // The others stand on the same runs.
  const Json capacity = run_json("reproduce_capacity", command("capacity", {"--json"}));
  EXPECT_EQ(capacity["networks"].size(), 3u);
  EXPECT_LE(capacity["networks"][0]["measured_spike_bits"],
            capacity["networks"][0]["capacity_bits"]);
  const Json energy = run_json("reproduce_energy", command("energy", {"--json"}));
  EXPECT_EQ(energy["networks"].size(), 4u);
  EXPECT_TRUE(energy["networks"][3]["trade_off"].is_null());
  // float32, 8, 7 and 6 bits; of the twin also 8-bit weights with the 2 and 4 bits of spikes.
  for (const std::size_t i : {0, 1, 2, 3}) {
    const Json& few_bits = energy["networks"][i]["few_bits"];
    ASSERT_EQ(few_bits.size(), i < 3 ? 4u : 6u);
    EXPECT_TRUE(few_bits[0]["weight_bits"].is_null());
    EXPECT_EQ(few_bits[1]["weight_bits"], 8);
    EXPECT_EQ(few_bits[1]["activation_bits"].is_null(), i < 3);
    for (const Json& result : few_bits) EXPECT_EQ(result["samples"], 40);
  }
  EXPECT_EQ(energy["networks"][3]["few_bits"][4]["activation_bits"], 2);
  EXPECT_EQ(energy["networks"][3]["few_bits"][5]["activation_bits"], 4);
  EXPECT_EQ(energy["networks"][3]["few_bits"][0]["accuracy"], energy["networks"][3]["accuracy"]);
  // What was measured stays, and needs no data to be shown again.
  std::vector<std::string> again = command("energy", {"--json", "--no-training"});
  again.erase(again.begin() + 2, again.begin() + 4);  // --data PATH
  EXPECT_EQ(run_json("reproduce_energy", again)["networks"], energy["networks"]);
  const Json distributions =
      run_json("reproduce_distributions", command("distributions", {"--json"}));
  EXPECT_EQ(distributions["networks"].size(), 2u);
  EXPECT_TRUE(distributions["networks"][0]["layers"][0]["amplitude"].is_number());

  // Another recipe must not be mixed with these.
  expect_error(2, command("ablation", {"--set", "train.learning_rate=0.2"}),
               "was trained by another recipe");
}

TEST_F(ReproduceTrain, AnInterruptedCellGoesOn) {
  const auto words = [&](const std::string& out) {
    std::vector<std::string> all =
        command("ablation", {"--cell", "ternary,T=2,seed=1", "--set", "train.epochs=40"});
    *std::find(all.begin(), all.end(), path("out")) = path(out);
    return all;
  };
  const auto file = [&](const std::string& out, const std::string& name) {
    return path(out + "/cells/mnist-tiny/ternary,T=2,seed=1/" + name);
  };
  const auto epochs_logged = [&] {
    std::ifstream log(file("out", "log.jsonl"));
    int count = 0;
    for (std::string line; std::getline(log, line);) ++count;
    return count;
  };

  Program program = start(words("out"));
  for (int i = 0; i < 12000 && epochs_logged() < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  program.interrupt();
  const ProgramResult stopped = program.wait();
  ASSERT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("the same command goes on"));
  EXPECT_FALSE(std::filesystem::exists(file("out", "cell.json")));
  const std::string first_part = read_text(file("out", "log.jsonl"));
  ASSERT_GE(epochs_logged(), 3);
  ASSERT_LT(epochs_logged(), 40);
  const ProgramResult list = run(command("ablation", {"--list", "--set", "train.epochs=40"}));
  EXPECT_THAT(list.out, HasSubstr("begun"));

  EXPECT_EQ(run(words("out")).exit_code, 0);
  // The log has wall times: epochs that were trained again would read otherwise.
  EXPECT_THAT(read_text(file("out", "log.jsonl")), ::testing::StartsWith(first_part));
  EXPECT_EQ(run(words("whole")).exit_code, 0);
  const auto result = [&](const std::string& out) {
    Json json = Json::parse(read_text(file(out, "cell.json")));
    for (const char* key : {"seconds", "images_per_second"}) json.erase(key);
    for (Json& epoch : json["epoch_results"]) epoch.erase("seconds");
    return json;
  };
  const Json again = result("out");
  EXPECT_EQ(again["epoch_results"].size(), 40u);
  EXPECT_EQ(again, result("whole"));
  const model::TensorMap weights = model::read_model(file("out", "best.safetensors")).tensors;
  EXPECT_EQ(weights, model::read_model(file("whole", "best.safetensors")).tensors);
}

TEST_F(ReproduceTrain, FoldsInsteadOfSeeds) {
  // 80 pictures, training and test together, in two halves.
  std::vector<std::string> words = command(
      "ablation", {"--json", "--folds", "2", "--cell", "binary,T=2,seed=0,folds=2,fold=1",
                   "ternary,T=2,seed=0,folds=2,fold=1", "ternary,T=2,seed=0,folds=2,fold=0"});
  words.resize(words.size() - 2);  // without --seeds
  const Json report = run_json("reproduce_ablation", words);
  ASSERT_EQ(report["cells"].size(), 8u) << "four kinds in two folds";
  ASSERT_EQ(report["rows"].size(), 2u);
  EXPECT_EQ(report["rows"][0]["folds"], Json({"1/2"}));
  EXPECT_EQ(report["rows"][1]["folds"], Json({"0/2", "1/2"}));
  EXPECT_EQ(report["rows"][1]["seeds"], Json({0, 0}));
  ASSERT_EQ(report["gaps"].size(), 1u);
  EXPECT_EQ(report["gaps"][0]["folds"], Json({"1/2"})) << "what both have";
  const Json written =
      Json::parse(read_text((cell("ternary,T=2,seed=0,folds=2,fold=1") / "cell.json").string()));
  EXPECT_EQ(written["fold"], "1/2");
  EXPECT_EQ(written["test_samples"], 40);
  EXPECT_EQ(written["counted"]["samples"], 40);
  EXPECT_NEAR(written["counted"]["accuracy"], written["accuracy"], 0.03)
      << "counted on the same fold, in other arithmetic";
  const std::string page = read_text(path("out/ablation-mnist-tiny/report.html"));
  EXPECT_THAT(page, HasSubstr("mean ± standard deviation over the folds"));
  EXPECT_THAT(page, HasSubstr("Nadeau and Bengio 2003"));
  expect_error(2, command("energy", {"--folds", "2"}), "--folds");
}

TEST_F(ReproduceTrain, InvarianceHoldsForEveryNetwork) {
  const Json report = run_json(
      "reproduce_invariance",
      command("invariance", {"--json", "--set", "data.crop_padding=0", "--time-steps", "2"}));
  EXPECT_EQ(report["holds"], true);
  EXPECT_EQ(report["networks"].size(), model::networks().size());
  for (const Json& network : report["networks"]) {
    EXPECT_EQ(network["compared"], 40);
    EXPECT_GT(network["spikes"], 0);
    EXPECT_EQ(network["differing_spikes"], 0);
  }
}

}  // namespace
}  // namespace trispike::test
