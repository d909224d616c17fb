// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/checkpoint.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <type_traits>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr const char* kOptimizerPrefix = "checkpoint.optimizer.";
constexpr const char* kAveragePrefix = "checkpoint.average.";
constexpr const char* kStateKey = "checkpoint.state";
constexpr const char* kLayerPenalties = "layer_penalties";
constexpr const char* kRecipeKey = "checkpoint.recipe";
constexpr const char* kPrecisionKey = "checkpoint.precision";
constexpr const char* kTeacherKey = "checkpoint.teacher";
constexpr const char* kSamplesKey = "checkpoint.training_samples";

/// Name, member: the one list from which the state is written and read.
template <class State, class F>
void visit_state(State& s, F&& f) {
  f("epoch", s.epoch);
  f("batch", s.batch);
  f("iteration", s.iteration);
  f("penalty", s.penalty.network);
  f("loss_sum", s.loss_sum);
  f("rate_sum", s.rate_sum);
  f("correct", s.correct);
  f("samples", s.samples);
  f("best_accuracy", s.best_accuracy);
  f("best_epoch", s.best_epoch);
  f("seconds", s.seconds);
  f("epoch_seconds", s.epoch_seconds);
  f("images", s.images);
}

/// The same for what only runs in float16 have: files of others go without.
template <class Scale, class F>
void visit_loss_scale(Scale& s, F&& f) {
  f("loss_scale", s.scale);
  f("good_steps", s.good_steps);
  f("skipped_steps", s.skipped_steps);
}

/// Reads a member: a whole number from 0 up, or a finite real one.
template <class T>
bool read_member(const nlohmann::json& value, T& member) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!value.is_number()) return false;
    member = value.get<T>();
    return std::isfinite(member);
  } else {
    if (!value.is_number_unsigned()) return false;
    const auto number = value.get<std::uint64_t>();
    member = static_cast<T>(number);
    return number <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  }
}

/// Of the objective's terms for layers, if there are any.
void read_members(const std::string& path, const nlohmann::json& values,
                  std::vector<double>& members) {
  for (const nlohmann::json& value : values) {
    if (!values.is_array() || !read_member(value, members.emplace_back())) {
      throw FormatError(path, 0,
                        std::string("its metadata ") + kStateKey + " has '" + kLayerPenalties +
                            "' that are no list of numbers");
    }
  }
}

RunState parse_state(const std::string& path, const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  RunState state;
  const auto read = [&](const char* name, auto& member) {
    if (!json.is_object() || !json.contains(name) || !read_member(json[name], member)) {
      throw FormatError(path, 0,
                        std::string("its metadata ") + kStateKey +
                            " lacks a number in range called '" + name + "'");
    }
  };
  visit_state(state, read);
  if (json.contains("loss_scale")) visit_loss_scale(state.loss_scale, read);
  if (json.contains(kLayerPenalties)) {
    read_members(path, json[kLayerPenalties], state.penalty.layers);
  }
  return state;
}

/// What must be the same in all sessions of a run besides the recipe.
void check_same(const std::string& path, const model::ModelData& data,
                const CheckpointHeader& header) {
  const auto stored = [&](const char* key) {
    const auto found = data.extra_metadata.find(key);
    return found == data.extra_metadata.end() ? std::string("nothing") : found->second;
  };
  if (stored(kPrecisionKey) != header.precision) {
    throw ConfigError("--resume", path + " was computed in " + stored(kPrecisionKey) +
                                      ", this machine would go on in " + header.precision +
                                      "; start the run with train.precision = \"float32\" to "
                                      "move it between machines");
  }
  if (!header.teacher.empty() && stored(kTeacherKey) != header.teacher) {
    throw ConfigError("train.teacher", "is not the model that taught " + path +
                                           " so far (SHA-256 " + header.teacher + ", expected " +
                                           stored(kTeacherKey) + ")");
  }
  if (stored(kSamplesKey) != std::to_string(header.training_samples)) {
    throw ConfigError("--data", "gives " + std::to_string(header.training_samples) +
                                    " training samples, " + path + " was trained on " +
                                    stored(kSamplesKey));
  }
  if (data.class_names != header.class_names) {
    throw ConfigError("--data", "has other classes than the data set of " + path);
  }
  if (!(data.preprocessing == header.preprocessing)) {
    throw ConfigError("--data", "is normalised otherwise than the data set of " + path);
  }
}

/// The recipe without what may change between the sessions of one run.
std::string comparable(Recipe recipe) {
  recipe.train.threads = 0;
  recipe.train.checkpoint_minutes = 0;
  recipe.train.initial_weights.clear();  // are in the checkpoint
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

std::vector<double> to_numbers(const RunState& state) {
  std::vector<double> numbers;
  const auto add = [&](const char*, const auto& member) { numbers.push_back(double(member)); };
  visit_state(state, add);
  visit_loss_scale(state.loss_scale, add);
  numbers.insert(numbers.end(), state.penalty.layers.begin(), state.penalty.layers.end());
  return numbers;
}

RunState from_numbers(const std::vector<double>& numbers) {
  RunState state;
  std::size_t i = 0;
  const auto take = [&](const char*, auto& member) {
    member = static_cast<std::remove_reference_t<decltype(member)>>(numbers.at(i++));
  };
  visit_state(state, take);
  visit_loss_scale(state.loss_scale, take);
  state.penalty.layers.assign(numbers.begin() + static_cast<std::ptrdiff_t>(i), numbers.end());
  return state;
}

void save_checkpoint(const std::string& path, const Network& network,
                     const OptimizerState& optimizer, const WeightAverage* average,
                     const RunState& state, const Recipe& recipe, const CheckpointHeader& header) {
  model::ModelData data;
  data.network = network.spec();
  data.stage = model::Stage::kTrained;
  data.tensors = network.tensors();
  data.preprocessing = header.preprocessing;
  data.class_names = header.class_names;
  data.provenance = header.provenance;
  optimizer.save(kOptimizerPrefix, data.extra_tensors);
  if (average != nullptr) average->save(kAveragePrefix, data.extra_tensors);
  nlohmann::json json;
  const auto write = [&](const char* name, const auto& member) { json[name] = member; };
  visit_state(state, write);
  if (state.loss_scale.is_on()) visit_loss_scale(state.loss_scale, write);
  if (!state.penalty.layers.empty()) json[kLayerPenalties] = state.penalty.layers;
  data.extra_metadata[kStateKey] = json.dump();
  data.extra_metadata[kRecipeKey] = to_toml(recipe);
  data.extra_metadata[kPrecisionKey] = header.precision;
  if (!header.teacher.empty()) data.extra_metadata[kTeacherKey] = header.teacher;
  data.extra_metadata[kSamplesKey] = std::to_string(header.training_samples);
  model::write_model(path, data);
}

RunState load_checkpoint(const std::string& path, Network& network, OptimizerState& optimizer,
                         WeightAverage* average, const Recipe& recipe,
                         const CheckpointHeader& header) {
  const model::ModelData data = model::read_model(path);
  const auto state = data.extra_metadata.find(kStateKey);
  const auto stored = data.extra_metadata.find(kRecipeKey);
  if (state == data.extra_metadata.end() || stored == data.extra_metadata.end()) {
    throw Error(path + ": not a checkpoint: it holds a model but no state of a run");
  }
  Recipe earlier = parse_recipe(stored->second, {}, path);
  // In float32 layers that are computed again are rounded otherwise (known_rate of a forward pass).
  if (header.precision != "float32" ||
      (earlier.train.recompute > 0) == (recipe.train.recompute > 0)) {
    earlier.train.recompute = recipe.train.recompute;
  }
  const std::string before = comparable(earlier);
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
  check_same(path, data, header);
  network.load(data.tensors);
  try {
    optimizer.load(kOptimizerPrefix, data.extra_tensors);
    if (average != nullptr) average->load(kAveragePrefix, data.extra_tensors);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
  const RunState run = parse_state(path, state->second);
  const std::size_t targets = recipe.train.firing_rate_targets.size();
  if (run.penalty.layers.size() != targets) {
    throw FormatError(path, 0,
                      std::string("its metadata ") + kStateKey + " holds " +
                          std::to_string(run.penalty.layers.size()) + " " + kLayerPenalties +
                          ", expected " + std::to_string(targets));
  }
  const LossScale& scale = run.loss_scale;
  if (scale.is_on() != (header.precision == "float16") || scale.scale < 0 ||
      scale.skipped_steps > run.iteration) {
    throw FormatError(path, 0,
                      std::string("its metadata ") + kStateKey +
                          " holds a loss scale that no run in " + header.precision + " leaves");
  }
  return run;
}

}  // namespace trispike::train
