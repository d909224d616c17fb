// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/run_identity.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "src/process.h"
#include "src/recipe_keys.h"
#include "trispike/model/error.h"
#include "trispike/model/sha256.h"

namespace trispike::train {
namespace {

/// Of the machine, not of the run: process 0 alone reads the initial weights, and what the last
/// three mean is compared instead.
constexpr std::array<std::string_view, 6> kMayDiffer{"train.threads",         "data.workers",
                                                     "train.initial_weights", "train.precision",
                                                     "data.classes",          "train.teacher"};

void add_split(RunIdentity& identity, const data::Dataset& split) {
  const std::string name(data::split_name(split.split()));
  model::Sha256 labels, names;
  for (std::int64_t i = 0; i < split.size(); ++i) {
    labels.update(std::to_string(split.label(i)) + ",");
    names.update(std::filesystem::path(split.name(i)).filename().string() + "\n");
  }
  identity.emplace_back("the number of " + name + " samples", std::to_string(split.size()));
  identity.emplace_back("the SHA-256 of the " + name + " labels", labels.finish());
  identity.emplace_back("the SHA-256 of the " + name + " samples' names", names.finish());
}

std::string text_of(const RunIdentity& identity) {
  std::string text;
  for (const auto& [name, value] : identity) text += name + "\n" + value + "\n";
  return text;
}

std::string next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// Rank 0's text, on all ranks.
std::string from_rank_0(std::string text, Communicator& group) {
  const at::Tensor length = at::full({1}, static_cast<double>(text.size()), at::kDouble);
  group.broadcast(length);
  text.resize(static_cast<std::size_t>(length.item<double>()));
  group.broadcast(at::from_blob(text.data(), {std::ssize(text)}, at::kByte));
  return text;
}

/// Empty if there is no difference.
std::string first_difference(const std::string& mine, const std::string& theirs, int rank) {
  std::string_view a = mine, b = theirs;
  while (!a.empty() || !b.empty()) {
    const std::string name = next_line(a), value = next_line(a);
    const std::string other_name = next_line(b), other_value = next_line(b);
    if (name != other_name) {
      return "process " + std::to_string(rank) + " has '" + name + "' where process 0 has '" +
             other_name + "'";
    }
    if (value != other_value) {
      return name + " is " + value + " on process " + std::to_string(rank) + ", but " +
             other_value + " on process 0";
    }
  }
  return "";
}

}  // namespace

RunIdentity run_identity(const Recipe& recipe, const Samples& samples, at::ScalarType maps,
                         const std::string& teacher_sha256) {
  RunIdentity identity{{"the version of trispike", TRISPIKE_VERSION}};
  for (const KeyRow& row : key_rows()) {
    if (std::ranges::find(kMayDiffer, row.name) == kMayDiffer.end()) {
      identity.emplace_back(row.name, row.get(recipe));
    }
  }
  identity.emplace_back("the precision", precision_name(maps));
  identity.emplace_back("the SHA-256 of the teacher", teacher_sha256);
  std::string classes;
  for (const std::string& name : samples.train_set->class_names()) {
    classes += (classes.empty() ? "" : ", ") + name;
  }
  std::replace(classes.begin(), classes.end(), '\n', ' ');
  identity.emplace_back("the list of classes", "'" + classes + "'");
  add_split(identity, *samples.train_set);
  add_split(identity, *samples.test_set);
  return identity;
}

void check_same_run(const RunIdentity& identity, Communicator& group) {
  const std::string mine = text_of(identity);
  std::string difference = first_difference(mine, from_rank_0(mine, group), group.rank());
  const at::Tensor lengths = at::zeros({group.size()}, at::kDouble);
  lengths[group.rank()].fill_(static_cast<double>(difference.size()));
  group.all_reduce(lengths);
  for (int rank = 1; rank < group.size(); ++rank) {
    const auto length = lengths[rank].item<std::int64_t>();
    if (length == 0) continue;
    // All learn what the first has to say.
    const at::Tensor letters = at::zeros({length}, at::kDouble);
    if (rank == group.rank()) {
      for (std::int64_t i = 0; i < length; ++i) {
        letters[i].fill_(static_cast<unsigned char>(difference[static_cast<std::size_t>(i)]));
      }
    }
    group.all_reduce(letters);
    difference.assign(static_cast<std::size_t>(length), ' ');
    for (std::int64_t i = 0; i < length; ++i) {
      difference[static_cast<std::size_t>(i)] = static_cast<char>(letters[i].item<int>());
    }
    throw ConfigError("the processes of a run",
                      "must have the same recipe, data and program, but " + difference);
  }
}

}  // namespace trispike::train
