// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike's side of scripts/bench training: one measurement per process, so that its peak memory
// means something. Prints one line of JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/train/measure.h"
#include "trispike/train/trainer.h"

namespace {

namespace train = trispike::train;

/// Peak resident memory of this program (Linux).
double peak_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kPeak = "VmHWM:";
    if (line.starts_with(kPeak)) return std::stod(line.substr(kPeak.size())) / 1024;
  }
  return 0.0;
}

void print(const train::StepTimes& times, std::int64_t batch) {
  std::vector<double> sorted = times.seconds;
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted[sorted.size() / 2];
  std::printf("{\"milliseconds\": [");
  for (std::size_t i = 0; i < times.seconds.size(); ++i) {
    std::printf("%s%.3f", i == 0 ? "" : ", ", 1e3 * times.seconds[i]);
  }
  std::printf(
      "], \"median_milliseconds\": %.3f, \"images_per_second\": %.3f, \"peak_mebibytes\": %.1f, "
      "\"precision\": \"%s\", \"threads\": %d, \"firing_rate\": %.4f, \"loss\": %.5f}\n",
      1e3 * median, static_cast<double>(batch) / median, peak_mebibytes(), times.precision.c_str(),
      times.threads, times.firing_rate, times.loss);
}

int run(int argc, char** argv) {
  CLI::App app("Times trispike's training on made-up pictures");
  app.require_subcommand(1);
  train::MeasureOptions options;
  std::string path;
  std::vector<std::string> settings;
  int threads = 1;
  CLI::App* step = app.add_subcommand("step", "Iterations of a recipe");
  step->add_option("RECIPE", path, "As for trispike train")->required();
  step->add_option("--set", settings, "Override keys of the recipe")->expected(1, -1);
  CLI::App* layer = app.add_subcommand(
      "layer", "One layer of ternary neurons, [4, 32, 64, 32, 32], forward and backward");
  layer->add_option("--threads", threads, "Default: 1");
  for (CLI::App* command : {step, layer}) {
    command->add_option("--seconds", options.seconds, "How long to measure at least, default: 2");
    command->add_option("--least", options.least, "Iterations at least, default: 5");
  }
  CLI11_PARSE(app, argc, argv);
  train::configure_process();
  options.processes =
      train::processes_of_environment([](const char* name) { return std::getenv(name); });
  if (step->parsed()) {
    const train::Recipe recipe = train::load_recipe(path, settings);
    print(train::measure_training(recipe, options), recipe.train.batch_size);
  } else {
    trispike::model::NeuronSpec neuron =
        trispike::model::neuron_preset("official_code", trispike::model::NeuronKind::kTernary);
    const train::LayerShape shape;
    print(train::measure_neuron_layer(neuron, shape, threads, options), shape.batch);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "training_bench: %s\n", error.what());
    return 1;
  }
}
