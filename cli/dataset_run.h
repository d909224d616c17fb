// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model shown the pictures of a data set: what `eval` and `count` have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "trispike/data/dataset.h"
#include "trispike/model/activity.h"
#include "trispike/runtime/runtime.h"

namespace trispike::cli {

struct DatasetOptions {
  std::string path;
  std::string split = "test";
  std::int64_t limit = 0;  ///< 0: all; else so many pictures, spread evenly over the split
  int threads = 0;         ///< 0: one per hardware thread
  bool quiet = false;
};

/// --data (or another name of the path's option), --split, --limit, --threads, --quiet.
void add_dataset_options(CLI::App& app, DatasetOptions& options,
                         const std::string& path_option = "--data", bool required = true);

/// The threads to use: those asked for, else one per hardware thread.
int thread_count(const DatasetOptions& options);

/// The split, reduced to --limit pictures. Throws Error if it is empty or has another number of
/// classes than `network`; warns if they are called otherwise than the model's `class_names`.
/// `model_name` is for the messages.
std::shared_ptr<const data::Dataset> open_for(const model::NetworkSpec& network,
                                              const std::vector<std::string>& class_names,
                                              const std::string& model_name,
                                              const DatasetOptions& options);

struct DatasetRun {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  double seconds = 0;                 ///< wall time, decoding included
  double median_latency_seconds = 0;  ///< of one picture through the network on one thread
  model::Activity activity;
};

/// Classifies the pictures of open_for() with the runtime. `title` names the progress bar.
DatasetRun run_on_dataset(const runtime::Model& model, const std::string& model_name,
                          const DatasetOptions& options, const std::string& title);

}  // namespace trispike::cli
