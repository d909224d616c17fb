// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/recipe.h"

#include <algorithm>
#include <cctype>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "src/recipe_keys.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr std::size_t kMaxRecipeBytes = 1 << 20;
constexpr std::ptrdiff_t kMaxDotsPerLine = 500;

/// A value and where it was written.
struct Setting {
  const toml::node* value;
  std::string where;
};
using Settings = std::map<std::string, Setting>;

std::string position(const std::string& file, const toml::source_region& source) {
  return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

/// A dotted key nests tables as deep as it has dots, and the parser has no limit for that.
void check_depth(const std::string& text, const std::string& file) {
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto dots = std::ranges::count(line, '.');
    if (dots > kMaxDotsPerLine) {
      throw ConfigError(file + ":" + std::to_string(number), "a line with " + std::to_string(dots) +
                                                                 " dots, expected at most " +
                                                                 std::to_string(kMaxDotsPerLine));
    }
  }
}

toml::table parse_file(const std::string& text, const std::string& file) {
  check_depth(text, file);
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw ConfigError(position(file, error.source()), std::string(error.description()));
  }
}

/// Every value of the tables in `table`, under its full key. A key may have a table as its value.
void flatten(const toml::table& table, const std::string& prefix, const std::string& file,
             Settings& settings) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && find_key(key) == nullptr) {
      flatten(*inner, key + ".", file, settings);
    } else {
      settings[key] = {&node, position(file, node.source())};
    }
  }
}

/// A word that needs no quotes in an override: a name, not a number or anything TOML could mean.
bool is_bare_word(const std::string& text) {
  const auto in_word = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.' || c == '/';
  };
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) != 0 &&
         std::ranges::all_of(text, in_word);
}

/// The value of an override as `{value = ...}`; nothing if it is not TOML.
std::optional<toml::table> parse_value(const std::string& text) {
  try {
    toml::table table = toml::parse("value = " + text);
    if (table.size() == 1) return table;
  } catch (const toml::parse_error&) {
    if (is_bare_word(text)) return toml::table{{"value", text}};
  }
  return std::nullopt;
}

/// `tables` keeps the values alive.
void add_override(const std::string& text, std::deque<toml::table>& tables, Settings& settings) {
  const auto equals = text.find('=');
  const std::string where = "override '" + text + "'";
  if (equals == std::string::npos || equals == 0) {
    throw ConfigError(where, "expected key=value, as in train.epochs=30");
  }
  const std::string key = text.substr(0, equals);
  auto table = parse_value(text.substr(equals + 1));
  if (!table) {
    throw ConfigError(key, where +
                               ": the value is not valid TOML (a number, true, \"text\", "
                               "a list [1, 2]) nor a bare word");
  }
  tables.push_back(std::move(*table));
  settings[key] = {tables.back().get("value"), where};
}

std::string found(const toml::node& value) {
  std::ostringstream out;
  value.visit([&out](const auto& node) { out << node; });
  std::string text = out.str();
  constexpr std::size_t kShown = 80;
  if (text.size() > kShown) text = text.substr(0, kShown) + "...";
  return text;
}

void apply(const KeyRow& row, const Settings& settings, Recipe& recipe) {
  const auto setting = settings.find(row.name);
  if (setting == settings.end()) return;
  const auto& [value, where] = setting->second;
  if (!row.set(*value, recipe)) {
    throw ConfigError(row.name, where + ": expected " + row.expected + ", found " + found(*value));
  }
}

void check_known(const Settings& settings) {
  for (const auto& [key, setting] : settings) {
    if (find_key(key) == nullptr) {
      throw ConfigError(key,
                        setting.where + ": unknown key; did you mean '" + nearest_key(key) + "'?");
    }
  }
}

void check_optimizer(const TrainSection& train) {
  if (train.nesterov && train.optimizer != Optimizer::kSgd) {
    throw ConfigError("train.nesterov", "only train.optimizer = \"sgd\" knows Nesterov momentum");
  }
  if (train.nesterov && train.momentum == 0) {
    throw ConfigError("train.nesterov", "needs train.momentum > 0, found 0");
  }
  const bool steps = train.schedule == Schedule::kStep;
  if (steps == train.step_epochs.empty()) {
    throw ConfigError("train.step_epochs",
                      steps ? "train.schedule = \"step\" needs at least one epoch, found []"
                            : "has a meaning only with train.schedule = \"step\"");
  }
  if (std::ranges::adjacent_find(train.step_epochs, std::greater_equal<>()) !=
      train.step_epochs.end()) {
    throw ConfigError("train.step_epochs", "expected epochs in rising order");
  }
}

/// Settings that another one, which is missing, would give a meaning.
void check_objective(const TrainSection& train) {
  const TrainSection unset;
  const auto needs = [](const char* key, bool is_set, const char* other) {
    if (is_set) throw ConfigError(key, std::string("has a meaning only with ") + other);
  };
  if (train.firing_rate_target == 0 && train.firing_rate_targets.empty()) {
    needs("train.firing_rate_of", train.firing_rate_of != unset.firing_rate_of,
          "train.firing_rate_target or train.firing_rate_targets");
  }
  if (train.teacher.empty()) {
    needs("train.teacher_weight", train.teacher_weight != unset.teacher_weight, "train.teacher");
    needs("train.teacher_temperature", train.teacher_temperature != unset.teacher_temperature,
          "train.teacher");
  }
}

/// Blocks whose last norm starts at 0 pass on the spikes that they get, of size 1.
void check_threshold(const model::NetworkOptions& options) {
  const model::NeuronSpec& neuron = options.neuron;
  const bool spikes_arrive = neuron.strict ? neuron.threshold < 1 : neuron.threshold <= 1;
  if (options.zero_init_last_norm && !spikes_arrive) {
    throw ConfigError("neuron.threshold",
                      "with network.zero_init_last_norm a block starts by passing spikes of size 1 "
                      "on; none would fire at a threshold " +
                          std::string(neuron.strict ? "of 1 or more" : "above 1") +
                          ", and nothing would be learned");
  }
}

void check_neuron(const Recipe& recipe) {
  const model::NetworkOptions& options = recipe.network.options;
  model::validate(options.neuron);
  if (model::info(options.neuron.kind).spiking) {
    check_threshold(options);
    return;
  }
  const std::string neuron(model::to_string(options.neuron.kind));
  if (options.time_steps != 1) {
    throw ConfigError("network.time_steps", "network.neuron = \"" + neuron +
                                                "\" has no state, so its network (the ANN twin) "
                                                "runs for 1 time step, found " +
                                                std::to_string(options.time_steps) +
                                                "; add --set network.time_steps=1");
  }
  const std::string does_not_spike = "network.neuron = \"" + neuron + "\" does not spike; use ";
  if (recipe.train.firing_rate_target > 0) {
    throw ConfigError("train.firing_rate_target", does_not_spike + "0");
  }
  if (!recipe.train.firing_rate_targets.empty()) {
    throw ConfigError("train.firing_rate_targets", does_not_spike + "{}");
  }
}

void check_fold(const data::Fold& fold) {
  if (fold.folds == 1) {
    throw ConfigError("data.folds",
                      "expected 2 or more, or 0 (the data set's own splits), found 1");
  }
  if (!fold && fold.index != 0) {
    throw ConfigError("data.fold", "has a meaning only with data.folds");
  }
  if (fold && fold.index >= fold.folds) {
    throw ConfigError("data.fold", "expected 0 to " + std::to_string(fold.folds - 1) +
                                       " (data.folds = " + std::to_string(fold.folds) +
                                       "), found " + std::to_string(fold.index));
  }
}

void check_data(const Recipe& recipe) {
  const DataSection& data = recipe.data;
  check_fold(data.fold);
  if (data.mean.size() != data.std.size()) {
    throw ConfigError("data.std", "expected as many numbers as data.mean has (" +
                                      std::to_string(data.mean.size()) + "), found " +
                                      std::to_string(data.std.size()));
  }
  const auto channels = static_cast<std::size_t>(recipe.network.options.input.channels);
  if (!data.mean.empty() && channels != 0 && data.mean.size() != channels) {
    throw ConfigError("data.mean", "expected one number per channel of network.input (" +
                                       std::to_string(channels) + "), found " +
                                       std::to_string(data.mean.size()));
  }
  const bool windows = data.frames.by == data::FramesBy::kWindow;
  if (windows != (data.frames.window_us > 0)) {
    throw ConfigError("data.frame_window_us",
                      windows ? "data.frames_by = \"window\" needs microseconds > 0, found 0"
                              : "has a meaning only with data.frames_by = \"window\"");
  }
  if (data.frames.from_zero && !windows) {
    throw ConfigError("data.frames_from_zero",
                      "has a meaning only with data.frames_by = \"window\"");
  }
  const model::MapShape& input = recipe.network.options.input;
  const model::MapShape frame{data::kFrameChannels, data.frames.height, data.frames.width};
  if (frame.height != 0 && input != model::MapShape{0, 0, 0} && input != frame) {
    throw ConfigError("data.frame_size", "contradicts network.input");
  }
  if (recipe.train.select_on == SelectOn::kValidation && data.validation_fraction == 0) {
    throw ConfigError("data.validation_fraction",
                      "train.select_on = \"validation\" needs a fraction > 0, found 0");
  }
}

/// What concerns several settings, so that no line of the file can be named.
void check_together(const Recipe& recipe, const std::string& file) {
  try {
    check_neuron(recipe);
    check_optimizer(recipe.train);
    check_objective(recipe.train);
    check_data(recipe);
  } catch (const ConfigError& error) {
    const std::string message = std::string(error.what()).substr(error.key().size() + 2);
    throw ConfigError(error.key(), file + ": " + message);
  }
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxRecipeBytes + 1, '\0');
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    if (file) {
      throw ConfigError(path,
                        "longer than " + std::to_string(kMaxRecipeBytes) + " bytes: not a recipe");
    }
    throw IoError(path + ": cannot be read as a recipe file");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Recipe parse_recipe(const std::string& toml, const std::vector<std::string>& overrides,
                    const std::string& file) {
  const toml::table table = parse_file(toml, file);
  std::deque<toml::table> override_tables;
  Settings settings;
  flatten(table, "", file, settings);
  for (const std::string& text : overrides) add_override(text, override_tables, settings);
  check_known(settings);

  Recipe recipe;
  // The preset gives every constant of the neuron, so it comes before what [neuron] says about
  // them, wherever the two stand.
  apply(*find_key("network.neuron"), settings, recipe);
  apply(*find_key("network.preset"), settings, recipe);
  model::NeuronSpec& neuron = recipe.network.options.neuron;
  neuron = model::neuron_preset(recipe.network.preset, neuron.kind);
  for (const KeyRow& row : key_rows()) apply(row, settings, recipe);

  check_together(recipe, file);
  return recipe;
}

Recipe load_recipe(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_recipe(read_text(path), overrides, path);
}

std::string to_toml(const Recipe& recipe) {
  std::string text;
  std::string section;
  for (const KeyRow& row : key_rows()) {
    const auto dot = row.name.find('.');
    if (row.name.substr(0, dot) != section) {
      if (!section.empty()) text += '\n';
      section = row.name.substr(0, dot);
      text += "[" + section + "]\n";
    }
    text += row.name.substr(dot + 1) + " = " + row.get(recipe) + "\n";
  }
  return text;
}

std::vector<RecipeKey> recipe_keys() {
  const Recipe defaults;
  std::vector<RecipeKey> keys;
  for (const KeyRow& row : key_rows()) {
    keys.push_back({row.name, row.get(defaults), row.meaning + " (" + row.expected + ")"});
  }
  return keys;
}

}  // namespace trispike::train
