// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike eval: accuracy, speed and firing rate of a model on a data set.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "arithmetic.h"
#include "commands.h"
#include "dataset_run.h"
#include "format.h"
#include "json.h"
#include "table.h"
#include "trispike/analysis/summary.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/train/evaluate.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string model;
  DatasetOptions data;
  std::string engine = "runtime";
  std::string device = "cpu";  ///< of the libtorch engine
  std::string arithmetic;
  runtime::ModelOptions model_options;
  EarlyExit early_exit;
  bool json = false;
};

/// What either engine finds out.
struct Evaluation {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  std::int64_t skipped = 0;
  std::string fold = {};  ///< of Samples
  double seconds = 0;     ///< wall time, decoding included
  double firing_rate = 0;
  std::optional<double> median_latency_seconds;  ///< none: images were computed in batches
  std::string arithmetic;
  std::string target;                          ///< kernels or device
  std::optional<double> mean_time_steps = {};  ///< of the runtime
  std::vector<EarlyExitPoint> early_exit_curve = {};
};

Evaluation evaluate_with_runtime(const Options& options) {
  if (train::device_from_string(options.device) != train::Device::kCpu) {
    throw ConfigError("--device", "'" + options.device +
                                      "' is for --engine libtorch; the runtime is for processors");
  }
  const model::ModelData file = model::read_model(options.model);
  const runtime::Model model =
      runtime::Model::from(file, model_options(options.arithmetic, options.model_options));
  const DatasetRun run =
      run_on_dataset(model, file, options.model, options.data, "eval", options.early_exit);
  return {run.samples,
          run.correct,
          run.skipped,
          run.fold,
          run.seconds,
          analysis::summarize(model.network(), run.activity).firing_rate,
          run.median_latency_seconds,
          std::string(runtime::to_string(model.arithmetic())),
          std::string(model.target()),
          run.mean_time_steps,
          run.early_exit_curve};
}

Evaluation evaluate_with_libtorch(const Options& options) {
  if (!options.arithmetic.empty() && options.arithmetic != "float32") {
    throw ConfigError(
        "--arithmetic",
        "'" + options.arithmetic + "' is for the runtime, the libtorch engine computes in float32");
  }
  if (options.early_exit.margin || options.early_exit.curve || options.model_options.event_driven ||
      options.model_options.multiplication_free) {
    throw ConfigError(
        "--engine",
        "libtorch takes all time steps and multiplies; --early-exit, "
        "--early-exit-curve, --event-driven and --multiplication-free are for the runtime");
  }
  const train::Device device = train::device_from_string(options.device);
  const model::ModelData model = model::read_model(options.model);
  const Samples opened = open_for(model, options.model, options.data);
  Progress progress("eval", opened.dataset->size(), "images", options.data.quiet);
  train::EvaluationOptions evaluation;
  evaluation.threads = thread_count(options.data);
  evaluation.device = device;
  evaluation.progress = [&](std::int64_t done, std::int64_t) { progress.update(done); };
  const train::EvaluationResult result = train::evaluate(model, opened.dataset, evaluation);
  progress.finish();
  return {result.samples, result.correct, opened.skipped,
          opened.fold,    result.seconds, result.firing_rate,
          std::nullopt,   "float32",      std::string(to_string(device))};
}

struct Engine {
  std::string_view name;
  Evaluation (*evaluate)(const Options& options);
};

constexpr std::array kEngines = {Engine{"runtime", evaluate_with_runtime},
                                 Engine{"libtorch", evaluate_with_libtorch}};

const Engine& find_engine(const std::string& name) {
  std::string names;
  for (const Engine& engine : kEngines) {
    if (engine.name == name) {
      return engine;
    }
    names.append(names.empty() ? "" : ", ").append(engine.name);
  }
  throw ConfigError("--engine", "'" + name + "' is unknown, expected one of " + names);
}

Json curve_json(const Options& options, const Evaluation& result) {
  if (!options.early_exit.curve) return nullptr;
  Json curve = Json::array();
  for (const EarlyExitPoint& point : result.early_exit_curve) {
    curve.push_back({{"margin", point.margin},
                     {"mean_time_steps", point.mean_time_steps},
                     {"accuracy", point.accuracy}});
  }
  return curve;
}

Json evaluation_json(const Options& options, const Evaluation& result, double accuracy) {
  return {
      {"model", options.model},
      {"data", options.data.path},
      {"split", options.data.split},
      {"fold", result.fold.empty() ? Json(nullptr) : Json(result.fold)},
      {"engine", options.engine},
      {"arithmetic", result.arithmetic},
      {"target", result.target},
      {"threads", thread_count(options.data)},
      {"samples", result.samples},
      {"correct", result.correct},
      {"skipped", result.skipped},
      {"accuracy", accuracy},
      {"firing_rate", result.firing_rate},
      {"images_per_second", static_cast<double>(result.samples) / result.seconds},
      {"median_latency_ms",
       result.median_latency_seconds ? Json(1e3 * *result.median_latency_seconds) : Json(nullptr)},
      {"early_exit_margin",
       options.early_exit.margin ? Json(*options.early_exit.margin) : Json(nullptr)},
      {"mean_time_steps", result.mean_time_steps ? Json(*result.mean_time_steps) : Json(nullptr)},
      {"early_exit_curve", curve_json(options, result)}};
}

void print_evaluation(const Options& options, const Evaluation& result, double accuracy) {
  print(fmt::format("accuracy      {} ({} of {} images)\n", percent(accuracy),
                    grouped(result.correct), grouped(result.samples)));
  print(fmt::format("firing rate   {}\n", percent(result.firing_rate)));
  print(fmt::format("throughput    {} images/s on {} threads, decoding included\n",
                    scaled(static_cast<double>(result.samples) / result.seconds),
                    thread_count(options.data)));
  if (result.median_latency_seconds) {
    print(fmt::format("latency       {} per image on one thread (median)\n",
                      short_time(*result.median_latency_seconds)));
  }
  if (options.early_exit.margin) {
    print(fmt::format("time steps    {:.3f} (mean, early exit at a margin of {:g})\n",
                      *result.mean_time_steps, *options.early_exit.margin));
  }
  print(
      fmt::format("engine        {}, {}, {}\n", options.engine, result.arithmetic, result.target));
  if (!options.early_exit.curve) return;
  Table table({{"margin"}, {"mean time steps"}, {"accuracy"}});
  for (const EarlyExitPoint& point : result.early_exit_curve) {
    table.add_row({fmt::format("{:.4g}", point.margin),
                   fmt::format("{:.3f}", point.mean_time_steps), percent(point.accuracy)});
  }
  print("\n" + table.text());
}

int run_eval(const Options& options) {
  const Evaluation result = find_engine(options.engine).evaluate(options);
  const double accuracy = static_cast<double>(result.correct) / static_cast<double>(result.samples);
  if (options.json) {
    print_json(evaluation_json(options, result, accuracy));
  } else {
    print_evaluation(options, result, accuracy);
  }
  return kSuccess;
}

}  // namespace

Command add_eval(CLI::App& program) {
  CLI::App* app = program.add_subcommand("eval", "Measure accuracy and speed on a data set");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "A model file or checkpoint")->required();
  add_dataset_options(*app, options->data);
  app->add_option("--engine", options->engine,
                  "runtime (default), or libtorch: the unfolded checkpoint as training runs it");
  app->add_option("--device", options->device,
                  "Of the libtorch engine: cpu (default), or cuda: an NVIDIA GPU")
      ->type_name("cpu|cuda");
  add_arithmetic_option(*app, options->arithmetic);
  add_multiplication_options(*app, options->model_options);
  CLI::Option* margin =
      app->add_option("--early-exit", options->early_exit.margin,
                      "End a sample when its best mean logit is so much above the second best")
          ->check(CLI::NonNegativeNumber)
          ->type_name("MARGIN");
  app->add_flag("--early-exit-curve", options->early_exit.curve,
                "Take all time steps; show accuracy against mean time steps for several margins")
      ->excludes(margin);
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "A checkpoint is folded in memory for the runtime.\n"
      "Examples:\n"
      "  trispike eval model.safetensors --data /usr/share/datasets/fashion-mnist\n"
      "  trispike eval checkpoint.safetensors --data cifar-10-images.tar --engine libtorch --json");
  return {app, [options] { return run_eval(*options); }};
}

}  // namespace trispike::cli
