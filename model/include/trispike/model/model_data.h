// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A network with its weights and what one must know to use it: the content of a model file
// (docs/file-format.md). Checkpoints are model files of stage `trained` with extra tensors.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trispike/model/network.h"
#include "trispike/model/tensor.h"

namespace trispike::model {

enum class Stage {
  kTrained,   ///< as trained: batch norms and amplitudes are layers
  kFolded,    ///< amplitude and batch norm are in the weights: inference only adds
  kQuantised  ///< folded, integer weights
};
std::string_view to_string(Stage stage);

/// How a recording of events becomes the maps of the time steps (docs/event-data.md).
struct FrameBinning {
  std::string by = "count";        ///< "count", "time" or "window": how time steps are told apart
  std::int64_t window_us = 0;      ///< of "window", > 0; else 0
  bool from_zero = false;          ///< "window": the first starts at time 0, not at the first event
  bool keep_rest = true;           ///< the last map takes the events that are left over
  std::string resize = "sum";      ///< "sum", "nearest" or "bilinear"
  std::int64_t sensor_height = 0;  ///< of recordings that do not say; 0: not known
  std::int64_t sensor_width = 0;
  bool operator==(const FrameBinning&) const = default;
};

/// How a picture becomes the network's input: brought to the input's height and width, scaled to
/// [0, 1], then (x - mean) / std per channel.
struct Preprocessing {
  std::vector<double> mean;  ///< one per channel; empty: 0
  std::vector<double> std;   ///< one per channel; empty: 1
  /// For networks that are shown events: the maps are made like this and not scaled to [0, 1].
  std::optional<FrameBinning> frames = {};
  /// The shorter side is resized to this many pixels, and the centre of the input's size is cut
  /// out. 0: the largest centred part of the input's aspect ratio is resized to its size. In [0,
  /// kMaxResize].
  std::int64_t resize_shorter = 0;
  static constexpr std::int64_t kMaxResize = 16384;
  bool operator==(const Preprocessing&) const = default;
};

struct ModelData {
  NetworkSpec network;
  Stage stage = Stage::kTrained;
  TensorMap tensors;  ///< exactly the network's tensors, `<layer>.<role>`; F32 or F64 (or I8.. if
                      ///< quantised)
  Preprocessing preprocessing;
  std::vector<std::string> class_names;  ///< empty or one per class
  std::string provenance;                ///< JSON object: recipe, data set, accuracy, versions
  /// What a checkpoint holds besides, kept as it is; every name starts with `checkpoint.`
  std::map<std::string, std::string, std::less<>> extra_metadata;
  TensorMap extra_tensors;
};

/// Throws FormatError/IoError; checks stage, graph, the name, dtype and shape of every tensor, that
/// all numbers are finite, and the SHA-256 of the tensors.
ModelData read_model(const std::string& path);
void write_model(const std::string& path, const ModelData& model);

/// Checks that the tensors are exactly those the network needs. Throws FormatError(file, ...).
void validate(const ModelData& model, const std::string& file = "model");

/// Hex SHA-256 over names, dtypes, shapes and bytes in name order (exactly: docs/file-format.md).
std::string digest(const TensorMap& tensors);

/// Amplitude folded into every consumer (convolution, shortcut, pool, head), batch norm into weight
/// and bias; all arithmetic and the result in float64 (paper Eq. 15-17; design in docs/folding.md).
/// Works for the ANN twin too. Throws Error if `trained.stage` is not kTrained or an option cannot
/// be folded.
ModelData fold(const ModelData& trained);

/// All floating tensors rounded to `dtype` (F32 or F64).
ModelData cast(ModelData model, DType dtype);

}  // namespace trispike::model
