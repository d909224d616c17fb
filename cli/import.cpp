// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike import: other programs' weights to a trained model.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "network_options.h"
#include "trispike/interop/convert.h"
#include "trispike/interop/layouts.h"
#include "trispike/interop/state_dict.h"
#include "trispike/model/error.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string weights;
  std::string output;
  std::string key;
  std::string layout;
  std::string network;
  std::string spikes;
  int time_steps = 0;
  std::int64_t classes = 0;
  std::string input_shape;
  bool frames = false;
  std::vector<double> mean;
  std::vector<double> std;
  bool json = false;
};

struct Spikes {
  std::string_view name;
  model::NeuronKind kind;
};

constexpr std::array<Spikes, 3> kSpikes{{{"binary", model::NeuronKind::kBinary},
                                         {"ternary", model::NeuronKind::kTernary},
                                         {"trainable", model::NeuronKind::kTrainableTernary}}};

model::NeuronKind spikes_from_string(const std::string& name) {
  for (const Spikes& spikes : kSpikes) {
    if (spikes.name == name) return spikes.kind;
  }
  throw ConfigError("--spikes", "'" + name + "' is unknown, expected binary, ternary or trainable");
}

interop::ImportOptions import_options(const Options& options) {
  interop::ImportOptions import;
  import.layout = options.layout;
  import.network = options.network;
  import.spikes = spikes_from_string(options.spikes);
  import.time_steps = options.time_steps;
  import.num_classes = options.classes;
  import.input_kind = options.frames ? model::InputKind::kFrames : model::InputKind::kStatic;
  if (!options.input_shape.empty()) {
    import.input = parse_input_shape(options.input_shape, "--input-shape");
  }
  import.preprocessing = {options.mean, options.std};
  return import;
}

/// What the model was made from, without the folders of this machine.
std::string provenance(const Options& options, const interop::StateDict& weights) {
  const Json import = {{"file", std::filesystem::path(options.weights).filename().string()},
                       {"entry", weights.entry},
                       {"layout", options.layout},
                       {"sha256", model::digest(weights.tensors)}};
  return Json{{"import", import}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::int64_t width_of(const model::NetworkSpec& network) {
  return std::get<model::ConvLayer>(network.layers[1].params).out_channels;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) {
    text += (i > 0 ? ", " : "") + printable(names[i]);
  }
  if (names.size() > kMost) text += fmt::format(" and {} more (--json)", names.size() - kMost);
  return text;
}

void print_report(const Options& options, const interop::StateDict& weights,
                  const interop::ImportResult& result) {
  const model::NetworkSpec& network = result.model.network;
  std::string from = printable(options.weights);
  if (!weights.entry.empty()) from += fmt::format(", entry '{}'", printable(weights.entry));
  if (!weights.prefix.empty()) from += fmt::format(", prefix '{}' dropped", weights.prefix);
  print(fmt::format("weights   {}\n", from));
  if (!weights.not_tensors.empty()) {
    print(fmt::format("          not tensors: {}\n", listed(weights.not_tensors)));
  }
  if (!result.unused.empty()) {
    print(fmt::format("          of no use to the network: {}\n", listed(result.unused)));
  }
  const model::MapShape& in = network.input().shape;
  print(fmt::format("network   {}, {} spikes, width {}, {} time steps, {} classes, input {}\n",
                    network.name, options.spikes, width_of(network), network.time_steps,
                    network.num_classes(), map_size(in.channels, in.height, in.width)));
  if (options.mean.empty() && options.std.empty()) {
    print("          pictures are scaled to [0, 1] and not normalised (no --mean, no --std)\n");
  }
  print(fmt::format("model     {}\n", printable(options.output)));
}

Json report_json(const Options& options, const interop::StateDict& weights,
                 const interop::ImportResult& result) {
  const model::NetworkSpec& network = result.model.network;
  const model::MapShape& in = network.input().shape;
  return {{"model", options.output},
          {"weights", options.weights},
          {"entry", weights.entry.empty() ? Json(nullptr) : Json(weights.entry)},
          {"prefix", weights.prefix},
          {"layout", options.layout},
          {"network", network.name},
          {"width", width_of(network)},
          {"spikes", options.spikes},
          {"time_steps", network.time_steps},
          {"classes", network.num_classes()},
          {"input", {in.channels, in.height, in.width}},
          {"tensors", result.model.tensors.size()},
          {"unused", result.unused},
          {"not_tensors", weights.not_tensors}};
}

int run_import(const Options& options) {
  const interop::ImportOptions import = import_options(options);
  interop::StateDict weights = interop::read_state_dict(options.weights, options.key);
  const std::string made_from = provenance(options, weights);
  interop::ImportResult result =
      interop::import_model(std::move(weights.tensors), import, options.weights);
  result.model.provenance = made_from;
  model::write_model(options.output, result.model);
  if (options.json) {
    print_json(report_json(options, weights, result));
  } else {
    print_report(options, weights, result);
  }
  return kSuccess;
}

}  // namespace

Command add_import(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("import", "Turn other programs' weights into a trained model");
  const auto options = std::make_shared<Options>();
  app->add_option("WEIGHTS", options->weights,
                  "A file of torch.save (.pth, .pt) or safetensors; nothing in it is executed")
      ->required();
  app->add_option("--layout", options->layout, "How its tensors are named: official")->required();
  app->add_option("--network", options->network,
                  "resnet20, resnet19, resnet18 or resnet34; its width follows from the weights")
      ->required();
  app->add_option("--spikes", options->spikes, "binary, ternary or trainable (amplitudes)")
      ->required();
  app->add_option("--time-steps", options->time_steps, "Time steps it was trained with")
      ->required()
      ->type_name("T");
  app->add_option("--classes", options->classes, "Number of classes (default: as the weights have)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  app->add_option("--input-shape", options->input_shape,
                  "Size of the input, CHANNELSxHEIGHTxWIDTH (default: the network's own)");
  app->add_flag("--frames", options->frames, "One input map per time step, not a static image");
  app->add_option("--mean", options->mean, "Subtracted from pictures in [0, 1], one per channel")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,C");
  app->add_option("--std", options->std, "What is left is divided by this, one per channel")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,C");
  app->add_option("--key", options->key,
                  "Of a checkpoint with several state dicts: the key of the one to take");
  app->add_option("-o,--output", options->output, "The model file to write")
      ->required()
      ->type_name("FILE");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "The model has stage 'trained': predict, eval and count fold it in memory, export writes it "
      "folded.\n"
      "Example:\n"
      "  trispike import checkpoint.pth --layout official --network resnet20 --spikes trainable "
      "\\\n"
      "    --time-steps 2 --classes 10 --input-shape 3x32x32 --mean 0.4914,0.4822,0.4465 \\\n"
      "    --std 0.2470,0.2435,0.2616 -o imported.safetensors");
  return {app, [options] { return run_import(*options); }};
}

}  // namespace trispike::cli
