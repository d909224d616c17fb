// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A cell of a grid: one training run, resumable, whose result stays as cell.json. Every
// reproduction takes its trained networks from here, so no network is trained twice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataset_run.h"
#include "json.h"
#include "reproduce/workload.h"
#include "trispike/data/folds.h"
#include "trispike/model/neuron.h"
#include "trispike/train/device.h"

namespace trispike::cli {

/// Which network is trained. Everything else follows from the workload.
struct Cell {
  model::NeuronKind neuron = model::NeuronKind::kTernary;
  int time_steps = 2;
  std::uint64_t seed = 0;
  std::string network = {};  ///< empty: that of the workload's recipe
  data::Fold fold = {};      ///< of a cross-validation
  bool operator==(const Cell&) const = default;
};

/// "ternary,T=2,seed=0"; with another network than the recipe's "resnet19,ternary,T=2,seed=0"; of a
/// cross-validation "ternary,T=2,seed=0,folds=5,fold=0".
std::string cell_name(const Cell& cell);
/// The reverse; throws ConfigError naming --cell.
Cell parse_cell(const std::string& text);

/// Neuron kinds x time steps x seeds of a workload in the order in which they are trained: the
/// paper's number of time steps first, of it all kinds of seed 0, then those of seed 1, ..., and
/// the ANN twin (neuron kind relu, T = 1) after the first number of time steps. Of a
/// cross-validation (`folds` > 0) each seed has all of its folds.
std::vector<Cell> cell_grid(const Workload& workload, const std::vector<int>& time_steps, int seeds,
                            int folds = 0);

/// Where the cells of a workload are kept, and how they are trained.
/// The result of a finished cell, its keys and their types checked. Throws FormatError naming file
/// and key.
Json read_cell(const std::string& path);

class CellStore {
 public:
  /// `root`: the folder given with --out. `settings`: overrides after the workload's own; throws
  /// ConfigError if they are wrong.
  CellStore(std::string root, Workload workload, std::vector<std::string> settings);

  const Workload& workload() const { return workload_; }
  std::string folder(const Cell& cell) const;
  /// The trained checkpoint of a finished cell.
  std::string checkpoint(const Cell& cell) const;

  /// The result of a finished cell; nothing if it is not finished. Throws ConfigError if it was
  /// trained with other settings than these, FormatError if the file is damaged.
  std::optional<Json> result(const Cell& cell) const;
  /// Whether a run was begun and can go on.
  bool begun(const Cell& cell) const;

  /// Trains the cell, going on where it was interrupted, then counts its operations; does nothing
  /// if it is finished. False if it was interrupted. `data.path` must be given.
  bool train(const Cell& cell, const DatasetOptions& data, train::Device device) const;

 private:
  std::string resolved_recipe(const Cell& cell) const;

  std::string root_;
  Workload workload_;
  std::vector<std::string> settings_;
};

}  // namespace trispike::cli
