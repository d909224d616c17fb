// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The paper's evidence by command: one file per reproduction, one line each here and in the list in
// reproduce.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dataset_run.h"
#include "json.h"
#include "reproduce/cells.h"

namespace trispike::cli {

struct ReproduceOptions {
  std::string name;
  DatasetOptions data;  ///< path: --data; may be empty if nothing has to be trained or shown
  std::string dataset = "cifar10";
  std::string scale = "small";
  std::string out = "reproduction";
  std::vector<std::string> settings;  ///< --set, of every training run
  std::vector<std::string> cells;     ///< --cell: train these only
  std::vector<int> time_steps;        ///< of the grid; empty: the workload's
  int seeds = 0;                      ///< of the grid; 0: the workload's
  bool train = true;                  ///< false: --no-training
  bool list = false;
  bool png = false;
  bool json = false;
};

/// Where a reproduction writes, and what it has to say at the end.
class Output {
 public:
  /// `<out>/<name>-<dataset>-<scale>/`, created.
  explicit Output(const ReproduceOptions& options);

  const std::string& folder() const { return folder_; }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  /// report.json, report.csv, report.html; complete or not at all.
  void write(const std::string& name, const std::string& text) const;
  void write_json(const Json& json) const;

 private:
  std::string folder_;
};

/// Throws ConfigError if there is no --data.
void require_data(const ReproduceOptions& options, const std::string& why);

/// Trains those of `cells` that are not finished, in order. False if interrupted: then it has been
/// said how to go on. With --no-training nothing is trained.
bool train_cells(const CellStore& store, const std::vector<Cell>& cells,
                 const ReproduceOptions& options);

/// The answer on standard output: the files that were written, or with --json the report itself.
void print_outcome(const ReproduceOptions& options, const Output& output, const Json& report);

struct Reproduction {
  std::string_view name;
  std::string_view summary;
  int (*run)(const ReproduceOptions& options);  ///< returns an ExitCode
};

int reproduce_ablation(const ReproduceOptions& options);

}  // namespace trispike::cli
