// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike bench: how fast the runtime answers.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "arithmetic.h"
#include "commands.h"
#include "dataset_run.h"
#include "json.h"
#include "trispike/analysis/summary.h"
#include "trispike/model/error.h"
#include "trispike/runtime/parallel.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPictures = 64;  // shown in turn
constexpr std::size_t kLeastRuns = 7;

DatasetOptions one_thread() {
  DatasetOptions options;
  options.limit = kPictures;
  options.fold = "none";  // any pictures do for timing
  options.threads = 1;
  options.quiet = true;
  return options;
}

struct Options {
  std::string model;
  std::string arithmetic;
  runtime::ModelOptions model_options;
  DatasetOptions data = one_thread();
  int batch = 1;
  double seconds = 2;
  bool json = false;
};

struct Report {
  std::vector<double> milliseconds;  ///< of each batch, ascending
  double load_milliseconds = 0;
  double peak_mebibytes = 0;  ///< of this process, the pictures included
  analysis::Summary summary;
  std::vector<std::string> multiplied;  ///< layers that multiplied spikes

  double quantile(double q) const {
    return milliseconds[static_cast<std::size_t>(q * double(milliseconds.size() - 1))];
  }
};

/// Of this program's memory. getrusage() would tell of what the process was before exec, too.
double peak_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    constexpr std::string_view kPeak = "VmHWM:";
    if (line.starts_with(kPeak)) return std::stod(line.substr(kPeak.size())) / 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) / 1024;
}

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::vector<std::vector<float>> pictures(const runtime::Model& model, const Options& options) {
  std::vector<std::vector<float>> inputs;
  const model::InputLayer& input = model.network().input();
  if (!options.data.path.empty()) {
    const data::SamplePreparer samples(train::sample_form(model.network(), model.preprocessing()));
    const Samples opened = open_for(model::read_model(options.model), options.model, options.data);
    for (std::int64_t i = 0; i < opened.dataset->size(); ++i) {
      inputs.push_back(samples.prepare(*opened.dataset, i));
    }
    return inputs;
  }
  if (input.kind == model::InputKind::kEvents) {
    throw ConfigError("--data", "is needed for a model of event input: noise has no events");
  }
  const std::int64_t maps =
      input.kind == model::InputKind::kStatic ? 1 : model.network().time_steps;
  std::mt19937 generator(1);
  std::normal_distribution<float> normal;
  inputs.resize(8);
  for (std::vector<float>& picture : inputs) {
    picture.resize(static_cast<std::size_t>(maps * input.shape.elements()));
    for (float& number : picture) number = normal(generator);
  }
  return inputs;
}

/// What the network does on `inputs`.
void count(const runtime::Model& model, const std::vector<std::vector<float>>& inputs,
           Report& report) {
  runtime::Session counter(model, {.record_activity = true});
  for (const std::vector<float>& picture : inputs) counter.run(picture);
  report.summary = analysis::summarize(model.network(), counter.activity());
  for (const model::SynapseActivity& synapse : counter.activity().synapses) {
    if (synapse.multiplied_steps > 0) report.multiplied.push_back(synapse.layer);
  }
}

Report measure(const Options& options, std::unique_ptr<runtime::Model>& model) {
  Report report;
  const Clock::time_point before = Clock::now();
  model = std::make_unique<runtime::Model>(runtime::Model::load(
      options.model, model_options(options.arithmetic, options.model_options)));
  report.load_milliseconds = milliseconds_since(before);
  const std::vector<std::vector<float>> inputs = pictures(*model, options);
  const auto input = [&](std::size_t i) -> const std::vector<float>& {
    return inputs[i % inputs.size()];
  };

  count(*model, inputs, report);

  // One picture is shared by all threads, of several each thread takes some.
  const bool share = options.batch == 1;
  runtime::Session session(*model, {.threads = share ? options.data.threads : 1});
  std::size_t next = 0;
  const auto run_batch = [&] {
    if (share || options.data.threads == 1) {
      for (int i = 0; i < options.batch; ++i) session.run(input(next++));
      return;
    }
    runtime::for_each_sample(*model, {}, options.batch, options.data.threads,
                             [&](runtime::Session& own, std::int64_t i) {
                               own.run(input(next + static_cast<std::size_t>(i)));
                             });
    next += static_cast<std::size_t>(options.batch);
  };
  run_batch();
  const Clock::time_point start = Clock::now();
  while (report.milliseconds.size() < kLeastRuns ||
         milliseconds_since(start) < 1e3 * options.seconds) {
    const Clock::time_point begin = Clock::now();
    run_batch();
    report.milliseconds.push_back(milliseconds_since(begin));
  }
  std::sort(report.milliseconds.begin(), report.milliseconds.end());
  report.peak_mebibytes = peak_mebibytes();
  return report;
}

int run_bench(const Options& options) {
  std::unique_ptr<runtime::Model> model;
  const Report report = measure(options, model);
  const double median = report.quantile(0.5);
  const double per_image = median / options.batch;
  std::vector<std::string> multiply = model->multiplying_layers();
  multiply.insert(multiply.end(), report.multiplied.begin(), report.multiplied.end());
  if (options.json) {
    print_json({{"model", options.model},
                {"network", model->network().name},
                {"arithmetic", to_string(model->arithmetic())},
                {"target", model->target()},
                {"input", options.data.path.empty() ? "noise" : "pictures"},
                {"time_steps", model->network().time_steps},
                {"batch", options.batch},
                {"threads", options.data.threads},
                {"runs", report.milliseconds.size()},
                {"milliseconds",
                 {{"median", median},
                  {"p10", report.quantile(0.1)},
                  {"p90", report.quantile(0.9)},
                  {"least", report.milliseconds.front()}}},
                {"milliseconds_per_image", per_image},
                {"images_per_second", 1e3 / per_image},
                {"firing_rate", report.summary.firing_rate},
                {"synaptic_operations", report.summary.total.synaptic_operations},
                {"macs", report.summary.total.macs},
                {"multiplying_layers", multiply},
                {"packed_bytes", model->packed_bytes()},
                {"load_milliseconds", report.load_milliseconds},
                {"peak_mebibytes", report.peak_mebibytes}});
    return kSuccess;
  }
  std::string names;
  for (const std::string& layer : multiply) names += (names.empty() ? "" : ", ") + layer;
  print(fmt::format(
      "{}, T = {}, {}, {}, batch {}, {} thread(s), {}\n"
      "milliseconds per batch: median {:.3f}, 10 % {:.3f}, 90 % {:.3f} ({} runs)\n"
      "per image {:.3f} ms, {:.1f} images/s\n"
      "firing rate {:.2f} %, {:.2f} M synaptic operations and {:.2f} M multiply-accumulates per "
      "image\n"
      "layers that multiply: {}\n"
      "weights {:.2f} MiB, loaded in {:.1f} ms; peak memory {:.1f} MiB\n",
      model->network().name, model->network().time_steps, to_string(model->arithmetic()),
      model->target(), options.batch, options.data.threads,
      options.data.path.empty() ? "noise as input: rates are not those of pictures"
                                : "pictures of " + options.data.path,
      median, report.quantile(0.1), report.quantile(0.9), report.milliseconds.size(), per_image,
      1e3 / per_image, 100 * report.summary.firing_rate,
      report.summary.total.synaptic_operations / 1e6, report.summary.total.macs / 1e6,
      names.empty() ? "none" : names, double(model->packed_bytes()) / (1 << 20),
      report.load_milliseconds, report.peak_mebibytes));
  return kSuccess;
}

}  // namespace

Command add_bench(CLI::App& program) {
  CLI::App* app = program.add_subcommand("bench", "Measure how fast the runtime answers");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "A model file or checkpoint")->required();
  app->add_option("--data", options->data.path,
                  "Data set whose pictures are shown, 64 of its test split (default: noise)");
  add_arithmetic_option(*app, options->arithmetic);
  add_multiplication_options(*app, options->model_options);
  app->add_option("--batch", options->batch, "Pictures per run (default: 1)")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
  app->add_option("--threads", options->data.threads,
                  "Threads that share a batch's pictures, or the work of one (default: 1)")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  app->add_option("--seconds", options->seconds, "How long to measure (default: 2)")
      ->check(CLI::Range(0.0, 3600.0))
      ->type_name("S");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "Time is of the network alone, pictures are decoded before. docs/performance.md compares\n"
      "with other engines.\n"
      "Example:\n"
      "  trispike bench model.safetensors --data cifar-10-images.tar --batch 16");
  return {app, [options] { return run_bench(*options); }};
}

}  // namespace trispike::cli
