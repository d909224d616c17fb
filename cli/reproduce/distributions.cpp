// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce distributions (the paper's Fig. 2): membrane potentials differ between layers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis_plots.h"
#include "console.h"
#include "reproduce/reproduction.h"

namespace trispike::cli {
namespace {

/// As many as the paper's figure shows.
constexpr std::size_t kFigureLayers = 4;

/// How much the standard deviations of the layers' potentials differ: largest / least.
double spread_of_layers(const AnalysisRun& run) {
  double least = INFINITY, largest = 0;
  for (const auto& layer : run.layers) {
    const double deviation = layer.steps.front().potential.standard_deviation;
    least = std::min(least, deviation);
    largest = std::max(largest, deviation);
  }
  return least > 0 ? largest / least : 0;
}

report::HtmlTable moments_table(const CellAnalysis& one) {
  report::HtmlTable table{{"layer", "mean", "sd", "skewness", "excess kurtosis", "least", "largest",
                           "threshold", "amplitude", "firing %"},
                          {},
                          1};
  for (const auto& layer : one.run.layers) {
    const auto amplitude = amplitude_of(one.file, layer.layer);
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const analysis::StepStatistics& step = layer.steps[t];
      const analysis::Moments& m = step.potential;
      table.rows.push_back(
          {fmt::format("{}, t = {}", layer.layer, t + 1), fmt::format("{:.3f}", m.mean),
           fmt::format("{:.3f}", m.standard_deviation), fmt::format("{:.2f}", m.skewness),
           fmt::format("{:.2f}", m.excess_kurtosis), fmt::format("{:.2f}", m.least),
           fmt::format("{:.2f}", m.largest), fmt::format("±{:g}", layer.neuron.threshold),
           amplitude ? fmt::format("{:.4f}", *amplitude) : "",
           fmt::format("{:.1f}", 100 * (step.positive_rate + step.negative_rate))});
    }
  }
  return table;
}

report::Page make_page(const ReproduceOptions& options, const CellStore& store,
                       const std::vector<CellAnalysis>& all) {
  report::Page page(
      "Membrane potentials by layer",
      fmt::format("The paper's Fig. 2 on {}, scale {}", options.dataset, options.scale));
  std::vector<report::Tile> tiles;
  for (const CellAnalysis& one : all) {
    tiles.push_back({fmt::format("{:.2f} ×", spread_of_layers(one.run)),
                     fmt::format("T = {}: widest to narrowest layer", one.cell.time_steps),
                     "ratio of standard deviations, t = 1"});
  }
  page.tiles(tiles);
  for (const CellAnalysis& one : all) {
    std::vector<report::Drawing> plots = potential_plots(one.run);
    const std::size_t first = std::min(kFigureLayers, plots.size());
    const std::string name = fmt::format("T{}", one.cell.time_steps);
    page.section(
        fmt::format("T = {}: the first {} layers, as in the figure", one.cell.time_steps, first),
        "Just before firing, all neurons of a layer and all pictures, in units of the "
        "threshold (dashed). The paper shows the same layers; if one amplitude suited all "
        "layers, these curves would look alike.");
    page.plots("figure2-" + name, {plots.begin(), plots.begin() + std::ptrdiff_t(first)});
    page.section(fmt::format("T = {}: the other layers", one.cell.time_steps));
    page.plots("others-" + name, {plots.begin() + std::ptrdiff_t(first), plots.end()});
    if (const auto amplitudes = amplitude_plots(one.run, one.file); !amplitudes.empty()) {
      page.section(fmt::format("T = {}: amplitude learned", one.cell.time_steps),
                   "The trainable ternary spike is a · {−1, 0, 1}, one a per layer (Eq. 14); it "
                   "starts at 1 (line).");
      page.plots("amplitude-" + name, amplitudes);
    }
    page.section(fmt::format("T = {}: moments", one.cell.time_steps));
    page.table(moments_table(one));
  }
  std::vector<std::string> deviations = store.workload().deviations;
  deviations.emplace_back(
      "The paper prints the curves without axes or figures, so shapes are compared by eye only; "
      "moments and thresholds are ours.");
  add_setting(page, options, deviations);
  return page;
}

}  // namespace

int reproduce_distributions(const ReproduceOptions& options) {
  const CellStore store(options.out, find_workload(options.dataset, options.scale),
                        options.settings);
  // The figure is of T = 1 and 2, whatever the grid of the ablation is.
  std::vector<int> time_steps = {1, 2};
  if (!store.workload().ann_twin) time_steps = store.workload().time_steps;
  if (!options.time_steps.empty()) time_steps = options.time_steps;
  std::vector<Cell> cells;
  for (const int steps : time_steps) {
    cells.push_back({model::NeuronKind::kTrainableTernary, steps, 0});
  }
  const bool complete = train_cells(store, cells, options);
  const std::vector<CellAnalysis> all = analyse_cells(store, cells, options);
  Json networks = Json::array();
  std::string csv = "time_steps,";
  for (const CellAnalysis& one : all) {
    networks.push_back({{"cell", cell_name(one.cell)},
                        {"time_steps", one.cell.time_steps},
                        {"samples", one.run.samples},
                        {"accuracy", one.run.accuracy()},
                        {"deviation_ratio", spread_of_layers(one.run)},
                        {"layers", layers_json(one.run, one.file)}});
    const std::string lines = layers_csv(one.run, one.file);
    const std::size_t header = lines.find('\n') + 1;
    if (networks.size() == 1) csv += lines.substr(0, header);
    for (std::size_t at = header; at < lines.size();) {
      const std::size_t end = lines.find('\n', at) + 1;
      csv += fmt::format("{},", one.cell.time_steps) + lines.substr(at, end - at);
      at = end;
    }
  }
  const Json report = {{"reproduces", "Fig. 2"},
                       {"dataset", options.dataset},
                       {"scale", options.scale},
                       {"deviations", store.workload().deviations},
                       {"networks", networks}};
  publish(options, make_page(options, store, all), report, csv);
  return complete && !interrupted() ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
