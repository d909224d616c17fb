// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce: the paper's tables and figures, from runs on real data.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include "analysis_plots.h"
#include "commands.h"
#include "console.h"
#include "format.h"
#include "reproduce/reproduction.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"
#include "trispike/model/sha256.h"
#include "trispike/train/trainer.h"

namespace trispike::cli {
namespace {

constexpr std::array kReproductions = {
    Reproduction{"ablation", "Table 1: binary, ternary, trainable ternary x time steps x seeds",
                 kTakesList | kTakesCells | kTakesSeeds | kTakesTimeSteps | kTrains,
                 reproduce_ablation},
    Reproduction{"capacity", "Eq. 6: bits of feature maps, beside the entropy of trained networks",
                 kTakesTimeSteps | kTrains, reproduce_capacity},
    Reproduction{"comparison", "Tables 2 to 4: every row of the paper, and ours where a run exists",
                 0, reproduce_comparison},
    Reproduction{"distributions", "Fig. 2: membrane potentials by layer, T = 1 and 2",
                 kTakesTimeSteps | kTrains, reproduce_distributions},
    Reproduction{"energy", "Table 5: operations and energy, and when spikes stop paying",
                 kTakesTimeSteps | kOneTimeStep | kTrains, reproduce_energy},
    Reproduction{"invariance", "Eq. 15-17: folding changes nothing, on a test set, every network",
                 kTakesCells | kTakesTimeSteps | kOneTimeStep | kTrains, reproduce_invariance},
};

const Reproduction& find_reproduction(const std::string& name) {
  std::string names;
  for (const Reproduction& reproduction : kReproductions) {
    if (reproduction.name == name) return reproduction;
    names.append(names.empty() ? "" : ", ").append(reproduction.name);
  }
  throw ConfigError("NAME", "'" + name + "' is unknown, expected one of " + names);
}

/// What is asked for and would be ignored.
void refuse_unused(const Reproduction& reproduction, const ReproduceOptions& options) {
  const auto refuse = [&](bool given, unsigned takes, const char* option) {
    if (!given || (reproduction.takes & takes) != 0) return;
    throw ConfigError(option, "is nothing that '" + options.name + "' takes");
  };
  refuse(options.list, kTakesList, "--list");
  refuse(!options.cells.empty(), kTakesCells, "--cell");
  refuse(options.seeds > 0, kTakesSeeds, "--seeds");
  refuse(options.folds > 0, kTakesSeeds, "--folds");
  refuse(!options.time_steps.empty(), kTakesTimeSteps, "--time-steps");
  const bool elsewhere = train::device_from_string(options.device) != train::Device::kCpu;
  refuse(elsewhere, kTrains, "--device");
  if (elsewhere && !options.train) {
    throw ConfigError("--device", "says where to train, --no-training that nothing is trained");
  }
  if (options.time_steps.size() > 1 && (reproduction.takes & kOneTimeStep) != 0) {
    throw ConfigError("--time-steps", fmt::format("has {} values, '{}' takes one",
                                                  options.time_steps.size(), options.name));
  }
}

/// As a shell reads it as one word.
std::string quoted(const std::string& word) {
  const bool plain =
      !word.empty() &&
      word.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=.,:/+%@") ==
          std::string::npos;
  if (plain) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

std::string name_list() {
  std::string text;
  for (const Reproduction& reproduction : kReproductions) {
    text += fmt::format("  {:<14} {}\n", reproduction.name, reproduction.summary);
  }
  return text;
}

}  // namespace

std::string report_folder(const ReproduceOptions& options) {
  return (std::filesystem::path(options.out) /
          (options.name + "-" + options.dataset + "-" + options.scale))
      .string();
}

void require_data(const ReproduceOptions& options, const std::string& why) {
  if (options.data.path.empty()) throw ConfigError("--data", "missing: " + why);
}

bool train_cells(const CellStore& store, const std::vector<Cell>& cells,
                 const ReproduceOptions& options) {
  if (!options.train) return true;
  const train::Device device = train::device_from_string(options.device);
  std::size_t done = 0;
  for (const Cell& cell : cells) {
    ++done;
    if (store.result(cell)) continue;
    require_data(options, "cell " + cell_name(cell) + " has to be trained (" + options.dataset +
                              "); with --no-training the report is made from the cells that exist");
    if (!options.data.quiet) {
      print_note(fmt::format("cell {}/{}: {}{}", done, cells.size(), cell_name(cell),
                             store.begun(cell) ? ", going on" : ""));
    }
    if (interrupted() || !store.train(cell, options.data, device)) {
      print_note("stopped; the same command goes on from " + store.folder(cell));
      return false;
    }
  }
  return true;
}

std::string identity(const std::string& checkpoint) {
  std::ifstream file(checkpoint, std::ios::binary);
  model::Sha256 digest;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    digest.update(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.eof()) throw IoError(checkpoint + ": cannot be read");
  return fmt::format("trispike {}, checkpoint {}", TRISPIKE_VERSION, digest.finish());
}

std::string identity(const std::string& checkpoint, const data::Dataset& dataset) {
  // A digest, because names of classes can be any bytes and JSON cannot hold those.
  const std::string text = dataset.describe();
  model::Sha256 digest;
  digest.update(text.data(), text.size());
  return fmt::format("{}, data {}", identity(checkpoint), digest.finish());
}

std::string_view kind_label(model::NeuronKind kind) {
  switch (kind) {
    case model::NeuronKind::kBinary:
      return "binary";
    case model::NeuronKind::kTernary:
      return "ternary";
    case model::NeuronKind::kTrainableTernary:
      return "trainable ternary";
    case model::NeuronKind::kRelu:
      break;
  }
  return "ANN twin (ReLU)";
}

std::string_view paper_method(model::NeuronKind kind) {
  switch (kind) {
    case model::NeuronKind::kBinary:
      return "Binary Spike";
    case model::NeuronKind::kTernary:
      return "Ternary Spike";
    case model::NeuronKind::kTrainableTernary:
      return "Trainable Ternary Spike";
    case model::NeuronKind::kRelu:
      break;
  }
  return {};
}

std::vector<CellAnalysis> analyse_cells(const CellStore& store, const std::vector<Cell>& cells,
                                        const ReproduceOptions& options) {
  std::vector<CellAnalysis> analyses;
  for (const Cell& cell : cells) {
    if (!store.result(cell)) continue;
    if (interrupted()) break;
    require_data(options, "the networks have to be shown pictures");
    DatasetOptions data = options.data;
    data.split = "test";
    data.limit = store.workload().counted_pictures;
    const std::string path = store.checkpoint(cell);
    model::ModelData file = model::read_model(path);
    AnalysisRun run = analyse(file, path, data, {}, cell_name(cell));
    analyses.push_back({cell, std::move(file), std::move(run)});
  }
  return analyses;
}

void add_setting(report::Page& page, const ReproduceOptions& options,
                 const std::vector<std::string>& deviations) {
  page.section("What differs from the paper");
  page.list(deviations);
  std::string command =
      fmt::format("trispike reproduce {} --dataset {} --scale {} --out {}", options.name,
                  options.dataset, options.scale, quoted(options.out));
  const auto add = [&](const char* option, const auto& words) {
    if (words.empty()) return;
    command += std::string(" ") + option;
    for (const std::string& word : words) command += " " + quoted(word);
  };
  if (!options.data.path.empty()) command += " --data " + quoted(options.data.path);
  std::vector<std::string> time_steps;
  for (const int t : options.time_steps) time_steps.push_back(std::to_string(t));
  add("--time-steps", time_steps);
  if (options.seeds > 0) command += fmt::format(" --seeds {}", options.seeds);
  if (options.folds > 0) command += fmt::format(" --folds {}", options.folds);
  add("--cell", options.cells);
  add("--set", options.settings);
  if (options.device != "cpu") command += " --device " + options.device;
  if (!options.train) command += " --no-training";
  page.section("Command");
  page.code(command);
}

void publish(const ReproduceOptions& options, const report::Page& page, const Json& report,
             const std::string& csv, const std::string& text) {
  const std::string folder = report_folder(options);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(folder + ": cannot be created: " + error.message());
  const auto write = [&](const char* name, const std::string& content) {
    model::write_text_atomically(folder + "/" + name, content);
  };
  write("report.json", report.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  write("report.csv", csv);
  write("report.html", page.html());
  if (options.png) write_pngs(page, folder);
  if (options.json) {
    print_json(report);
  } else {
    print(text + (text.empty() ? "" : "\n"));
    print(fmt::format("report  {}\n", printable(folder + "/report.html")));
  }
}

Command add_reproduce(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "reproduce", "Reproduce a table or figure of the paper from training runs on real data");
  const auto options = std::make_shared<ReproduceOptions>();
  app->add_option("NAME", options->name, "What to reproduce, see below")->required();
  app->add_option("--data", options->data.path,
                  "The data set (needed where something has to be trained or shown)");
  app->add_option("--dataset", options->dataset,
                  "Which data set that is: " + dataset_names() + " (default: cifar10)");
  app->add_option("--scale", options->scale,
                  "tiny: minutes; small: hours on two cores (default); full: the paper's size");
  app->add_option("--out", options->out, "Folder for cells and reports (default: reproduction)")
      ->type_name("DIR");
  app->add_option("--set", options->settings, "Override a key of every run's recipe")
      ->type_name("KEY=VALUE")
      ->expected(1, -1);
  app->add_option("--cell", options->cells, "Train these cells only: ternary,T=2,seed=0")
      ->expected(1, -1);
  app->add_option("--time-steps", options->time_steps, "Time steps of the grid: 2 1")
      ->check(CLI::Range(1, 1000))
      ->expected(1, -1);
  app->add_option("--seeds", options->seeds,
                  "Seeds of the grid: 0 to N - 1 (default: 3, with --folds 1)")
      ->check(CLI::Range(1, 1000));
  app->add_option("--folds", options->folds,
                  "Cross-validation: each cell once for each of N parts of the data set, training "
                  "and test samples together")
      ->check(CLI::Range(2, 1000));
  app->add_option("--device", options->device,
                  "Where cells are trained: cpu (default), or cuda, an NVIDIA GPU")
      ->type_name("cpu|cuda");
  app->add_option("--threads", options->data.threads,
                  "Threads where a network is shown pictures (default: one per hardware thread)")
      ->check(CLI::Range(1, 1024));
  app->add_flag("--list", options->list, "List the cells and whether they are finished");
  app->add_flag("!--no-training", options->train, "Report on the cells that exist");
  app->add_flag("--png", options->png, "Also write each plot as a PNG");
  app->add_flag("-q,--quiet", options->data.quiet, "No progress");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "NAME is one of\n" + name_list() +
      "\nA grid is a set of cells; each is one training run whose result stays in DIR/cells. "
      "Ctrl-C saves and\nstops, the same command goes on. Reports are made from the cells that "
      "exist: report.html, report.json\nand report.csv in DIR/NAME-DATASET-SCALE.\n"
      "Examples:\n"
      "  trispike reproduce ablation --data cifar-10-images.tar --scale tiny\n"
      "  trispike reproduce ablation --data cifar-10-images.tar --cell binary,T=2,seed=1");
  return {app, [options] {
            const Reproduction& reproduction = find_reproduction(options->name);
            find_workload(options->dataset, options->scale);  // wrong names end here
            refuse_unused(reproduction, *options);
            train::configure_process();
            catch_interrupts();
            return reproduction.run(*options);
          }};
}

}  // namespace trispike::cli
