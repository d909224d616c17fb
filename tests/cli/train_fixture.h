// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A small recipe and data set for tests of `trispike train`.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "cli/cli_fixture.h"
#include "cli/samples.h"

namespace trispike::test {

class Train : public CliTest {
 protected:
  static constexpr int kPictures = 40;

  void SetUp() override {
    std::vector<std::uint8_t> labels;
    for (int i = 0; i < kPictures; ++i) labels.push_back(static_cast<std::uint8_t>(i % 10));
    write_idx_dataset(path("data"), kSide, labels);
    std::ofstream(recipe()) << R"(
[network]
name = "resnet8"
width = 4
neuron = "trainable_ternary"
[data]
validation_fraction = 0.25
[train]
epochs = 2
batch_size = 10
threads = 1
precision = "float32"
)";
  }

  std::string recipe() const { return path("small.toml"); }

  std::vector<std::string> train(const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"train",      recipe(), "--data",
                                          path("data"), "--out",  path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// Waits until a file appears.
  void wait_for(const std::string& file) const {
    for (int i = 0; i < 1200 && !std::filesystem::exists(file); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(std::filesystem::exists(file));
  }
};

}  // namespace trispike::test
