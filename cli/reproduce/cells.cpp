// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "reproduce/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "console.h"
#include "counts_json.h"
#include "train_display.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/safetensors.h"
#include "trispike/train/recipe.h"

namespace trispike::cli {
namespace {

namespace fs = std::filesystem;

/// "relu" reads as what it is here for.
constexpr std::string_view kAnn = "ann";

std::string_view kind_name(model::NeuronKind kind) {
  return kind == model::NeuronKind::kRelu ? kAnn : model::to_string(kind);
}

model::NeuronKind kind_from_name(std::string_view name) {
  return name == kAnn ? model::NeuronKind::kRelu : model::neuron_kind_from_string(name);
}

template <class Number>
Number whole_number(std::string_view text, const std::string& cell) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw ConfigError("--cell", "'" + cell + "': '" + std::string(text) +
                                    "' is no whole number; expected such as ternary,T=2,seed=0");
  }
  return value;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) throw IoError(path + ": cannot be read");
  return text.str();
}

Json parse_json_file(const std::string& path) {
  Json json = Json::parse(read_text(path), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw FormatError(path, 0, "expected a JSON object");
  return json;
}

/// Accuracy and firing rate after each epoch, from the run's log.
Json training_curve(const std::string& log) {
  Json curve = Json::array();
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    const Json entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || entry.value("event", "") != "epoch") continue;
    curve.push_back({{"epoch", entry.value("epoch", Json())},
                     {"train_loss", entry.value("train_loss", Json())},
                     {"accuracy", entry.value("accuracy", Json())},
                     {"firing_rate", entry.value("evaluation_firing_rate", Json())},
                     {"seconds", entry.value("seconds", Json())}});
  }
  return curve;
}

/// Learned amplitude of each neuron layer; empty if the kind has none.
Json amplitudes_json(const model::ModelData& trained) {
  Json list = Json::array();
  for (const model::Layer& layer : trained.network.layers) {
    const auto found = trained.tensors.find(layer.name + ".amplitude");
    if (found == trained.tensors.end()) continue;
    list.push_back({{"layer", layer.name}, {"amplitude", found->second.to_double().front()}});
  }
  return list;
}

/// What the processor calls itself; empty where the system does not say.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

Json counted_json(const model::ModelData& trained, const std::string& name,
                  const DatasetOptions& data) {
  const runtime::Model model = runtime::Model::from(trained);
  const DatasetRun run = run_on_dataset(model, trained, name, data, "count");
  const analysis::Summary summary = analysis::summarize(model.network(), run.activity);
  std::optional<analysis::PaperEstimate> estimate;
  if (summary.neurons > 0) {
    estimate = analysis::paper_estimate(trained.network, trained.stage, summary);
  }
  Json layers = Json::array();
  for (const analysis::NeuronSummary& layer : summary.neuron_layers) {
    layers.push_back({{"layer", layer.layer},
                      {"neurons", layer.neurons},
                      {"firing_rate", layer.firing_rate},
                      {"positive_rate", layer.positive_rate},
                      {"negative_rate", layer.negative_rate}});
  }
  return {{"samples", summary.samples},
          {"accuracy", static_cast<double>(run.correct) / static_cast<double>(run.samples)},
          {"neurons", summary.neurons},
          {"firing_rate", summary.firing_rate},
          {"layers", layers},
          {"total", counts_json(summary.total)},
          {"energy", energies_json(summary.total)},
          {"paper_estimate", estimate_json(estimate, summary.time_steps)}};
}

/// A recipe less what changes where and how fast it runs, not what it asks for.
std::string canonical(const std::string& recipe, const std::string& name) {
  return train::to_toml(train::parse_recipe(
      recipe, {"train.threads=0", "data.workers=1", "train.checkpoint_minutes=5"}, name));
}

}  // namespace

std::string cell_name(const Cell& cell) {
  return fmt::format(
      "{}{}{},T={},seed={}{}", cell.network, cell.network.empty() ? "" : ",",
      kind_name(cell.neuron), cell.time_steps, cell.seed,
      cell.fold ? fmt::format(",folds={},fold={}", cell.fold.folds, cell.fold.index) : "");
}

Cell parse_cell(const std::string& text) {
  std::vector<std::string> parts = split(text, ',');
  Cell cell;
  if (parts.size() > 4 && parts.back().starts_with("fold=") &&
      parts[parts.size() - 2].starts_with("folds=")) {
    cell.fold.index = whole_number<int>(std::string_view(parts.back()).substr(5), text);
    parts.pop_back();
    cell.fold.folds = whole_number<int>(std::string_view(parts.back()).substr(6), text);
    parts.pop_back();
    if (cell.fold.folds < 2 || cell.fold.index < 0 || cell.fold.index >= cell.fold.folds) {
      throw ConfigError("--cell", "'" + text + "' is of no fold, expected folds=N,fold=I with " +
                                      "N of at least 2 and I from 0 to N - 1");
    }
  }
  if (parts.size() == 4) {
    cell.network = parts.front();
    parts.erase(parts.begin());
  }
  if (parts.size() != 3 || !parts[1].starts_with("T=") || !parts[2].starts_with("seed=")) {
    throw ConfigError("--cell", "'" + text + "' is no cell, expected such as ternary,T=2,seed=0");
  }
  cell.neuron = kind_from_name(parts[0]);
  cell.time_steps = whole_number<int>(std::string_view(parts[1]).substr(2), text);
  cell.seed = whole_number<std::uint64_t>(std::string_view(parts[2]).substr(5), text);
  if (cell.neuron == model::NeuronKind::kRelu && cell.time_steps != 1) {
    throw ConfigError("--cell", "'" + text + "': the ANN twin has one time step, expected T=1");
  }
  return cell;
}

std::vector<Cell> cell_grid(const Workload& workload, const std::vector<int>& time_steps, int seeds,
                            int folds) {
  std::vector<Cell> cells;
  const auto add = [&](int steps, std::initializer_list<model::NeuronKind> kinds) {
    for (int run = 0; run < seeds * std::max(1, folds); ++run) {
      const data::Fold fold = folds > 0 ? data::Fold{folds, run % folds} : data::Fold{};
      const auto seed = static_cast<std::uint64_t>(run / std::max(1, folds));
      for (const model::NeuronKind kind : kinds) cells.push_back({kind, steps, seed, {}, fold});
    }
  };
  for (const int steps : time_steps) {
    add(steps, {model::NeuronKind::kBinary, model::NeuronKind::kTernary,
                model::NeuronKind::kTrainableTernary});
    if (workload.ann_twin && steps == time_steps.front()) add(1, {model::NeuronKind::kRelu});
  }
  return cells;
}

CellStore::CellStore(std::string root, Workload workload, std::vector<std::string> settings)
    : root_(std::move(root)), workload_(std::move(workload)), settings_(std::move(settings)) {
  resolved_recipe({});  // wrong settings are told before anything else
}

std::string CellStore::folder(const Cell& cell) const {
  return (fs::path(root_) / "cells" / (workload_.dataset + "-" + workload_.scale) / cell_name(cell))
      .string();
}

std::string CellStore::checkpoint(const Cell& cell) const {
  const std::optional<Json> finished = result(cell);
  return folder(cell) + "/" + (finished ? finished->value("checkpoint", "") : "");
}

std::string CellStore::resolved_recipe(const Cell& cell) const {
  std::vector<std::string> settings = workload_.settings;
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  if (!cell.network.empty()) settings.push_back("network.name=" + cell.network);
  settings.push_back("network.neuron=" + std::string(model::to_string(cell.neuron)));
  settings.push_back(fmt::format("network.time_steps={}", cell.time_steps));
  settings.push_back(fmt::format("train.seed={}", cell.seed));
  if (cell.fold) {
    settings.push_back(fmt::format("data.folds={}", cell.fold.folds));
    settings.push_back(fmt::format("data.fold={}", cell.fold.index));
  }
  return train::to_toml(train::parse_recipe(std::string(embedded_recipe(workload_.recipe)),
                                            settings, "recipe " + workload_.recipe));
}

Json read_cell(const std::string& path) {
  Json json = parse_json_file(path);
  const auto expect = [&](const char* key, bool found, const char* what) {
    if (!found) throw FormatError(path, 0, fmt::format("'{}' is not {}", key, what));
  };
  const auto at = [&](const char* pointer) {
    const Json::json_pointer place(pointer);
    return json.is_object() && json.contains(place) ? json.at(place) : Json();
  };
  for (const char* key :
       {"/cell", "/dataset", "/scale", "/network", "/neuron", "/recipe", "/checkpoint"}) {
    expect(key, at(key).is_string(), "a text");
  }
  for (const char* key : {"/time_steps", "/seed", "/epochs"}) {
    expect(key, at(key).is_number_integer(), "a whole number");
  }
  for (const char* key :
       {"/accuracy", "/firing_rate", "/seconds", "/counted/total/synaptic_operations",
        "/counted/total/macs", "/counted/energy/0/energy_pj", "/counted/energy/1/energy_pj"}) {
    expect(key, at(key).is_number(), "a number");
  }
  expect("/epoch_results", at("/epoch_results").is_array(), "a list");
  const fs::path checkpoint = json["checkpoint"].get<std::string>();
  expect("/checkpoint", checkpoint.filename() == checkpoint, "the name of a file beside it");
  return json;
}

std::optional<Json> CellStore::result(const Cell& cell) const {
  const std::string path = folder(cell) + "/cell.json";
  if (!fs::exists(path)) return std::nullopt;
  Json json = read_cell(path);
  const std::string name = "cell " + cell_name(cell);
  if (canonical(json["recipe"].get<std::string>(), path) !=
      canonical(resolved_recipe(cell), name)) {
    throw ConfigError("--out", name + " in '" + folder(cell) +
                                   "' was trained by another recipe than this command's; name "
                                   "another folder, or give the same --set as then");
  }
  return json;
}

bool CellStore::begun(const Cell& cell) const {
  return fs::exists(folder(cell) + "/last.safetensors");
}

bool CellStore::train(const Cell& cell, const DatasetOptions& data, train::Device device) const {
  if (result(cell)) return true;
  train::TrainRequest request;
  const std::string recipe = resolved_recipe(cell);
  request.recipe = train::parse_recipe(recipe, {});
  request.data_path = data.path;
  request.out_dir = folder(cell);
  request.resume = begun(cell);
  request.device = device;
  TrainDisplay display(data.quiet, cell_name(cell) + "  ");
  const train::TrainResult trained = train::train(request, display.callbacks());
  display.close();
  if (!trained.finished || interrupted()) return false;

  DatasetOptions counting = data;
  counting.split = "test";
  counting.limit = workload_.counted_pictures;
  const model::ModelData checkpoint = model::read_model(trained.best_path);
  const Json json = {{"cell", cell_name(cell)},
                     {"dataset", workload_.dataset},
                     {"scale", workload_.scale},
                     {"network", checkpoint.network.name},
                     {"neuron", kind_name(cell.neuron)},
                     {"time_steps", cell.time_steps},
                     {"seed", cell.seed},
                     {"fold", cell.fold ? Json(data::to_string(cell.fold)) : Json(nullptr)},
                     {"epochs", request.recipe.train.epochs},
                     {"accuracy", trained.test_accuracy},
                     {"test_samples", trained.test_samples},
                     {"training_samples", trained.training_samples},
                     {"firing_rate", trained.test_firing_rate},
                     {"seconds", trained.seconds},
                     {"images_per_second", trained.images_per_second},
                     {"device", train::to_string(device)},
                     {"processor", processor_name()},
                     {"processor_threads", std::thread::hardware_concurrency()},
                     {"version", TRISPIKE_VERSION},
                     {"checkpoint", fs::path(trained.best_path).filename().string()},
                     {"amplitudes", amplitudes_json(checkpoint)},
                     {"epoch_results", training_curve(folder(cell) + "/log.jsonl")},
                     {"counted", counted_json(checkpoint, trained.best_path, counting)},
                     {"recipe", recipe}};
  model::write_text_atomically(folder(cell) + "/cell.json",
                               json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return true;
}

}  // namespace trispike::cli
