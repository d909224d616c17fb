// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The paper's evidence by command: one file per reproduction, one line each here and in the list in
// reproduce.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis_run.h"
#include "dataset_run.h"
#include "json.h"
#include "reproduce/cells.h"
#include "trispike/report/page.h"

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
  int seeds = 0;                      ///< of the grid; 0: the workload's, or one with folds
  int folds = 0;                      ///< of a cross-validation; 0: none
  std::string device = "cpu";         ///< where cells are trained, as trispike train names it
  bool train = true;                  ///< false: --no-training
  bool list = false;
  bool png = false;
  bool json = false;
};

/// `<out>/<name>-<dataset>-<scale>`: where a reproduction writes.
std::string report_folder(const ReproduceOptions& options);

/// Throws ConfigError if there is no --data.
void require_data(const ReproduceOptions& options, const std::string& why);

/// Trains those of `cells` that are not finished, in order. False if interrupted: then it has been
/// said how to go on. With --no-training nothing is trained.
bool train_cells(const CellStore& store, const std::vector<Cell>& cells,
                 const ReproduceOptions& options);

/// The program, a checkpoint and a data set: what a kept result is of.
std::string identity(const std::string& checkpoint);
std::string identity(const std::string& checkpoint, const data::Dataset& dataset);

/// A finished cell looked at neuron by neuron on the workload's counted pictures.
struct CellAnalysis {
  Cell cell;
  model::ModelData file;
  AnalysisRun run;
};
/// Of those of `cells` that are finished, in order, up to an interruption; `options.data.path` must
/// be given.
std::vector<CellAnalysis> analyse_cells(const CellStore& store, const std::vector<Cell>& cells,
                                        const ReproduceOptions& options);

/// "trainable ternary", "ANN twin (ReLU)".
std::string_view kind_label(model::NeuronKind kind);
/// The paper's name of the method: "Trainable Ternary Spike"; empty for the ANN twin.
std::string_view paper_method(model::NeuronKind kind);

/// Sections that end every report: what differs from the paper's setting, and the command.
void add_setting(report::Page& page, const ReproduceOptions& options,
                 const std::vector<std::string>& deviations);

/// Writes report.json, report.csv, report.html and, with --png, the plots; prints `text` and where
/// they are, or with --json the report itself.
void publish(const ReproduceOptions& options, const report::Page& page, const Json& report,
             const std::string& csv, const std::string& text = {});

/// Which options of a grid a reproduction takes, together.
enum : unsigned {
  kTakesList = 1,
  kTakesCells = 2,
  kTakesSeeds = 4,
  kTakesTimeSteps = 8,
  kOneTimeStep = 16,
  kTrains = 32
};

struct Reproduction {
  std::string_view name;
  std::string_view summary;
  unsigned takes;
  int (*run)(const ReproduceOptions& options);  ///< returns an ExitCode
};

int reproduce_ablation(const ReproduceOptions& options);
int reproduce_distributions(const ReproduceOptions& options);
int reproduce_capacity(const ReproduceOptions& options);
int reproduce_comparison(const ReproduceOptions& options);
int reproduce_energy(const ReproduceOptions& options);
int reproduce_invariance(const ReproduceOptions& options);

}  // namespace trispike::cli
