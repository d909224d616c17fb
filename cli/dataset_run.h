// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model shown the pictures of a data set: what `eval` and `count` have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "early_exit.h"
#include "trispike/data/dataset.h"
#include "trispike/model/activity.h"
#include "trispike/model/model_data.h"
#include "trispike/runtime/runtime.h"

namespace trispike::cli {

struct DatasetOptions {
  std::string path;
  std::string format = "auto";
  std::string classes;  ///< a file of data::read_class_list; empty: found by the names
  std::string split = "test";
  std::string fold;        ///< "0/5", "none", or empty: as the model was trained
  std::int64_t limit = 0;  ///< 0: all; else so many pictures, spread evenly over the split
  int threads = 0;         ///< 0: one per hardware thread
  bool skip_bad = false;
  bool quiet = false;
};

/// --data (or another name of the path's option), --format, --classes, --split, --fold, --limit,
/// --skip-bad, --threads, --quiet.
void add_dataset_options(CLI::App& app, DatasetOptions& options,
                         const std::string& path_option = "--data", bool required = true);

/// The threads to use: those asked for, else one per hardware thread.
int thread_count(const DatasetOptions& options);

/// What a model is to be shown.
struct Samples {
  std::shared_ptr<const data::Dataset> dataset;  ///< labels are indices of the model's classes
  std::int64_t skipped = 0;                      ///< samples left out by --skip-bad
  std::string fold = {};                         ///< "0/5"; empty: the data set's own split
};

/// The split, reduced to --limit pictures and, with --skip-bad, to those that can be read; the
/// others are warned of on standard error. Of a model that was trained on a fold of a
/// cross-validation it is that fold's, unless --fold says otherwise. Its classes are matched with
/// the model's by --classes, else by the model's own names, else by their number. Throws Error if
/// it is empty or they do not match; `model_name` is for the message.
Samples open_for(const model::ModelData& model, const std::string& model_name,
                 const DatasetOptions& options);

struct DatasetRun {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  std::int64_t skipped = 0;           ///< left out by --skip-bad
  std::string fold;                   ///< of Samples
  double seconds = 0;                 ///< wall time, decoding included
  double median_latency_seconds = 0;  ///< of one picture through the network on one thread
  double mean_time_steps = 0;
  std::vector<EarlyExitPoint> early_exit_curve;  ///< if asked for
  model::Activity activity;
};

struct EarlyExit {
  std::optional<double> margin;  ///< Session ends early
  bool curve = false;            ///< takes all steps and says what margins would give
};

/// Classifies the pictures of open_for(file, ...) with the runtime; `model` was made from `file`.
/// `title` names the progress bar.
DatasetRun run_on_dataset(const runtime::Model& model, const model::ModelData& file,
                          const std::string& model_name, const DatasetOptions& options,
                          const std::string& title, const EarlyExit& early_exit = {});

}  // namespace trispike::cli
