// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike train: a recipe and a data set to a checkpoint.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "commands.h"
#include "console.h"
#include "format.h"
#include "json.h"
#include "processes.h"
#include "train_display.h"
#include "trispike/model/error.h"
#include "trispike/model/neuron.h"
#include "trispike/train/recipe.h"
#include "trispike/train/trainer.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string recipe;
  std::string data;
  std::vector<std::string> settings;
  std::string out;
  bool resume = false;
  bool skip_bad = false;
  bool quiet = false;
  bool json = false;
  bool keys = false;
  std::string device = "cpu";
  int processes = 0;  ///< to start; 0: this one is all, or one of torchrun's
};

/// "runs/cifar10-resnet20-w16-ternary".
std::string default_folder(const Options& options, const train::Recipe& recipe) {
  return fmt::format("runs/{}-{}", std::filesystem::path(options.recipe).stem().string(),
                     model::to_string(recipe.network.options.neuron.kind));
}

int print_keys() {
  for (const train::RecipeKey& key : train::recipe_keys()) {
    print(fmt::format("{:<34} {:<22} {}\n", key.key, key.default_value, key.meaning));
  }
  return kSuccess;
}

Json result_json(const Options& options, const train::TrainResult& result) {
  return {{"out", options.out},
          {"finished", result.finished},
          {"best", result.best_path},
          {"best_epoch", result.best_epoch},
          {"test_samples", result.test_samples},
          {"test_accuracy", result.test_accuracy},
          {"test_firing_rate", result.test_firing_rate},
          {"seconds", result.seconds},
          {"images_per_second", result.images_per_second}};
}

void print_result(const train::TrainResult& result) {
  print(fmt::format("test accuracy  {} on {} images (checkpoint of epoch {})\n",
                    percent(result.test_accuracy), grouped(result.test_samples),
                    result.best_epoch));
  print(fmt::format("firing rate    {}\n", percent(result.test_firing_rate)));
  print(fmt::format("training       {} at {} images/s\n", duration(result.seconds),
                    scaled(result.images_per_second)));
  print(fmt::format("checkpoint     {}\n", printable(result.best_path)));
}

int run_train(Options options) {
  if (options.keys) return print_keys();
  if (options.recipe.empty()) throw ConfigError("RECIPE", "missing; see trispike train --help");
  if (options.data.empty()) throw ConfigError("--data", "missing: the data set to train on");
  train::TrainRequest request;
  if (options.skip_bad) options.settings.push_back("data.skip_bad=true");
  request.recipe = train::load_recipe(options.recipe, options.settings);
  if (options.out.empty()) options.out = default_folder(options, request.recipe);
  request.data_path = options.data;
  request.out_dir = options.out;
  request.resume = options.resume;
  request.device = train::device_from_string(options.device);

  request.processes =
      train::processes_of_environment([](const char* name) { return std::getenv(name); });
  if (options.processes > 0) {
    if (request.processes.count > 1) {
      throw ConfigError("--processes",
                        "starts processes, but RANK and WORLD_SIZE say that this is "
                        "one of " +
                            std::to_string(request.processes.count) +
                            " already; give one or the other");
    }
    if (options.processes > request.recipe.train.batch_size) {
      throw ConfigError("train.batch_size",
                        fmt::format("{} samples cannot be shared by {} processes",
                                    request.recipe.train.batch_size, options.processes));
    }
    if (options.processes > 1) return run_processes(options.processes);
  }

  train::configure_process();
  catch_interrupts();
  if (request.processes.rank > 0) {  // rank 0 speaks for all
    train::TrainCallbacks callbacks;
    callbacks.interrupted = interrupted;
    return train::train(request, callbacks).finished ? kSuccess : kInterrupted;
  }
  TrainDisplay display(options.quiet);
  const train::TrainResult result = train::train(request, display.callbacks());
  display.close();
  if (options.json) {
    print_json(result_json(options, result));
  } else if (result.finished) {
    print_result(result);
  }
  if (!result.finished) {
    print_note(fmt::format(
        "stopped; {}/last.safetensors holds the run. To go on, give the same command with "
        "--resume --out {}",
        options.out, options.out));
    return kInterrupted;
  }
  return kSuccess;
}

}  // namespace

Command add_train(CLI::App& program) {
  CLI::App* app = program.add_subcommand("train", "Train a network by a recipe");
  const auto options = std::make_shared<Options>();
  app->add_option("RECIPE", options->recipe, "A recipe, as in recipes/*.toml");
  app->add_option(
      "--data", options->data,
      "Data set: a folder or tar of JPEG or PNG pictures or of event recordings by class, a folder "
      "of IDX or CIFAR binary files, or a list of event recordings");
  app->add_option("--set", options->settings, "Override a key of the recipe: train.epochs=30")
      ->type_name("KEY=VALUE")
      ->expected(1, -1);
  app->add_option("--out", options->out,
                  "Folder for checkpoints and logs (default: runs/RECIPE-NEURON)")
      ->type_name("DIR");
  app->add_option("--device", options->device,
                  "cpu (default), or cuda: an NVIDIA GPU for each process. The checkpoints are the "
                  "same; a run may go on on the other")
      ->type_name("cpu|cuda");
  app->add_option("--processes", options->processes,
                  "Train in N processes on this machine that share each batch (default: 1); cores "
                  "are shared, too, if train.threads is 0")
      ->check(CLI::Range(1, 1024))
      ->type_name("N");
  app->add_flag("--resume", options->resume, "Go on from the folder's last checkpoint");
  app->add_flag("--skip-bad", options->skip_bad,
                "Read every sample first; leave out those that cannot be read, with a warning (the "
                "same as --set data.skip_bad=true)");
  app->add_flag("-q,--quiet", options->quiet, "No progress");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->add_flag("--keys", options->keys, "List every key of a recipe with its default and meaning");
  app->footer(
      "Leaves in the folder: best.safetensors and last.safetensors (checkpoints), recipe.toml, "
      "log.jsonl,\n"
      "tensorboard/, result.json. Ctrl-C saves and stops; --resume goes on, with the same result "
      "as an\n"
      "uninterrupted run.\n"
      "On several machines: torchrun --no-python ... trispike train ..., or RANK, WORLD_SIZE, "
      "MASTER_ADDR\n"
      "and MASTER_PORT in the environment of each process.\n"
      "Examples:\n"
      "  trispike train recipes/fashion-mnist-resnet8.toml --data "
      "/usr/share/datasets/fashion-mnist\n"
      "  trispike train recipes/cifar10-resnet20-w16.toml --data cifar-10-images.tar \\\n"
      "      --set network.neuron=trainable_ternary train.epochs=10 --out runs/mine");
  return {app, [options] { return run_train(*options); }};
}

}  // namespace trispike::cli
