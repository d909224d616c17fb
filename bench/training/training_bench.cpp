// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike's side of scripts/bench training and gpu: one measurement per process, so that its peak
// memory means something. Prints one line of JSON.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/train/measure.h"
#include "trispike/train/parity.h"
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
      "\"precision\": \"%s\", \"threads\": %d, \"device\": \"%s\", \"peak_device_mebibytes\": "
      "%.1f, "
      "\"firing_rate\": %.4f, \"loss\": %.5f}\n",
      1e3 * median, static_cast<double>(batch) / median, peak_mebibytes(), times.precision.c_str(),
      times.threads, times.device.c_str(), static_cast<double>(times.peak_device_bytes) / (1 << 20),
      times.firing_rate, times.loss);
}

/// Ends with 1 if spikes or gradients are not those of the equations. Gradients in float64 are sums
/// of up to some million products: 1e-9 is far above their rounding and far below any mistake.
int print(const train::Parity& parity, bool exact) {
  std::printf(
      "{\"device\": \"%s\", \"arithmetic\": \"%s\", \"spikes\": %lld, \"differing_spikes\": %lld, "
      "\"largest_logit_difference\": %.3g, \"largest_gradient_difference\": %.3g, "
      "\"worst_parameter\": \"%s\"}\n",
      parity.device.c_str(), exact ? "float64" : "float32", static_cast<long long>(parity.spikes),
      static_cast<long long>(parity.differing_spikes), parity.largest_logit_difference,
      parity.largest_gradient_difference, parity.worst_parameter.c_str());
  constexpr double kMost = 1e-9;
  return exact && (parity.differing_spikes > 0 || !(parity.largest_gradient_difference <= kMost));
}

int run(int argc, char** argv) {
  CLI::App app("Times trispike's training on made-up pictures");
  app.require_subcommand(1);
  train::MeasureOptions options;
  std::string path;
  std::vector<std::string> settings;
  std::string device = "cpu";
  int threads = 1;
  CLI::App* step = app.add_subcommand("step", "Iterations of a recipe");
  step->add_option("RECIPE", path, "As for trispike train")->required();
  step->add_option("--set", settings, "Override keys of the recipe")->expected(1, -1);
  CLI::App* layer = app.add_subcommand(
      "layer", "One layer of ternary neurons, [4, 32, 64, 32, 32], forward and backward");
  layer->add_option("--threads", threads, "Default: 1");
  CLI::App* parity =
      app.add_subcommand("parity",
                         "Spikes and gradients of a recipe's network on a device beside "
                         "those of the equations, op by op on the CPU");
  parity->add_option("RECIPE", path, "As for trispike train")->required();
  parity->add_option("--set", settings, "Override keys of the recipe")->expected(1, -1);
  bool single = false;
  parity->add_flag("--float32", single, "Report what float32 makes of it; never fails");
  for (CLI::App* command : {step, parity}) {
    command->add_option("--device", device, "cpu (default) or cuda");
  }
  for (CLI::App* command : {step, layer}) {
    command->add_option("--seconds", options.seconds, "How long to measure at least, default: 2");
    command->add_option("--least", options.least, "Iterations at least, default: 5");
  }
  CLI11_PARSE(app, argc, argv);
  train::configure_process();
  options.processes =
      train::processes_of_environment([](const char* name) { return std::getenv(name); });
  options.device = train::device_from_string(device);
  if (parity->parsed()) {
    const auto precision =
        single ? train::ParityPrecision::kFloat32 : train::ParityPrecision::kFloat64;
    return print(train::compare_with_reference(train::load_recipe(path, settings), options.device,
                                               precision),
                 !single);
  }
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
