// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The plots of an analysis: used by `analyze` and by the reproductions of the paper's figures.
#pragma once

#include <string>
#include <vector>

#include "analysis_run.h"
#include "trispike/report/charts.h"
#include "trispike/report/page.h"

namespace trispike::cli {

/// Firing rate per layer, positive and negative, with its spread over samples.
report::Drawing rate_plot(const AnalysisRun& run);
/// Firing rate per layer and time step.
report::Drawing rates_by_step(const AnalysisRun& run);
/// Dead and saturated neurons per layer, in percent.
report::Drawing idle_plot(const AnalysisRun& run);
/// Entropy of a spike per layer against its capacity.
report::Drawing entropy_plot(const AnalysisRun& run);
/// Entropy of the potential per layer, all neurons as if they were one.
report::Drawing potential_entropy_plot(const AnalysisRun& run);
/// Synaptic operations per layer with weights, as a share of the dense ones.
report::Drawing operations_plot(const analysis::Summary& summary);
/// Synaptic operations and MACs per layer with weights and time step.
report::Drawing work_by_step(const AnalysisRun& run);
/// Energy per layer under the paper's unit costs: of layers with weights, and of spiking ones.
report::Drawing energy_by_layer(const AnalysisRun& run);
/// Synaptic operations of all layers per time step.
report::Drawing time_step_plot(const analysis::Summary& summary);
/// Energy under each energy model, by kind of operation.
report::Drawing energy_plot(const analysis::Counts& counts);
/// Learned amplitude per layer; of no width if the model has none.
std::vector<report::Drawing> amplitude_plots(const AnalysisRun& run, const model::ModelData& file);

/// Potentials of one layer, one curve per time step, with threshold lines.
report::Drawing potential_plot(const analysis::LayerStatistics& layer);
std::vector<report::Drawing> potential_plots(const AnalysisRun& run);

std::vector<report::Drawing> raster_plots(const AnalysisRun& run, int time_steps);

/// The input and each layer's feature maps of one sample, a card each in execution order.
std::vector<report::Drawing> spike_pictures(const AnalysisRun& run, const model::ModelData& file);
/// The cards in one drawing, joined by arrows.
report::Drawing network_picture(const std::vector<report::Drawing>& cards, int columns);

/// Writes every plot of a page as `<folder>/<name>.png`; returns the names.
std::vector<std::string> write_pngs(const report::Page& page, const std::string& folder);

}  // namespace trispike::cli
