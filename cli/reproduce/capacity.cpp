// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce capacity (the paper's Eq. 6 and Proposition 1): what maps can tell, and what
// the maps of trained networks do tell.
#include "trispike/analysis/capacity.h"

#include <fmt/format.h>

#include "analysis_plots.h"
#include "console.h"
#include "format.h"
#include "reproduce/reproduction.h"
#include "trispike/report/charts.h"

namespace trispike::cli {
namespace {

/// Bits of a layer's spikes of one picture over all time steps, neuron by neuron: an upper bound of
/// what the map tells.
double measured_bits(const analysis::LayerStatistics& layer) {
  double bits = 0;
  for (const auto& step : layer.steps) {
    bits += step.neuron_entropy * static_cast<double>(layer.shape.elements());
  }
  return bits;
}

double bias_bits(const analysis::LayerStatistics& layer) {
  double bits = 0;
  for (const auto& step : layer.steps) {
    bits += step.entropy_bias * static_cast<double>(layer.shape.elements());
  }
  return bits;
}

double potential_bits(const analysis::LayerStatistics& layer) {
  double bits = 0;
  for (const auto& step : layer.steps) {
    bits += step.potential_entropy * static_cast<double>(layer.shape.elements());
  }
  return bits;
}

double capacity_bits(const analysis::LayerStatistics& layer, int time_steps) {
  return analysis::spike_capacity_bits(layer.neuron) * static_cast<double>(layer.shape.elements()) *
         time_steps;
}

Json layer_json(const analysis::LayerStatistics& layer, int time_steps) {
  const analysis::MapCapacity capacity = analysis::map_capacity(layer.shape, time_steps);
  return {{"layer", layer.layer},
          {"shape", {layer.shape.channels, layer.shape.height, layer.shape.width}},
          {"binary_bits", capacity.binary},
          {"ternary_bits", capacity.ternary},
          {"real_bits", capacity.real},
          {"spike_capacity_bits", capacity_bits(layer, time_steps)},
          {"measured_spike_bits", measured_bits(layer)},
          {"measured_spike_bias_bits", bias_bits(layer)},
          {"measured_potential_bits", potential_bits(layer)}};
}

struct Totals {
  double capacity = 0, measured = 0, potential = 0;
};

Totals totals(const CellAnalysis& one) {
  Totals sum;
  for (const auto& layer : one.run.layers) {
    sum.capacity += capacity_bits(layer, one.cell.time_steps);
    sum.measured += measured_bits(layer);
    sum.potential += potential_bits(layer);
  }
  return sum;
}

report::HtmlTable theory_table(const CellAnalysis& one) {
  report::HtmlTable table{{"layer", "map", "T", "binary bits", "ternary bits", "real bits"}, {}, 2};
  for (const auto& layer : one.run.layers) {
    const auto capacity = analysis::map_capacity(layer.shape, one.cell.time_steps);
    table.rows.push_back({layer.layer,
                          map_size(layer.shape.channels, layer.shape.height, layer.shape.width),
                          std::to_string(one.cell.time_steps), grouped(capacity.binary),
                          grouped(capacity.ternary), grouped(capacity.real)});
  }
  return table;
}

report::HtmlTable measured_table(const CellAnalysis& one) {
  report::HtmlTable table{{"layer", "capacity", "measured", "share", "bias", "potential, 1/16 V",
                           "per neuron and step"},
                          {},
                          1};
  for (const auto& layer : one.run.layers) {
    const double capacity = capacity_bits(layer, one.cell.time_steps);
    const double bits = measured_bits(layer);
    table.rows.push_back({layer.layer, grouped(capacity), grouped(bits), percent(bits / capacity),
                          "+" + grouped(bias_bits(layer)), grouped(potential_bits(layer)),
                          fmt::format("{:.3f}", bits / static_cast<double>(layer.shape.elements()) /
                                                    one.cell.time_steps)});
  }
  return table;
}

report::Page make_page(const ReproduceOptions& options, const CellStore& store,
                       const std::vector<CellAnalysis>& all) {
  report::Page page("What spikes can tell, and do",
                    fmt::format("The paper's Eq. 6 and Proposition 1, beside networks trained on "
                                "{}, scale {}",
                                options.dataset, options.scale));
  std::vector<report::Tile> tiles;
  for (const CellAnalysis& one : all) {
    const Totals sum = totals(one);
    tiles.push_back(
        {percent(sum.measured / sum.capacity),
         std::string(kind_label(one.cell.neuron)) + ": capacity used",
         fmt::format("{}bit of {}bit a picture", scaled(sum.measured), scaled(sum.capacity))});
  }
  page.tiles(tiles);
  page.section(
      "Capacity",
      "The capacity R(S) of a set is its largest entropy, log2 of the number of its values, which "
      "only equally likely values reach (Proposition 1). A map of C × H × W neurons has C·H·W bits "
      "if binary, log2(3)·C·H·W = 1.585·C·H·W if ternary, 32·C·H·W if it holds 32-bit numbers; T "
      "time steps multiply each by T. The 32 is the paper's: it counts all bit patterns of a "
      "float, which no potential comes near (below).");
  if (!all.empty()) {
    page.table(theory_table(all.front()));
    const analysis::LayerStatistics& layer = all.front().run.layers.front();
    report::BarChart chart{"Capacity of the map of " + layer.layer, {}, {}, "kbit", {}};
    for (int steps = 1; steps <= 4; steps *= 2) {
      const auto capacity = analysis::map_capacity(layer.shape, steps);
      chart.rows.push_back({fmt::format("binary, T = {}", steps),
                            {capacity.binary / 1e3},
                            {},
                            {},
                            fmt::format("{:.1f}", capacity.binary / 1e3),
                            {}});
      chart.rows.push_back({fmt::format("ternary, T = {}", steps),
                            {capacity.ternary / 1e3},
                            {},
                            {},
                            fmt::format("{:.1f}", capacity.ternary / 1e3),
                            {}});
    }
    page.plots("capacity", {draw(chart)});
  }
  page.section(
      "Measured",
      "Entropy of each neuron's spike over the test pictures (plug-in estimator), added up over "
      "neurons and time steps. It is too low by about the bias given (Miller and Madow), and as a "
      "figure for the whole map too high, since neurons depend on one another: an upper bound. "
      "The entropy of the potential is pooled over a layer's neurons at a resolution of 1/16 "
      "threshold; each doubling of the resolution adds one bit.");
  std::vector<report::Drawing> plots;
  for (const CellAnalysis& one : all) {
    report::Drawing plot = entropy_plot(one.run);
    report::Drawing named(plot.width(), plot.height() + 18, plot.title());
    named.text({0, 12},
               fmt::format("{}, T = {}", kind_label(one.cell.neuron), one.cell.time_steps));
    named.add(plot, 0, 18);
    plots.push_back(std::move(named));
  }
  page.plots("entropy", plots);
  for (const CellAnalysis& one : all) {
    page.table(measured_table(one),
               fmt::format("{}, T = {}: bits of one picture's maps over all time steps",
                           kind_label(one.cell.neuron), one.cell.time_steps));
  }
  std::vector<std::string> deviations = store.workload().deviations;
  deviations.emplace_back("The paper gives capacities only; it measures no entropy.");
  add_setting(page, options, deviations);
  return page;
}

}  // namespace

int reproduce_capacity(const ReproduceOptions& options) {
  const CellStore store(options.out, find_workload(options.dataset, options.scale),
                        options.settings);
  const std::vector<int> time_steps = options.time_steps.empty()
                                          ? std::vector<int>{store.workload().time_steps.front()}
                                          : options.time_steps;
  std::vector<Cell> cells;
  for (const int steps : time_steps) {
    for (const auto kind : {model::NeuronKind::kBinary, model::NeuronKind::kTernary,
                            model::NeuronKind::kTrainableTernary}) {
      cells.push_back({kind, steps, 0});
    }
  }
  const bool complete = train_cells(store, cells, options);
  const std::vector<CellAnalysis> all = analyse_cells(store, cells, options);
  Json networks = Json::array();
  std::string csv =
      "neuron,time_steps,layer,binary_bits,ternary_bits,real_bits,spike_capacity_bits,"
      "measured_spike_bits,measured_spike_bias_bits,measured_potential_bits\n";
  for (const CellAnalysis& one : all) {
    Json layers = Json::array();
    for (const auto& layer : one.run.layers) {
      layers.push_back(layer_json(layer, one.cell.time_steps));
      const Json& l = layers.back();
      csv += fmt::format("{},{},{}", model::to_string(one.cell.neuron), one.cell.time_steps,
                         report::csv_field(layer.layer));
      for (const char* key :
           {"binary_bits", "ternary_bits", "real_bits", "spike_capacity_bits",
            "measured_spike_bits", "measured_spike_bias_bits", "measured_potential_bits"}) {
        csv += fmt::format(",{}", l[key].get<double>());
      }
      csv += "\n";
    }
    const Totals sum = totals(one);
    networks.push_back({{"cell", cell_name(one.cell)},
                        {"samples", one.run.samples},
                        {"capacity_bits", sum.capacity},
                        {"measured_spike_bits", sum.measured},
                        {"measured_potential_bits", sum.potential},
                        {"layers", layers}});
  }
  const Json report = {{"reproduces", "Eq. 6, Proposition 1"},
                       {"dataset", options.dataset},
                       {"scale", options.scale},
                       {"deviations", store.workload().deviations},
                       {"networks", networks}};
  publish(options, make_page(options, store, all), report, csv);
  return complete && !interrupted() ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
