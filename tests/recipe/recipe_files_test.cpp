// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The recipes that come with trispike: each can be read, written, and describes a network that
// exists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "trispike/model/networks.h"
#include "trispike/train/recipe.h"

namespace trispike::train {
namespace {

std::vector<std::string> recipe_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(TRISPIKE_SOURCE_DIR "/recipes")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path().filename());
  }
  std::ranges::sort(files);
  return files;
}

class RecipeFile : public testing::TestWithParam<std::string> {
 protected:
  std::string path() const { return TRISPIKE_SOURCE_DIR "/recipes/" + GetParam(); }
};

TEST_P(RecipeFile, RoundTrips) {
  const std::string written = to_toml(load_recipe(path(), {}));
  EXPECT_EQ(to_toml(parse_recipe(written, {})), written);
}

TEST_P(RecipeFile, BuildsItsNetworkAndItsAnnTwin) {
  const Recipe recipe = load_recipe(path(), {});
  const auto network = model::build_network(recipe.network.name, recipe.network.options);
  EXPECT_EQ(network.time_steps, recipe.network.options.time_steps);
  const Recipe twin = load_recipe(path(), {"network.neuron=relu", "network.time_steps=1"});
  EXPECT_EQ(model::build_network(twin.network.name, twin.network.options).layers.size(),
            network.layers.size());
}

INSTANTIATE_TEST_SUITE_P(All, RecipeFile, testing::ValuesIn(recipe_files()), [](const auto& file) {
  std::string name = std::filesystem::path(file.param).stem();
  std::ranges::replace(name, '-', '_');
  return name;
});

// The setting of the comparison with plain PyTorch must not drift.
TEST(RecipeFiles, TheReferenceSettingIsThatOfTheComparison) {
  const Recipe recipe = load_recipe(TRISPIKE_SOURCE_DIR "/recipes/cifar10-resnet20-w16.toml", {});
  const model::NetworkOptions& network = recipe.network.options;
  EXPECT_EQ(recipe.network.name, "resnet20");
  EXPECT_EQ(network.width, 16);
  EXPECT_EQ(network.time_steps, 2);
  EXPECT_EQ(network.neuron.threshold, 0.5);
  EXPECT_EQ(network.neuron.surrogate, (model::SurrogateSpec{}));
  EXPECT_FALSE(network.neuron.detach_reset);
  EXPECT_TRUE(network.zero_init_last_norm);
  EXPECT_EQ(recipe.train.batch_size, 128);
  EXPECT_EQ(recipe.train.epochs, 6);
  EXPECT_EQ(recipe.train.learning_rate, 0.1);
  EXPECT_EQ(recipe.train.warmup_iterations, 200);
  EXPECT_EQ(recipe.train.weight_decay, 1e-4);
  EXPECT_EQ(recipe.train.seed, 0u);
  EXPECT_EQ(recipe.data.validation_fraction, 0.0);
}

}  // namespace
}  // namespace trispike::train
