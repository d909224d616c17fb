// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What `trispike reproduce` trains: a data set at a scale, from the recipes of recipes/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trispike::cli {

/// A file of recipes/, without its ending, and its text.
struct EmbeddedRecipe {
  std::string_view name;
  std::string_view text;
};
std::span<const EmbeddedRecipe> embedded_recipes();
/// Throws std::logic_error if there is none of that name: names are written in this program.
std::string_view embedded_recipe(std::string_view name);

/// One data set at one scale.
struct Workload {
  std::string dataset;                  ///< "cifar10"
  std::string scale;                    ///< "tiny", "small", "full"
  std::string recipe;                   ///< a name of embedded_recipes()
  std::vector<std::string> settings;    ///< overrides of the recipe
  std::vector<int> time_steps;          ///< of the grid, the paper's first
  int seeds = 3;                        ///< 0, 1, ...
  std::int64_t counted_pictures = 0;    ///< operations are counted on so many test pictures; 0: all
  bool ann_twin = true;                 ///< event frames have none: it sees one time step
  std::string paper_dataset;            ///< as the paper's tables name it; empty: not in the paper
  std::vector<std::string> deviations;  ///< what differs from the paper's setting, a sentence each
};

/// Throws ConfigError listing what is valid.
Workload find_workload(const std::string& dataset, const std::string& scale);

/// The data set that the paper calls so: "cifar10" of "CIFAR-10". Throws std::logic_error for a
/// name that no table of the paper has.
std::string dataset_of_paper(std::string_view paper_name);

/// "cifar10, cifar100, ..." for help texts.
std::string dataset_names();

}  // namespace trispike::cli
