// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model shown the pictures of a data set with every spike and potential looked at: what `analyze`
// and the reproductions of the paper's figures stand on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataset_run.h"
#include "json.h"
#include "trispike/analysis/distribution.h"
#include "trispike/analysis/energy.h"
#include "trispike/analysis/summary.h"
#include "trispike/model/model_data.h"

namespace trispike::cli {

/// Neurons whose spikes are kept one by one.
struct RasterChoice {
  std::string layer;
  std::vector<std::int64_t> neurons;  ///< indices in [C, H, W]
};

/// Parses "LAYER" (32 neurons spread over it) or "LAYER:0,17,230"; throws ConfigError naming
/// --raster and what there is.
RasterChoice parse_raster(const std::string& text, const model::NetworkSpec& network);
/// The first, the middle and the last spiking layer.
std::vector<RasterChoice> default_rasters(const model::NetworkSpec& network);

struct Raster {
  RasterChoice choice;
  int samples = 0;
  std::vector<std::int8_t> spikes;  ///< [samples, T, neurons]
};

/// One picture and what it made the network do.
struct ShownSample {
  std::vector<float> input;  ///< as the network sees it, normalised
  std::int64_t label = 0;
  std::int64_t answer = 0;
  std::vector<model::SpikeRecord> spikes;
};

/// What one layer with weights does in one time step of one sample.
struct StepWork {
  double macs = 0;  ///< of a static image in the first time step, in which they are executed
  double synaptic_operations = 0;
};
struct LayerWork {
  std::string layer;
  std::vector<StepWork> steps;
};

struct AnalysisOptions {
  std::vector<RasterChoice> rasters;
  int raster_samples = 24;
  std::int64_t shown_sample = 0;  ///< index among the samples
};

struct AnalysisRun {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  std::int64_t skipped = 0;
  std::string fold;  ///< of Samples
  std::vector<analysis::LayerStatistics> layers;
  analysis::Summary summary;
  std::vector<LayerWork> work;  ///< as summary.synapse_layers, by time step
  std::optional<analysis::PaperEstimate> estimate;
  std::vector<Raster> rasters;
  ShownSample shown;
  std::vector<std::string> class_names;

  double accuracy() const { return static_cast<double>(correct) / static_cast<double>(samples); }
};

/// `file` is the model as read; `name` for messages; `title` names the progress bar. Throws Error
/// for a network without spiking neurons.
AnalysisRun analyse(const model::ModelData& file, const std::string& name,
                    const DatasetOptions& data, const AnalysisOptions& options,
                    const std::string& title);

/// Amplitude of each neuron layer of a model of stage `trained`; none elsewhere, where it is folded
/// into the weights.
std::optional<double> amplitude_of(const model::ModelData& file, const std::string& layer);

/// Signs and membrane updates of a spiking layer in one time step of one sample.
analysis::Counts neuron_counts(const analysis::LayerStatistics& layer, std::size_t t);

/// Per layer, as in docs/schemas/analyze.schema.json.
Json layers_json(const AnalysisRun& run, const model::ModelData& file);
Json work_json(const AnalysisRun& run);

/// One line per layer and time step.
std::string layers_csv(const AnalysisRun& run, const model::ModelData& file);
/// One line per layer, with weights or spiking, and time step: operations, and energy under each
/// model.
std::string operations_csv(const AnalysisRun& run);
/// One line per layer, time step and bin of the potential.
std::string histograms_csv(const AnalysisRun& run);

}  // namespace trispike::cli
