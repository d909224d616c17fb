// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce energy (the paper's Table 5): where its "+2.11 %" comes from, what the runtime
// counts, and the density at which spikes stop paying.
#include "trispike/analysis/energy.h"

#include <fmt/format.h>

#include "console.h"
#include "counts_json.h"
#include "format.h"
#include "reproduce/few_bits.h"
#include "reproduce/reproduction.h"
#include "trispike/analysis/paper.h"
#include "trispike/analysis/trade_off.h"
#include "trispike/report/charts.h"

namespace trispike::cli {
namespace {

/// Table 5 taken apart, everything in µJ under the paper's unit costs.
struct PaperParts {
  double first_layer = 0;
  double synaptic = 0;
  double signs = 0;
  double total() const { return first_layer + synaptic + signs; }
  double spiking() const { return synaptic + signs; }
};

PaperParts parts_of(const analysis::PaperEnergy& row) {
  const analysis::EnergyModel& costs = analysis::energy_model("paper");
  return {row.flops * costs.mac_pj / 1e6,
          row.synaptic_operations * costs.synaptic_operation_pj / 1e6,
          row.sign_operations * costs.sign_operation_pj / 1e6};
}

constexpr int kWeightBits =
    8;  ///< of the networks that are compared, as analysis::TradeOff charges

double growth(double from, double to) { return to / from - 1; }

/// What the +2.11 % is made of.
struct Decomposition {
  PaperParts binary, ternary;
  double printed = 0;        ///< growth of the totals
  double without_first = 0;  ///< of what spikes cost
  double first_once = 0;     ///< if a static image's first layer is computed once, not T times
  double first_share = 0;    ///< of the first layer in the binary network's total
};

Decomposition decompose() {
  const auto rows = analysis::paper_energies();
  Decomposition d;
  d.binary = parts_of(rows[0]);
  d.ternary = parts_of(rows[1]);
  d.printed = growth(rows[0].energy_uj, rows[1].energy_uj);
  d.without_first = growth(d.binary.spiking(), d.ternary.spiking());
  constexpr double kTimeSteps = 2;
  d.first_once = growth(d.binary.first_layer / kTimeSteps + d.binary.spiking(),
                        d.ternary.first_layer / kTimeSteps + d.ternary.spiking());
  d.first_share = d.binary.first_layer / d.binary.total();
  return d;
}

/// A finished cell, its counts, and its accuracy in few bits.
struct Counted {
  Cell cell;
  Json result;
  analysis::Summary summary;  ///< totals only
  std::vector<BitResult> few_bits = {};
};

Counted counted(const Cell& cell, const Json& result) {
  Counted one{cell, result, {}};
  const Json& json = result.at("counted");
  const Json& total = json.at("total");
  one.summary.time_steps = cell.time_steps;
  one.summary.neurons = json.at("neurons").get<std::int64_t>();
  one.summary.firing_rate = json.at("firing_rate").get<double>();
  one.summary.total = {
      total.at("macs").get<double>(), total.at("synaptic_operations").get<double>(),
      total.at("sign_operations").get<double>(), total.at("membrane_updates").get<double>(),
      total.at("dense_operations").get<double>()};
  return one;
}

bool fires_negative(const Counted& one) { return model::info(one.cell.neuron).negative_spikes; }

std::string name_of(const Counted& one) {
  return fmt::format("{}, T = {}", kind_label(one.cell.neuron), one.cell.time_steps);
}

analysis::TradeOff trade_off_of(const Counted& one, bool memory) {
  // The paper's estimate charges the first layer at each time step, executed there or not.
  const Json& estimate = one.result.at("counted").at("paper_estimate");
  const bool multiplies = one.summary.total.macs > 0 && !estimate.is_null();
  const double macs =
      multiplies ? estimate.at("flops").get<double>() / one.summary.time_steps : 0.0;
  return analysis::trade_off(one.summary, macs, memory);
}

Json trade_off_json(const Counted& one) {
  const int bits = analysis::matched_bits(fires_negative(one), one.cell.time_steps);
  Json list = Json::array();
  for (const bool memory : {false, true}) {
    const analysis::TradeOff t = trade_off_of(one, memory);
    Json even = Json::array();
    for (const int b : {2, bits, 8}) {
      even.push_back({{"bits", b}, {"density", t.break_even(b)}, {"ann_pj", t.ann_pj(b)}});
    }
    list.push_back({{"memory", memory},
                    {"matched_bits", bits},
                    {"density", t.density()},
                    {"spiking_pj", t.spiking_pj(t.density())},
                    {"matched_ann_pj", t.ann_pj(bits)},
                    {"pays", t.density() < t.break_even(bits)},
                    {"break_even", even}});
  }
  return list;
}

void paper_section(report::Page& page, const Decomposition& d) {
  page.section(
      "Where the paper's “+2.11 %” comes from",
      fmt::format(
          "Table 5 adds three parts. {:.1f} % of the binary network's {:.2f} µJ is the first "
          "layer, "
          "which both networks share: 3.54 M multiplications at 12.5 pJ, paid at each of the two "
          "time steps although a static image needs them once. Divided by that, any growth looks "
          "small. What spikes cost grows from {:.2f} to {:.2f} µJ, by {:.1f} %; with the first "
          "layer computed once the total grows by {:.2f} %. All of it rests on firing rates of "
          "16.42 % and 18.27 %: compare those counted below.",
          100 * d.first_share, d.binary.total(), d.binary.spiking(), d.ternary.spiking(),
          100 * d.without_first, 100 * d.first_once));
  report::BarChart chart{"Table 5 taken apart",
                         {"first layer", "synaptic operations", "signs"},
                         {},
                         "µJ, the paper's unit costs",
                         {}};
  for (const auto& [name, parts] : {std::pair{"binary", d.binary}, {"ternary", d.ternary}}) {
    chart.rows.push_back({name,
                          {parts.first_layer, parts.synaptic, parts.signs},
                          {},
                          {},
                          fmt::format("{:.2f}", parts.total()),
                          {}});
  }
  report::BarChart growth_chart{"How much dearer is ternary?", {}, {}, "%", {}};
  for (const auto& [name, value] : {std::pair{"as printed", d.printed},
                                    {"first layer once", d.first_once},
                                    {"spikes alone", d.without_first}}) {
    growth_chart.rows.push_back(
        {name, {100 * value}, {}, {}, fmt::format("+{:.2f} %", 100 * value), {}});
  }
  page.plots("paper", {draw(chart), draw(growth_chart)});
}

report::HtmlTable counts_table(const std::vector<Counted>& all) {
  report::HtmlTable table{{"network", "accuracy %", "firing %", "MACs", "SynOps", "signs",
                           "potentials", "the paper's s·T·A", "its energy"},
                          {},
                          1};
  for (const analysis::PaperEnergy& row : analysis::paper_energies()) {
    table.rows.push_back({fmt::format("paper: {}, T = 2", row.method), "",
                          fmt::format("{:.2f}", 100 * row.firing_rate), scaled(row.flops), "",
                          scaled(row.sign_operations), "", scaled(row.synaptic_operations),
                          fmt::format("{:.2f} µJ", row.energy_uj)});
  }
  for (const Counted& one : all) {
    const Json& estimate = one.result["counted"]["paper_estimate"];
    const bool spikes = !estimate.is_null();
    table.rows.push_back(
        {name_of(one), fmt::format("{:.2f}", 100 * one.result["accuracy"].get<double>()),
         spikes ? fmt::format("{:.2f}", 100 * one.summary.firing_rate) : "",
         scaled(one.summary.total.macs), scaled(one.summary.total.synaptic_operations),
         scaled(one.summary.total.sign_operations), scaled(one.summary.total.membrane_updates),
         spikes ? scaled(estimate["synaptic_operations"].get<double>()) : "",
         spikes ? energy(estimate["energy_pj"].get<double>()) : ""});
  }
  return table;
}

report::HtmlTable energies_table(const std::vector<Counted>& all) {
  report::HtmlTable table{{"network"}, {}, 1};
  for (const auto& model : analysis::energy_models()) table.columns.emplace_back(model.name);
  for (const Counted& one : all) {
    std::vector<std::string> row = {name_of(one)};
    for (const auto& model : analysis::energy_models()) {
      row.push_back(energy(analysis::energy_pj(model, one.summary.total)));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

report::Drawing trade_off_plot(const Counted& one, bool memory) {
  const analysis::TradeOff t = trade_off_of(one, memory);
  const int bits = analysis::matched_bits(fires_negative(one), one.cell.time_steps);
  report::LineChart chart;
  chart.title = fmt::format("{}{}", name_of(one), memory ? ", with memory" : ", arithmetic only");
  chart.x_label = "density: executed additions, % of all";
  chart.y_label = "µJ a picture behind the first layer";
  report::LineChart::Series spiking{"spiking", {}, true, {}};
  report::LineChart::Series matched{fmt::format("ANN, {} bits (matched)", bits), {}, true, {}};
  report::LineChart::Series eight{"ANN, 8 bits", {}, true, {}};
  constexpr int kPoints = 50;
  for (int i = 0; i <= kPoints; ++i) {
    const double density = static_cast<double>(i) / kPoints;
    spiking.points.push_back({100 * density, t.spiking_pj(density) / 1e6});
    matched.points.push_back({100 * density, t.ann_pj(bits) / 1e6});
    eight.points.push_back({100 * density, t.ann_pj(8) / 1e6});
  }
  chart.series = {spiking, matched, eight};
  chart.vertical.emplace_back(100 * t.density(),
                              fmt::format("measured {:.0f} %", 100 * t.density()));
  chart.y_minimum = 0;
  return draw(chart, report::kPlotWidth, 250);
}

std::string percent_at(const std::vector<BitResult>& results, const Bits& bits) {
  const std::optional<double> accuracy = accuracy_at(results, bits);
  return accuracy ? fmt::format("{:.2f}", 100 * *accuracy) : "";
}

void trade_off_section(report::Page& page, const std::vector<Counted>& all) {
  std::vector<BitResult> twin;
  for (const Counted& one : all) {
    if (!model::info(one.cell.neuron).spiking) twin = one.few_bits;
  }
  page.section(
      "When do spikes stop paying?",
      "Against the same architecture as a quantised ANN whose activations have as many bits as a "
      "neuron's spikes can tell in all time steps (2^T or 3^T values), with 8-bit weights in both. "
      "45 nm costs after Horowitz (2014), growing with the bits; “with memory” adds weights, "
      "potentials and activations in 32 KB of SRAM, each weight fetched anew, which favours "
      "neither but leaves out what a dense array can reuse. The first layer is the same and left "
      "out. Accuracies are those of both at these bits, on the whole test set.");
  std::vector<report::Drawing> plots;
  report::HtmlTable table{{"network", "costs", "bits", "density %", "pays below %", "spiking",
                           "ANN twin", "spiking pays", "accuracy %, spiking", "ANN twin"},
                          {},
                          2};
  for (const Counted& one : all) {
    if (one.summary.total.synaptic_operations <= 0) continue;
    const int bits = analysis::matched_bits(fires_negative(one), one.cell.time_steps);
    for (const bool memory : {false, true}) {
      const analysis::TradeOff t = trade_off_of(one, memory);
      plots.push_back(trade_off_plot(one, memory));
      table.rows.push_back({name_of(one), memory ? "with memory" : "arithmetic",
                            std::to_string(bits), fmt::format("{:.1f}", 100 * t.density()),
                            fmt::format("{:.1f}", 100 * t.break_even(bits)),
                            energy(t.spiking_pj(t.density())), energy(t.ann_pj(bits)),
                            t.density() < t.break_even(bits) ? "yes" : "no",
                            percent_at(one.few_bits, {kWeightBits, std::nullopt}),
                            percent_at(twin, {kWeightBits, bits})});
    }
  }
  page.plots("trade-off", plots);
  page.table(table);
}

report::Page make_page(const ReproduceOptions& options, const CellStore& store,
                       const std::vector<Counted>& all) {
  const Decomposition d = decompose();
  report::Page page("What a spike costs", fmt::format("The paper's Table 5 and networks trained on "
                                                      "{}, scale {}",
                                                      options.dataset, options.scale));
  std::vector<report::Tile> tiles = {
      {fmt::format("+{:.2f} %", 100 * d.printed), "the paper's figure", "ternary against binary"},
      {fmt::format("+{:.1f} %", 100 * d.without_first), "of what spikes cost",
       "the same figures without the first layer"}};
  for (const Counted& one : all) {
    if (one.summary.total.synaptic_operations <= 0) continue;
    const analysis::TradeOff t = trade_off_of(one, true);
    const int bits = analysis::matched_bits(fires_negative(one), one.cell.time_steps);
    tiles.push_back({fmt::format("{:.0f} %", 100 * t.break_even(bits)),
                     name_of(one) + ": pays below",
                     fmt::format("runs at {:.0f} % density", 100 * t.density())});
  }
  page.tiles(tiles);
  paper_section(page, d);
  page.section("Counted",
               "One picture, means over test pictures. SynOps are executed additions, counted by "
               "the runtime; s·T·A is the paper's estimate from the firing rate.");
  page.table(counts_table(all));
  page.section("Energy models", "From the executed counts. docs/energy.md has costs and sources.");
  page.table(energies_table(all));
  trade_off_section(page, all);
  std::vector<NamedBits> in_few_bits;
  for (const Counted& one : all) in_few_bits.push_back({name_of(one), &one.few_bits});
  add_few_bits(page, in_few_bits);
  std::vector<std::string> deviations = store.workload().deviations;
  deviations.emplace_back(
      "Energy is operation counts times published unit costs, here and in the paper; nobody "
      "measured a chip.");
  add_setting(page, options, deviations);
  return page;
}

}  // namespace

int reproduce_energy(const ReproduceOptions& options) {
  const CellStore store(options.out, find_workload(options.dataset, options.scale),
                        options.settings);
  std::vector<Cell> cells;
  const int steps =
      options.time_steps.empty() ? store.workload().time_steps.front() : options.time_steps.front();
  for (const auto kind : {model::NeuronKind::kBinary, model::NeuronKind::kTernary,
                          model::NeuronKind::kTrainableTernary}) {
    cells.push_back({kind, steps, 0});
  }
  if (store.workload().ann_twin) cells.push_back({model::NeuronKind::kRelu, 1, 0});
  bool complete = train_cells(store, cells, options);
  const std::vector<int> matched = {analysis::matched_bits(false, steps),
                                    analysis::matched_bits(true, steps)};
  std::vector<Counted> all;
  for (const Cell& cell : cells) {
    const std::optional<Json> result = store.result(cell);
    if (!result) continue;
    all.push_back(counted(cell, *result));
    all.back().few_bits =
        measure_few_bits(store, cell, bits_to_measure(cell, matched), options, complete);
  }
  // The twin's bits are named by those of weights alone where they are the same.
  std::vector<Bits> columns = {{}, {8, {}}, {7, {}}, {6, {}}};
  for (const int bits : matched) columns.push_back({kWeightBits, bits});
  const Decomposition d = decompose();
  Json networks = Json::array();
  std::string csv =
      "network,accuracy,firing_rate,macs,synaptic_operations,sign_operations,"
      "membrane_updates,paper_pj,horowitz45nm_pj,horowitz45nm_memory_pj";
  for (const Bits& bits : columns) {
    csv +=
        fmt::format(",accuracy_{}", bits.weights ? fmt::format("w{}", *bits.weights) : "float32");
    if (bits.activations) csv += fmt::format("_a{}", *bits.activations);
  }
  csv += "\n";
  for (const Counted& one : all) {
    const bool spikes = one.summary.total.synaptic_operations > 0;
    networks.push_back({{"cell", cell_name(one.cell)},
                        {"accuracy", one.result["accuracy"]},
                        {"few_bits", few_bits_json(one.few_bits)},
                        {"counted", one.result["counted"]},
                        {"trade_off", spikes ? trade_off_json(one) : Json(nullptr)}});
    const analysis::Counts& total = one.summary.total;
    std::vector<std::string> fields = {name_of(one)};
    for (const double value :
         {one.result["accuracy"].get<double>(), one.summary.firing_rate, total.macs,
          total.synaptic_operations, total.sign_operations, total.membrane_updates}) {
      fields.push_back(fmt::format("{}", value));
    }
    for (const auto& model : analysis::energy_models()) {
      fields.push_back(fmt::format("{}", analysis::energy_pj(model, total)));
    }
    for (const Bits& bits : columns) {
      std::optional<double> accuracy = accuracy_at(one.few_bits, bits);
      if (!accuracy && !bits.activations)
        accuracy = accuracy_at(one.few_bits, {bits.weights, bits.weights});
      fields.push_back(accuracy ? fmt::format("{}", *accuracy) : "");
    }
    csv += report::csv_line(fields);
  }
  const Json report = {{"reproduces", "Table 5"},
                       {"dataset", options.dataset},
                       {"scale", options.scale},
                       {"deviations", store.workload().deviations},
                       {"paper_growth",
                        {{"printed", d.printed},
                         {"first_layer_once", d.first_once},
                         {"without_first_layer", d.without_first},
                         {"first_layer_share", d.first_share}}},
                       {"networks", networks}};
  publish(options, make_page(options, store, all), report, csv);
  return complete ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
