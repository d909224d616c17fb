// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/checkpoint.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr const char* kOptimizerPrefix = "checkpoint.optimizer.";
constexpr const char* kStateKey = "checkpoint.state";
constexpr const char* kRecipeKey = "checkpoint.recipe";

/// Name, member: the one list from which the state is written and read.
template <class State, class F>
void visit_state(State& s, F&& f) {
  f("epoch", s.epoch);
  f("batch", s.batch);
  f("iteration", s.iteration);
  f("penalty", s.penalty);
  f("loss_sum", s.loss_sum);
  f("rate_sum", s.rate_sum);
  f("correct", s.correct);
  f("samples", s.samples);
  f("best_accuracy", s.best_accuracy);
  f("best_epoch", s.best_epoch);
  f("seconds", s.seconds);
  f("images", s.images);
}

RunState parse_state(const std::string& path, const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  RunState state;
  visit_state(state, [&](const char* name, auto& member) {
    if (!json.is_object() || !json.contains(name) || !json[name].is_number()) {
      throw FormatError(
          path, 0, std::string("its metadata ") + kStateKey + " lacks the number '" + name + "'");
    }
    member = json[name].get<std::decay_t<decltype(member)>>();
  });
  return state;
}

/// The recipe without what may change between the sessions of one run.
std::string comparable(Recipe recipe) {
  recipe.train.threads = 0;
  recipe.train.checkpoint_minutes = 0;
  recipe.data.workers = 1;
  return to_toml(recipe);
}

/// First line in which two texts differ, from each.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string x, y;
  while (true) {
    const bool more_x = static_cast<bool>(std::getline(left, x));
    const bool more_y = static_cast<bool>(std::getline(right, y));
    if (!more_x) x = "(nothing)";
    if (!more_y) y = "(nothing)";
    if (x != y || (!more_x && !more_y)) return {x, y};
  }
}

}  // namespace

void save_checkpoint(const std::string& path, const Network& network,
                     const OptimizerState& optimizer, const RunState& state, const Recipe& recipe,
                     const CheckpointHeader& header) {
  model::ModelData data;
  data.network = network.spec();
  data.stage = model::Stage::kTrained;
  data.tensors = network.tensors();
  data.preprocessing = header.preprocessing;
  data.class_names = header.class_names;
  data.provenance = header.provenance;
  optimizer.save(kOptimizerPrefix, data.extra_tensors);
  nlohmann::json json;
  visit_state(state, [&](const char* name, const auto& member) { json[name] = member; });
  data.extra_metadata[kStateKey] = json.dump();
  data.extra_metadata[kRecipeKey] = to_toml(recipe);
  model::write_model(path, data);
}

RunState load_checkpoint(const std::string& path, Network& network, OptimizerState& optimizer,
                         const Recipe& recipe) {
  const model::ModelData data = model::read_model(path);
  const auto state = data.extra_metadata.find(kStateKey);
  const auto stored = data.extra_metadata.find(kRecipeKey);
  if (state == data.extra_metadata.end() || stored == data.extra_metadata.end()) {
    throw Error(path + ": not a checkpoint: it holds a model but no state of a run");
  }
  const std::string before = comparable(parse_recipe(stored->second, {}, path));
  const std::string now = comparable(recipe);
  if (before != now) {
    const auto [old_line, new_line] = first_difference(before, now);
    throw ConfigError("--resume", path + " was trained by another recipe: it has '" + old_line +
                                      "', this run '" + new_line + "'");
  }
  if (!(data.network == network.spec())) {
    throw Error(path + ": a checkpoint of another network (" + data.network.name +
                ") than this run's (" + network.spec().name + ")");
  }
  network.load(data.tensors);
  optimizer.load(kOptimizerPrefix, data.extra_tensors);
  return parse_state(path, state->second);
}

}  // namespace trispike::train
