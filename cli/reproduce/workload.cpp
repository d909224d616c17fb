// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "reproduce/workload.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "trispike/model/error.h"

namespace trispike::cli {
namespace {

struct DatasetRow {
  std::string_view name;
  std::string_view paper_name;
  std::string_view small_recipe;
  std::vector<std::string> small_settings;
  std::string_view full_recipe;
  std::vector<std::string> full_settings;
  std::vector<int> time_steps;       ///< of tiny and small
  std::vector<int> full_time_steps;  ///< of full
  bool ann_twin;
};

const std::array<DatasetRow, 8>& rows() {
  static const std::array<DatasetRow, 8> kRows = {{
      {"cifar10",
       "CIFAR-10",
       "cifar10-resnet20-w16",
       {},
       "cifar10-resnet20",
       {},
       {2, 1},
       {2, 4},
       true},
      {"cifar100",
       "CIFAR-100",
       "cifar100-resnet20",
       {"network.width=16", "train.epochs=6", "train.warmup_iterations=200", "data.augment=none",
        "data.cutout=0"},
       "cifar100-resnet20",
       {},
       {2, 1},
       {2, 4},
       true},
      {"fashion-mnist",
       "",
       "fashion-mnist-resnet8",
       {},
       "fashion-mnist-resnet8",
       {"train.epochs=30"},
       {2, 1},
       {2, 4},
       true},
      {"mnist",
       "",
       "mnist-resnet8",
       {},
       "mnist-resnet8",
       {"train.epochs=30"},
       {2, 1},
       {2, 4},
       true},
      {"imagenet",
       "ImageNet",
       "imagenet-resnet18",
       {"network.width=16", "train.epochs=3"},
       "imagenet-resnet18",
       {},
       {2},
       {2, 4},
       true},
      {"tiny-imagenet",
       "",
       "tiny-imagenet-resnet18",
       {"network.width=16"},
       "tiny-imagenet-resnet18",
       {},
       {2, 1},
       {2, 4},
       true},
      {"cifar10-dvs",
       "CIFAR10-DVS",
       "cifar10-dvs-resnet20",
       {"network.width=16", "train.epochs=6"},
       "cifar10-dvs-resnet20",
       {},
       {10},
       {10},
       false},
      {"nmnist",
       "",
       "nmnist-resnet8",
       {},
       "nmnist-resnet8",
       {"train.epochs=30"},
       {10},
       {10},
       false},
  }};
  return kRows;
}

constexpr std::array<std::string_view, 3> kScales = {"tiny", "small", "full"};

const DatasetRow& find_row(const std::string& dataset) {
  const auto found = std::find_if(rows().begin(), rows().end(),
                                  [&](const DatasetRow& row) { return row.name == dataset; });
  if (found != rows().end()) return *found;
  throw ConfigError("--dataset",
                    "'" + dataset + "' is unknown, expected one of " + dataset_names());
}

std::vector<std::string> deviations(const DatasetRow& row, const std::string& scale) {
  std::vector<std::string> list;
  if (scale == "tiny") {
    list.emplace_back(
        "Tiny: a network of width 4 trained for one epoch on 1,000 pictures. It shows that the "
        "command works; its accuracies say nothing about the method.");
  } else if (scale == "small") {
    list.emplace_back(
        "Small: a quarter of the paper's width and a few epochs, where the paper trains at full "
        "width for hundreds of epochs with AutoAugment and Cutout.");
  } else {
    list.emplace_back(
        "Full: the paper does not print its CIFAR settings; these are those of the same group's "
        "published script with the surrogate of the ternary spike's own code.");
  }
  if (row.paper_name.empty()) {
    list.push_back("The paper has no results on " + std::string(row.name) + ".");
  }
  if (row.name == "cifar10") {
    list.emplace_back(
        "If the pictures are a JPEG copy of CIFAR-10, accuracies are near, not equal, to those on "
        "the original files.");
  }
  list.emplace_back(
      "Neurons fire at 0.5, as the authors' code runs; the paper's text names no threshold.");
  return list;
}

}  // namespace

std::string_view embedded_recipe(std::string_view name) {
  for (const EmbeddedRecipe& recipe : embedded_recipes()) {
    if (recipe.name == name) return recipe.text;
  }
  throw std::logic_error("no recipe '" + std::string(name) + "' in the program");
}

std::string dataset_of_paper(std::string_view paper_name) {
  for (const DatasetRow& row : rows()) {
    if (row.paper_name == paper_name) return std::string(row.name);
  }
  throw std::logic_error("no data set for the paper's '" + std::string(paper_name) + "'");
}

std::string dataset_names() {
  std::string names;
  for (const DatasetRow& row : rows()) names.append(names.empty() ? "" : ", ").append(row.name);
  return names;
}

Workload find_workload(const std::string& dataset, const std::string& scale) {
  const DatasetRow& row = find_row(dataset);
  if (std::find(kScales.begin(), kScales.end(), scale) == kScales.end()) {
    throw ConfigError("--scale", "'" + scale + "' is unknown, expected tiny, small or full");
  }
  Workload workload;
  workload.dataset = dataset;
  workload.scale = scale;
  workload.ann_twin = row.ann_twin;
  workload.paper_dataset = row.paper_name;
  workload.deviations = deviations(row, scale);
  const bool full = scale == "full";
  workload.recipe = full ? row.full_recipe : row.small_recipe;
  workload.settings = full ? row.full_settings : row.small_settings;
  workload.time_steps = full ? row.full_time_steps : row.time_steps;
  if (scale == "small") workload.counted_pictures = 1000;
  if (scale == "tiny") {
    workload.counted_pictures = 100;
    workload.seeds = 2;
    workload.time_steps.resize(1);
    for (const char* setting : {"network.width=4", "train.epochs=1", "train.batch_size=50",
                                "train.warmup_iterations=5", "data.train_samples=1000"}) {
      workload.settings.emplace_back(setting);
    }
  }
  return workload;
}

}  // namespace trispike::cli
