// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What `trispike reproduce` does without training anything.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "cli/cli_fixture.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;

class Reproduce : public CliTest {
 protected:
  std::vector<std::string> command(const std::string& name,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"reproduce", name, "--out", path("out")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  /// The result of a training run, as far as the comparison reads it.
  void write_cell(const std::string& name, double accuracy) const {
    const std::filesystem::path folder = path("out/cells/cifar10-full/" + name);
    std::filesystem::create_directories(folder);
    const Json energy = {{"energy_pj", 1.0}};
    std::ofstream(folder / "cell.json") << Json{
        {"cell", name},
        {"dataset", "cifar10"},
        {"scale", "full"},
        {"network", "resnet20"},
        {"neuron", "ternary"},
        {"time_steps", 2},
        {"seed", 0},
        {"epochs", 400},
        {"accuracy", accuracy},
        {"firing_rate", 0.2},
        {"seconds", 1.0},
        {"recipe", ""},
        {"checkpoint", "best.safetensors"},
        {"epoch_results", Json::array()},
        {"counted",
         {{"total", {{"synaptic_operations", 1.0}, {"macs", 1.0}}}, {"energy", {energy, energy}}}}};
  }
};

TEST_F(Reproduce, AnUnknownNameListsTheNames) {
  expect_error(2, command("table9"),
               "NAME: 'table9' is unknown, expected one of ablation, capacity, comparison, "
               "distributions, energy, invariance");
}

TEST_F(Reproduce, Faults) {
  expect_error(2, command("ablation", {"--scale", "huge"}),
               "--scale: 'huge' is unknown, expected tiny, small or full");
  expect_error(2, command("ablation", {"--dataset", "cifar"}),
               "--dataset: 'cifar' is unknown, expected one of cifar10, cifar100");
  expect_error(2, command("ablation"), "--data: missing: cell binary,T=2,seed=0");
  expect_error(2, command("invariance"), "--data: missing");
  expect_error(2, command("ablation", {"--cell", "ternary"}), "--cell: 'ternary' is no cell");
  expect_error(2, command("ablation", {"--cell", "ternary,T=x,seed=0"}), "'x' is no whole number");
  expect_error(2, command("ablation", {"--cell", "ann,T=2,seed=0"}), "expected T=1");
  expect_error(2, command("ablation", {"--cell", "quaternary,T=2,seed=0"}), "quaternary");
}

TEST_F(Reproduce, EveryDataSetHasAGridAtEveryScale) {
  for (const char* dataset : {"cifar10", "cifar100", "fashion-mnist", "mnist", "imagenet",
                              "tiny-imagenet", "cifar10-dvs", "nmnist"}) {
    for (const char* scale : {"tiny", "small", "full"}) {
      const ProgramResult result =
          run(command("ablation", {"--list", "--dataset", dataset, "--scale", scale}));
      EXPECT_EQ(result.exit_code, 0) << dataset << " " << scale << ": " << result.err;
      EXPECT_THAT(result.out, HasSubstr("trainable_ternary,T="));
    }
  }
  expect_error(2, command("ablation", {"--list", "--set", "train.epoch=3"}), "train.epochs");
}

TEST_F(Reproduce, ListsTheGrid) {
  const ProgramResult result = run(command("ablation", {"--list", "--seeds", "1"}));
  EXPECT_EQ(result.exit_code, 0);
  for (const char* cell : {"binary,T=2,seed=0", "ternary,T=2,seed=0", "trainable_ternary,T=1",
                           "ann,T=1,seed=0", "missing"}) {
    EXPECT_THAT(result.out, HasSubstr(cell));
  }
}

TEST_F(Reproduce, WithoutAnyRunThereIsAReport) {
  const Json report =
      run_json("reproduce_ablation", command("ablation", {"--no-training", "--json"}));
  EXPECT_EQ(report["rows"].size(), 0u);
  EXPECT_EQ(report["cells"].size(), 21u);
  EXPECT_EQ(report["cells"][0]["state"], "missing");
  EXPECT_TRUE(std::filesystem::exists(path("out/ablation-cifar10-small/report.html")));
  EXPECT_TRUE(std::filesystem::exists(path("out/ablation-cifar10-small/report.csv")));

  const Json energy = run_json("reproduce_energy", command("energy", {"--no-training", "--json"}));
  EXPECT_NEAR(energy["paper_growth"]["printed"].get<double>(), 0.0211, 5e-5);
  // (79.21 * 77 fJ + 0.23 * 3.7 pJ) / (71.20 * 77 fJ + 0.11 * 3.7 pJ)
  EXPECT_NEAR(energy["paper_growth"]["without_first_layer"].get<double>(), 6.95017 / 5.8894 - 1,
              1e-9);
  for (const char* name : {"capacity", "distributions"}) {
    const Json empty =
        run_json("reproduce_" + std::string(name), command(name, {"--no-training", "--json"}));
    EXPECT_EQ(empty["networks"].size(), 0u);
  }
}

TEST_F(Reproduce, ComparisonTakesTheRunsThatExist) {
  write_cell("ternary,T=2,seed=0", 0.94);
  write_cell("ternary,T=2,seed=1", 0.95);
  const Json report = run_json("reproduce_comparison", command("comparison", {"--json"}));
  int with_runs = 0;
  for (const Json& row : report["rows"]) {
    if (row["ours"].empty()) continue;
    ++with_runs;
    EXPECT_EQ(row["dataset"], "CIFAR-10");
    EXPECT_EQ(row["network"], "ResNet20");
    EXPECT_EQ(row["method"], "Ternary Spike");
    EXPECT_NEAR(row["paper_accuracy"].get<double>(), 0.9429, 1e-12);
    EXPECT_NEAR(row["ours"][0]["accuracy"].get<double>(), 0.945, 1e-12);
    EXPECT_EQ(row["ours"][0]["runs"], 2);
  }
  EXPECT_EQ(with_runs, 1);
  EXPECT_THAT(read_text(path("out/comparison-cifar10-small/report.csv")),
              HasSubstr("94.50 ± 0.71 (full, 400 epochs)"));
}

TEST_F(Reproduce, ADamagedResultIsNamed) {
  write_cell("ternary,T=2,seed=0", 0.94);
  std::ofstream(path("out/cells/cifar10-full/ternary,T=2,seed=0/cell.json")) << "{";
  expect_error(1, command("comparison"), "cell.json");
  expect_error(1, command("ablation", {"--scale", "full", "--no-training"}), "cell.json");
  std::ofstream(path("out/cells/cifar10-full/ternary,T=2,seed=0/cell.json"))
      << R"({"accuracy": 0.5, "neuron": "ternary"})";
  expect_error(1, command("comparison"), "cell.json");
  expect_error(1, command("comparison"), "'/cell' is not a text");
}

TEST_F(Reproduce, OptionsThatWouldBeIgnoredAreRefused) {
  expect_error(2, command("comparison", {"--seeds", "2"}), "--seeds");
  expect_error(2, command("energy", {"--list"}), "--list");
  expect_error(2, command("capacity", {"--cell", "ternary,T=2,seed=0"}), "--cell");
  expect_error(2, command("energy", {"--time-steps", "2", "4"}), "takes one");
}

}  // namespace
}  // namespace trispike::test
