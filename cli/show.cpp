// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike show: the layers of a network or of a model file.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "network_options.h"
#include "table.h"
#include "trispike/analysis/energy.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"
#include "trispike/runtime/runtime.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string target;
  bool json = false;
  bool plan = false;
  std::int64_t width = 0;
  std::optional<int> time_steps;  ///< none: 2, or 1 without spikes
  std::int64_t classes = 0;
  std::string input;
  bool frames = false;
  std::string neuron = "ternary";
  std::string preset = "official_code";
};

/// What is shown: a network, and the file it stands in if there is one.
struct Subject {
  model::NetworkSpec network;
  std::optional<model::ModelData> file;
};

struct ShownLayer {
  const model::Layer& layer;
  const model::LayerInfo& info;
  std::int64_t dense_operations;    ///< of one sample, all time steps
  std::optional<double> amplitude;  ///< of a trained neuron layer that has one
  std::optional<double> threshold;  ///< of a trained neuron layer that has one of its own
};

struct Total {
  std::int64_t parameters = 0;
  std::int64_t amplitudes = 0;
  std::int64_t dense_operations = 0;
};

model::NetworkSpec build(const Options& options) {
  model::NetworkOptions network;
  network.neuron =
      model::neuron_preset(options.preset, model::neuron_kind_from_string(options.neuron));
  const bool spiking = model::info(network.neuron.kind).spiking;
  network.time_steps = options.time_steps.value_or(spiking ? 2 : 1);
  network.width = options.width;
  network.num_classes = options.classes;
  network.input_kind = options.frames ? model::InputKind::kFrames : model::InputKind::kStatic;
  if (!options.input.empty()) {
    network.input = parse_input_shape(options.input, "--input");
  }
  return model::build_network(options.target, network);
}

Subject find_subject(const Options& options, const std::vector<CLI::Option*>& network_options) {
  const auto entries = model::networks();
  const bool named = std::any_of(entries.begin(), entries.end(),
                                 [&](const auto& entry) { return entry.name == options.target; });
  if (named) {
    return {build(options), std::nullopt};
  }
  if (!std::filesystem::exists(options.target)) {
    throw ConfigError(
        "TARGET",
        "'" + options.target + "' is neither a file nor one of the networks " + network_names());
  }
  for (const CLI::Option* option : network_options) {
    if (option->count() > 0) {
      throw ConfigError(option->get_name(), "is for networks by name, but '" + options.target +
                                                "' is a file with a network of its own");
    }
  }
  model::ModelData file = model::read_model(options.target);
  return {file.network, std::move(file)};
}

/// A number that a layer of a trained file has learned.
std::optional<double> learned(const Subject& subject, const model::Layer& layer, const char* role) {
  if (!subject.file || subject.file->stage != model::Stage::kTrained) {
    return std::nullopt;
  }
  const auto found = subject.file->tensors.find(layer.name + role);
  if (found == subject.file->tensors.end()) {
    return std::nullopt;
  }
  return found->second.to_double().front();
}

std::vector<ShownLayer> shown_layers(const Subject& subject,
                                     const std::vector<model::LayerInfo>& infos) {
  std::vector<ShownLayer> layers;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const model::Layer& layer = subject.network.layers[i];
    layers.push_back({layer, infos[i], infos[i].dense_macs * subject.network.time_steps,
                      learned(subject, layer, ".amplitude"),
                      learned(subject, layer, ".threshold")});
  }
  return layers;
}

Total sum(const std::vector<ShownLayer>& layers) {
  Total total;
  for (const ShownLayer& shown : layers) {
    total.parameters += shown.info.parameters;
    total.amplitudes += shown.info.amplitudes;
    total.dense_operations += shown.dense_operations;
  }
  return total;
}

/// What the energy estimate of the paper takes from the network alone.
struct PaperCounts {
  std::int64_t additions;
  std::int64_t flops;
};

PaperCounts paper_counts(const Subject& subject) {
  const model::Stage stage = subject.file ? subject.file->stage : model::Stage::kTrained;
  return {analysis::ann_additions(subject.network, stage),
          analysis::first_layer_flops(subject.network)};
}

/// The parameters of a layer that its shapes do not tell.
std::string detail(const ShownLayer& shown) {
  const model::LayerParams& params = shown.layer.params;
  if (const auto* conv = std::get_if<model::ConvLayer>(&params)) {
    return fmt::format("{0}x{0} stride {1} padding {2}{3}", conv->kernel, conv->stride,
                       conv->padding, conv->bias ? " bias" : "");
  }
  if (const auto* pool = std::get_if<model::AvgPoolLayer>(&params)) {
    return fmt::format("{0}x{0} stride {1} padding {2}{3}", pool->kernel, pool->stride,
                       pool->padding, pool->ceil_mode ? " ceil" : "");
  }
  if (const auto* neuron = std::get_if<model::NeuronLayer>(&params)) {
    const model::NeuronSpec& spec = neuron->neuron;
    return !model::info(spec.kind).spiking
               ? std::string(to_string(spec.kind))
               : fmt::format("{} threshold {} decay {} {} reset", to_string(spec.kind),
                             shown.threshold ? fmt::format("{:.6g} (trained)", *shown.threshold)
                                             : fmt::format("{}", spec.threshold),
                             spec.decay, to_string(spec.reset));
  }
  if (const auto* linear = std::get_if<model::LinearLayer>(&params)) {
    return linear->bias ? "bias" : "";
  }
  return "";
}

/// "from <layers>", unless the layer reads the one before it, as most do.
std::string sources(const model::NetworkSpec& network, std::size_t index) {
  const std::vector<int>& inputs = network.layers[index].inputs;
  if (inputs.empty() || inputs == std::vector<int>{static_cast<int>(index) - 1}) {
    return "";
  }
  std::string names;
  for (const int input : inputs) {
    names.append(names.empty() ? "from " : " + ").append(network.layers[input].name);
  }
  return names;
}

void print_subject(const Subject& subject, const std::vector<ShownLayer>& layers) {
  const model::NetworkSpec& network = subject.network;
  const model::MapShape& in = network.input().shape;
  print(fmt::format("{}: input {} ({}), {} time step{}, {} classes\n", printable(network.name),
                    map_size(in.channels, in.height, in.width),
                    model::to_string(network.input().kind), network.time_steps,
                    network.time_steps == 1 ? "" : "s", network.num_classes()));
  if (subject.file) {
    print(fmt::format(
        "stage {}; provenance: {}\n", to_string(subject.file->stage),
        subject.file->provenance.empty() ? "none" : printable(subject.file->provenance)));
  }
  const bool amplitudes = std::any_of(layers.begin(), layers.end(),
                                      [](const ShownLayer& shown) { return !!shown.amplitude; });
  std::vector<Column> columns = {{"layer", Align::kLeft},  {"type", Align::kLeft},
                                 {"output", Align::kLeft}, {"parameters"},
                                 {"dense operations"},     {"details", Align::kLeft}};
  if (amplitudes) {
    columns.insert(columns.end() - 1, {"amplitude"});
  }
  Table table(columns);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const ShownLayer& shown = layers[i];
    const model::MapShape& out = shown.info.shape;
    std::vector<std::string> row = {
        shown.layer.name, std::string(type_name(shown.layer.params)),
        map_size(out.channels, out.height, out.width),
        shown.info.parameters > 0 ? grouped(shown.info.parameters) : "",
        shown.dense_operations > 0 ? grouped(shown.dense_operations) : ""};
    if (amplitudes) {
      row.push_back(shown.amplitude ? fmt::format("{:.6g}", *shown.amplitude) : "");
    }
    const std::string details = detail(shown);
    const std::string from = sources(network, i);
    row.push_back(details + (details.empty() || from.empty() ? "" : " ") + from);
    table.add_row(std::move(row));
  }
  const Total total = sum(layers);
  table.add_rule();
  table.add_row({"total", "", "", grouped(total.parameters), grouped(total.dense_operations)});
  print("\n" + table.text());
  const PaperCounts paper = paper_counts(subject);
  print(fmt::format("\nthe paper's energy estimate: A = {} additions, {} FLOPs\n",
                    grouped(paper.additions), grouped(paper.flops)));
  if (total.amplitudes > 0) {
    print(fmt::format("and {} trainable amplitudes, folded into weights by export\n",
                      total.amplitudes));
  }
}

Json preprocessing_json(const model::Preprocessing& preprocessing) {
  return {{"mean", preprocessing.mean},
          {"std", preprocessing.std},
          {"resize_shorter", preprocessing.resize_shorter}};
}

/// Provenance is JSON; a file that holds other text there is shown as it is.
Json provenance_json(const std::string& provenance) {
  if (provenance.empty()) {
    return nullptr;
  }
  const Json value = Json::parse(provenance, nullptr, false);
  return value.is_discarded() ? Json(provenance) : value;
}

Json subject_json(const Subject& subject, const Options& options,
                  const std::vector<ShownLayer>& layers) {
  const model::NetworkSpec& network = subject.network;
  Json rows = Json::array();
  for (const ShownLayer& shown : layers) {
    Json inputs = Json::array();
    for (const int input : shown.layer.inputs) {
      inputs.push_back(network.layers[input].name);
    }
    const model::MapShape& out = shown.info.shape;
    rows.push_back({{"name", shown.layer.name},
                    {"type", type_name(shown.layer.params)},
                    {"inputs", inputs},
                    {"output", {out.channels, out.height, out.width}},
                    {"parameters", shown.info.parameters},
                    {"dense_operations", shown.dense_operations}});
    if (shown.amplitude) {
      rows.back()["amplitude"] = *shown.amplitude;
    }
    if (shown.threshold) {
      rows.back()["threshold"] = *shown.threshold;
    }
  }
  const model::MapShape& in = network.input().shape;
  const Total total = sum(layers);
  Json json = {{"network", network.name},
               {"time_steps", network.time_steps},
               {"classes", network.num_classes()},
               {"input",
                {{"shape", {in.channels, in.height, in.width}},
                 {"kind", model::to_string(network.input().kind)}}},
               {"layers", rows},
               {"total",
                {{"parameters", total.parameters},
                 {"amplitudes", total.amplitudes},
                 {"dense_operations", total.dense_operations}}}};
  const PaperCounts paper = paper_counts(subject);
  json["paper_estimate"] = {{"additions", paper.additions}, {"flops", paper.flops}};
  if (subject.file) {
    json["file"] = {{"path", options.target},
                    {"stage", to_string(subject.file->stage)},
                    {"class_names", subject.file->class_names},
                    {"preprocessing", preprocessing_json(subject.file->preprocessing)},
                    {"provenance", provenance_json(subject.file->provenance)}};
  }
  return json;
}

/// What the runtime makes of the file: one line per population.
std::vector<std::string> plan_lines(const Subject& subject, const Options& options) {
  if (!subject.file) {
    throw ConfigError(
        "--plan", "is for model files, but '" + options.target + "' is a network without weights");
  }
  const runtime::Model model = runtime::Model::from(*subject.file);
  std::vector<std::string> lines = {fmt::format("{} kernels, {}, {} bytes of packed weights",
                                                model.target(), to_string(model.arithmetic()),
                                                grouped(model.packed_bytes()))};
  std::istringstream text(model.plan());
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

int run_show(const Options& options, const std::vector<CLI::Option*>& network_options) {
  const Subject subject = find_subject(options, network_options);
  const std::vector<model::LayerInfo> infos = model::infer(subject.network);
  const std::vector<ShownLayer> layers = shown_layers(subject, infos);
  const std::vector<std::string> plan =
      options.plan ? plan_lines(subject, options) : std::vector<std::string>();
  if (options.json) {
    Json json = subject_json(subject, options, layers);
    if (options.plan) json["plan"] = plan;
    print_json(json);
  } else {
    print_subject(subject, layers);
    if (options.plan) print("\nhow the runtime runs it\n");
    for (const std::string& line : plan) print(printable(line) + "\n");
  }
  return kSuccess;
}

}  // namespace

Command add_show(CLI::App& program) {
  CLI::App* app = program.add_subcommand("show", "Print the layers of a network or a model file");
  const auto options = std::make_shared<Options>();
  app->add_option("TARGET", options->target, "A network (" + network_names() + ") or a model file")
      ->required();
  app->add_flag("--plan", options->plan,
                "Show what the runtime makes of a model file: kernels, sources, bounds");
  app->add_flag("--json", options->json, "Answer in JSON");
  const std::string group = "Options of a network by name";
  const std::vector<CLI::Option*> network_options = {
      app->add_option("--width", options->width, "Channels of the first stage"),
      app->add_option("--time-steps", options->time_steps, "Time steps (default 2; relu: 1)"),
      app->add_option("--classes", options->classes, "Number of classes"),
      app->add_option("--input", options->input, "Size of the input, CHANNELSxHEIGHTxWIDTH"),
      app->add_flag("--frames", options->frames, "One input map per time step, not a static image"),
      app->add_option("--neuron", options->neuron,
                      "binary, ternary (default), trainable_ternary, or relu (the ANN twin)"),
      app->add_option("--preset", options->preset,
                      "Constants of the neurons: official_code (default) or paper")};
  for (CLI::Option* option : network_options) {
    option->group(group);
  }
  app->footer(
      "Dense operations are multiply-accumulates of one sample over all time steps if nothing "
      "were\n"
      "zero; the first layer of a static image is counted once.\n"
      "Examples:\n"
      "  trispike show resnet20 --width 16 --time-steps 4\n"
      "  trispike show model.safetensors --json");
  return {app, [options, network_options] { return run_show(*options, network_options); }};
}

}  // namespace trispike::cli
