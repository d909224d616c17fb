// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce ablation (the paper's Table 1): what the spike kinds cost and give.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "console.h"
#include "format.h"
#include "reproduce/reproduction.h"
#include "table.h"
#include "trispike/analysis/paper.h"
#include "trispike/analysis/statistics.h"
#include "trispike/report/charts.h"

namespace trispike::cli {
namespace {

using model::NeuronKind;

struct Finished {
  Cell cell;
  Json result;
};

/// The finished cells that differ in the seed or the fold only.
struct Group {
  std::string network;  ///< empty: the workload's own
  NeuronKind neuron;
  int time_steps;
  int folds;  ///< 0: the runs differ in the seed only
  std::vector<Finished> runs;
};

/// "ternary", of another network than the workload's "ternary, resnet19".
std::string label(const Group& group) {
  std::string text(kind_label(group.neuron));
  if (!group.network.empty()) text += ", " + group.network;
  if (group.folds > 0) text += fmt::format(", {} folds", group.folds);
  return text;
}

std::vector<double> values(const Group& group, const Json::json_pointer& key) {
  std::vector<double> list;
  for (const Finished& run : group.runs) list.push_back(run.result.at(key).get<double>());
  return list;
}

std::vector<Group> groups_of(const CellStore& store, const std::vector<Cell>& cells) {
  std::vector<Group> groups;
  for (const Cell& cell : cells) {
    std::optional<Json> result = store.result(cell);
    auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.network == cell.network && group.neuron == cell.neuron &&
             group.time_steps == cell.time_steps && group.folds == cell.fold.folds;
    });
    if (found == groups.end()) {
      found = groups.insert(groups.end(),
                            {cell.network, cell.neuron, cell.time_steps, cell.fold.folds, {}});
    }
    if (result) found->runs.push_back({cell, std::move(*result)});
  }
  std::erase_if(groups, [](const Group& group) { return group.runs.empty(); });
  return groups;
}

/// Mean and sample standard deviation (null for one run) over the seeds.
Json spread_json(const std::vector<double>& list) {
  const std::optional<double> deviation = analysis::standard_deviation(list);
  return {{"mean", analysis::mean(list)},
          {"standard_deviation", deviation ? Json(*deviation) : Json(nullptr)}};
}

/// Every accuracy the paper prints for this kind and number of time steps on this data set.
Json paper_json(const Workload& workload, const Group& group) {
  Json list = Json::array();
  if (group.folds > 0) return list;  // the paper's test set is another one
  for (const analysis::PaperAccuracy& row : analysis::paper_accuracies()) {
    if (row.dataset != workload.paper_dataset || row.method != paper_method(group.neuron) ||
        row.time_steps != group.time_steps) {
      continue;
    }
    list.push_back(
        {{"table", row.table},
         {"network", row.network},
         {"accuracy", row.accuracy / 100},
         {"standard_deviation", row.deviation ? Json(*row.deviation / 100) : Json(nullptr)}});
  }
  return list;
}

Json fold_json(const Cell& cell) {
  return cell.fold ? Json(data::to_string(cell.fold)) : Json(nullptr);
}

Json group_json(const Workload& workload, const Group& group) {
  using Pointer = Json::json_pointer;
  Json seeds = Json::array();
  Json folds = Json::array();
  for (const Finished& run : group.runs) {
    seeds.push_back(run.cell.seed);
    folds.push_back(fold_json(run.cell));
  }
  return {{"neuron", group.runs.front().result.at("neuron")},
          {"label", label(group)},
          {"time_steps", group.time_steps},
          {"network", group.runs.front().result.at("network")},
          {"seeds", seeds},
          {"folds", folds},
          {"accuracies", values(group, Pointer("/accuracy"))},
          {"accuracy", spread_json(values(group, Pointer("/accuracy")))},
          {"firing_rate", spread_json(values(group, Pointer("/firing_rate")))},
          {"synaptic_operations",
           spread_json(values(group, Pointer("/counted/total/synaptic_operations")))},
          {"macs", spread_json(values(group, Pointer("/counted/total/macs")))},
          {"energy_paper_pj", spread_json(values(group, Pointer("/counted/energy/0/energy_pj")))},
          {"energy_horowitz45nm_pj",
           spread_json(values(group, Pointer("/counted/energy/1/energy_pj")))},
          {"training_seconds", spread_json(values(group, Pointer("/seconds")))},
          {"epochs", group.runs.front().result.at("epochs")},
          {"paper", paper_json(workload, group)}};
}

/// One value for each fold: seeds of a fold share its test samples and tell nothing of others.
std::vector<double> per_fold(const std::vector<double>& values, const std::vector<int>& folds) {
  std::map<int, std::vector<double>> by_fold;
  for (std::size_t i = 0; i < values.size(); ++i) by_fold[folds[i]].push_back(values[i]);
  std::vector<double> means;
  for (const auto& [fold, list] : by_fold) means.push_back(analysis::mean(list));
  return means;
}

/// Test samples over training samples of a fold (Nadeau and Bengio 2003); 0: no folds.
double overlap_of(const Group& group) {
  if (group.folds == 0) return 0;
  double test = 0, training = 0;
  for (const Finished& run : group.runs) {
    test += run.result["test_samples"].get<double>();
    training += run.result.value("training_samples", 0.0);
  }
  return training > 0 ? test / training : 1.0 / (group.folds - 1);
}

/// a - b over the runs that both have.
Json gap_json(const Group& a, const Group& b) {
  std::vector<double> first, second;
  Json seeds = Json::array();
  Json folds = Json::array();
  std::vector<int> parts;
  for (const Finished& run : a.runs) {
    const auto same = std::find_if(b.runs.begin(), b.runs.end(), [&](const Finished& other) {
      return other.cell.seed == run.cell.seed && other.cell.fold == run.cell.fold;
    });
    if (same == b.runs.end()) continue;
    seeds.push_back(run.cell.seed);
    folds.push_back(fold_json(run.cell));
    parts.push_back(run.cell.fold.index);
    first.push_back(run.result["accuracy"].get<double>());
    second.push_back(same->result["accuracy"].get<double>());
  }
  if (first.empty()) return nullptr;
  if (a.folds > 0) {
    first = per_fold(first, parts);
    second = per_fold(second, parts);
  }
  Json json = {{"better", label(a)},
               {"than", label(b)},
               {"time_steps", a.time_steps},
               {"seeds", seeds},
               {"folds", folds},
               {"gap", analysis::mean(first) - analysis::mean(second)},
               {"interval_95", nullptr},
               {"t", nullptr},
               {"p_value", nullptr}};
  if (const auto test = analysis::paired_test(first, second, overlap_of(a))) {
    json["interval_95"] = {test->mean_difference - test->interval,
                           test->mean_difference + test->interval};
    json["t"] = test->t;
    json["p_value"] = test->p_value;
  }
  return json;
}

/// The order that the paper claims: binary < ternary <= trainable ternary.
Json gaps_json(const std::vector<Group>& groups) {
  constexpr std::pair<NeuronKind, NeuronKind> kPairs[] = {
      {NeuronKind::kTernary, NeuronKind::kBinary},
      {NeuronKind::kTrainableTernary, NeuronKind::kTernary},
      {NeuronKind::kTrainableTernary, NeuronKind::kBinary}};
  Json gaps = Json::array();
  for (const auto& [better, worse] : kPairs) {
    for (const Group& a : groups) {
      for (const Group& b : groups) {
        if (a.network != b.network || a.neuron != better || b.neuron != worse ||
            a.time_steps != b.time_steps || a.folds != b.folds) {
          continue;
        }
        if (Json gap = gap_json(a, b); !gap.is_null()) gaps.push_back(std::move(gap));
      }
    }
  }
  return gaps;
}

Json report_json(const ReproduceOptions& options, const CellStore& store,
                 const std::vector<Cell>& cells) {
  const std::vector<Group> groups = groups_of(store, cells);
  Json rows = Json::array();
  for (const Group& group : groups) rows.push_back(group_json(store.workload(), group));
  Json states = Json::array();
  for (const Cell& cell : cells) {
    const char* state = store.result(cell) ? "finished" : store.begun(cell) ? "begun" : "missing";
    states.push_back({{"cell", cell_name(cell)}, {"state", state}});
  }
  return {{"reproduces", "Table 1"},  {"dataset", options.dataset},
          {"scale", options.scale},   {"deviations", store.workload().deviations},
          {"cells", states},          {"rows", rows},
          {"gaps", gaps_json(groups)}};
}

std::string csv(const CellStore& store, const std::vector<Cell>& cells) {
  std::string text =
      "cell,network,neuron,time_steps,seed,fold,epochs,accuracy,firing_rate,synaptic_operations,"
      "macs,"
      "energy_paper_pj,energy_horowitz45nm_pj,training_seconds\n";
  for (const Cell& cell : cells) {
    const std::optional<Json> result = store.result(cell);
    if (!result) continue;
    const Json& r = *result;
    text += fmt::format(
        "\"{}\",{},{},{},{},{},{},{},{},{},{},{},{},{}\n", cell_name(cell),
        r["network"].get<std::string>(), r["neuron"].get<std::string>(), cell.time_steps, cell.seed,
        cell.fold ? data::to_string(cell.fold) : "", r["epochs"].get<int>(),
        r["accuracy"].get<double>(), r["firing_rate"].get<double>(),
        r["counted"]["total"]["synaptic_operations"].get<double>(),
        r["counted"]["total"]["macs"].get<double>(),
        r["counted"]["energy"][0]["energy_pj"].get<double>(),
        r["counted"]["energy"][1]["energy_pj"].get<double>(), r["seconds"].get<double>());
  }
  return text;
}

std::string plus_minus(const Json& spread, double scale, int digits = 2) {
  const std::string middle = fmt::format("{:.{}f}", scale * spread["mean"].get<double>(), digits);
  if (spread["standard_deviation"].is_null()) return middle;
  return middle +
         fmt::format(" ± {:.{}f}", scale * spread["standard_deviation"].get<double>(), digits);
}

std::string row_name(const Json& row) {
  return fmt::format("{}, T = {}", row["label"].get<std::string>(), row["time_steps"].get<int>());
}

bool has_folds(const Json& report) {
  return std::any_of(report["rows"].begin(), report["rows"].end(), [](const Json& row) {
    return std::any_of(row["folds"].begin(), row["folds"].end(),
                       [](const Json& fold) { return !fold.is_null(); });
  });
}

/// What the runs of a row differ in.
std::string runs_name(const Json& report) { return has_folds(report) ? "folds" : "seeds"; }

std::string how_paired(const Json& report) {
  return has_folds(report)
             ? "the folds (same seed, same samples): Student's t test, two-sided, with the "
               "variance corrected for training sets that overlap (Nadeau and Bengio 2003)."
             : "the seeds (same seed, same order of pictures): Student's t test, two-sided.";
}

std::string text_table(const Json& report) {
  Table table({{"neuron", Align::kLeft},
               {"T"},
               {runs_name(report)},
               {"accuracy %"},
               {"firing %"},
               {"SynOps"},
               {"training"}});
  for (const Json& row : report["rows"]) {
    table.add_row({row["label"], std::to_string(row["time_steps"].get<int>()),
                   std::to_string(row["seeds"].size()), plus_minus(row["accuracy"], 100),
                   plus_minus(row["firing_rate"], 100),
                   scaled(row["synaptic_operations"]["mean"].get<double>()),
                   duration(row["training_seconds"]["mean"].get<double>())});
  }
  return table.text();
}

/// "ResNet20 94.48 ± 0.00; ResNet19 95.80 ± 0.10".
std::string paper_text(const Json& paper) {
  std::string text;
  for (const Json& row : paper) {
    text += text.empty() ? "" : "; ";
    text += fmt::format("{} {:.2f}", row["network"].get<std::string>(),
                        100 * row["accuracy"].get<double>());
    if (!row["standard_deviation"].is_null()) {
      text += fmt::format(" ± {:.2f}", 100 * row["standard_deviation"].get<double>());
    }
  }
  return text.empty() ? "no figure" : text;
}

report::HtmlTable result_table(const Json& report) {
  report::HtmlTable table{
      {"neuron", "paper %", "T", runs_name(report), "epochs", "accuracy %", "firing %", "SynOps",
       "MACs", "energy (paper's costs)", "energy (45 nm)", "training"},
      {},
      2};
  for (const Json& row : report["rows"]) {
    table.rows.push_back(
        {row["label"], paper_text(row["paper"]), std::to_string(row["time_steps"].get<int>()),
         std::to_string(row["seeds"].size()), std::to_string(row["epochs"].get<int>()),
         plus_minus(row["accuracy"], 100), plus_minus(row["firing_rate"], 100),
         scaled(row["synaptic_operations"]["mean"].get<double>()),
         scaled(row["macs"]["mean"].get<double>()),
         energy(row["energy_paper_pj"]["mean"].get<double>()),
         energy(row["energy_horowitz45nm_pj"]["mean"].get<double>()),
         duration(row["training_seconds"]["mean"].get<double>())});
  }
  return table;
}

report::HtmlTable gap_table(const Json& report) {
  report::HtmlTable table{
      {"is it better?", "T", runs_name(report), "gap in points", "95 % interval", "t", "p"}, {}, 1};
  for (const Json& gap : report["gaps"]) {
    const bool tested = !gap["p_value"].is_null();
    table.rows.push_back(
        {gap["better"].get<std::string>() + " than " + gap["than"].get<std::string>(),
         std::to_string(gap["time_steps"].get<int>()), std::to_string(gap["seeds"].size()),
         fmt::format("{:+.2f}", 100 * gap["gap"].get<double>()),
         tested ? fmt::format("{:+.2f} to {:+.2f}", 100 * gap["interval_95"][0].get<double>(),
                              100 * gap["interval_95"][1].get<double>())
                : (gap["seeds"].size() < 2 ? "one run says nothing" : "the same for all"),
         tested ? fmt::format("{:.2f}", gap["t"].get<double>()) : "",
         tested ? fmt::format("{:.3f}", gap["p_value"].get<double>()) : ""});
  }
  return table;
}

report::Drawing bars(const Json& report, const std::string& title, const char* key, double scale,
                     const std::string& unit) {
  report::BarChart chart{title, {}, {}, unit, {}};
  for (const Json& row : report["rows"]) {
    const Json& spread = row[key];
    report::BarChart::Row bar{
        row_name(row), {scale * spread["mean"].get<double>()}, {}, {}, {}, {}};
    if (!spread["standard_deviation"].is_null()) {
      bar.whisker = scale * spread["standard_deviation"].get<double>();
    }
    bar.value = report::short_number(bar.parts[0]);
    bar.tip = row_name(row) + ": " + plus_minus(spread, scale);
    chart.rows.push_back(std::move(bar));
  }
  return draw(chart);
}

/// Accuracy on the test set after each epoch, mean over the runs.
std::vector<report::Drawing> curves(const std::vector<Group>& groups) {
  std::vector<report::Drawing> drawings;
  for (const auto& [title, key] : {std::pair{"Test accuracy over training", "accuracy"},
                                   {"Firing rate over training", "firing_rate"}}) {
    report::LineChart chart;
    chart.title = title;
    chart.x_label = "epoch";
    chart.y_label = "%";
    for (const Group& group : groups) {
      if (group.time_steps != groups.front().time_steps) continue;
      report::LineChart::Series series{label(group), {}, true, {}};
      const Json& first = group.runs.front().result["epoch_results"];
      for (std::size_t e = 0; e < first.size(); ++e) {
        double sum = 0;
        for (const Finished& run : group.runs) {
          sum += run.result["epoch_results"].at(e).at(key).get<double>();
        }
        series.points.push_back(
            {static_cast<double>(e + 1), 100 * sum / static_cast<double>(group.runs.size())});
      }
      if (series.points.size() < 2) return {};
      chart.series.push_back(std::move(series));
    }
    drawings.push_back(draw(chart));
  }
  return drawings;
}

report::Drawing accuracy_against_operations(const std::vector<Group>& groups) {
  report::LineChart chart;
  chart.title = "Accuracy against work";
  chart.x_label = "synaptic operations a picture, M";
  chart.y_label = "accuracy, %";
  for (const Group& group : groups) {
    if (group.neuron == NeuronKind::kRelu || group.time_steps != groups.front().time_steps)
      continue;
    report::LineChart::Series series{label(group), {}, false, {}};
    for (const Finished& run : group.runs) {
      series.points.push_back(
          {run.result["counted"]["total"]["synaptic_operations"].get<double>() / 1e6,
           100 * run.result["accuracy"].get<double>()});
    }
    chart.series.push_back(std::move(series));
  }
  return draw(chart);
}

report::Page make_page(const ReproduceOptions& options, const CellStore& store,
                       const std::vector<Cell>& cells, const Json& report) {
  const std::vector<Group> groups = groups_of(store, cells);
  report::Page page(
      "Binary, ternary, trainable ternary",
      fmt::format("The paper's Table 1 on {}, scale {}: {} of {} training runs "
                  "finished",
                  options.dataset, options.scale,
                  std::count_if(cells.begin(), cells.end(),
                                [&](const Cell& cell) { return store.result(cell).has_value(); }),
                  cells.size()));
  std::vector<report::Tile> tiles;
  for (const Json& row : report["rows"]) {
    if (row["time_steps"] != report["rows"][0]["time_steps"] && row["neuron"] != "ann") continue;
    tiles.push_back(
        {fmt::format("{:.2f} %", 100 * row["accuracy"]["mean"].get<double>()), row_name(row),
         fmt::format("{}: {}, firing rate {:.1f} %", runs_name(report), row["seeds"].size(),
                     100 * row["firing_rate"]["mean"].get<double>())});
  }
  if (!tiles.empty()) page.tiles(tiles);
  if (groups.empty()) {
    page.section("No run has finished yet");
  } else {
    page.section("Result",
                 fmt::format("Test accuracy, mean ± standard deviation over the {}. Firing rate "
                             "and work are counted on test pictures by the runtime.",
                             runs_name(report)));
    page.plots("result",
               {bars(report, "Accuracy", "accuracy", 100, "%, ± over " + runs_name(report)),
                bars(report, "Firing rate", "firing_rate", 100, "% of neurons"),
                bars(report, "Synaptic operations", "synaptic_operations", 1e-6,
                     "M a picture; the ANN twin: MACs"),
                accuracy_against_operations(groups)});
    page.table(result_table(report));
    if (const std::vector<report::Drawing> plots = curves(groups); !plots.empty()) {
      page.section("Training", "Means over the " + runs_name(report) + ".");
      page.plots("training", plots);
    }
    page.section("Is the order real?",
                 "The paper claims binary < ternary ≤ trainable ternary. Each gap is paired over " +
                     how_paired(report) +
                     " Few runs give wide intervals: what is not significant is not shown to be "
                     "equal.");
    page.table(gap_table(report));
  }
  std::vector<std::string> open;
  for (const Json& cell : report["cells"]) {
    if (cell["state"] == "finished") continue;
    open.push_back(
        fmt::format("{} ({})", cell["cell"].get<std::string>(), cell["state"].get<std::string>()));
  }
  if (!open.empty()) {
    page.section("Runs that are not finished");
    page.list(open);
  }
  add_setting(page, options, store.workload().deviations);
  return page;
}

void print_list(const CellStore& store, const std::vector<Cell>& cells) {
  Table table({{"cell", Align::kLeft}, {"state", Align::kLeft}, {"accuracy"}, {"training"}});
  for (const Cell& cell : cells) {
    const std::optional<Json> result = store.result(cell);
    table.add_row({cell_name(cell),
                   result              ? "finished"
                   : store.begun(cell) ? "begun"
                                       : "missing",
                   result ? percent((*result)["accuracy"].get<double>()) : "",
                   result ? duration((*result)["seconds"].get<double>()) : ""});
  }
  print(table.text());
}

}  // namespace

int reproduce_ablation(const ReproduceOptions& options) {
  Workload workload = find_workload(options.dataset, options.scale);
  const std::vector<int> time_steps =
      options.time_steps.empty() ? workload.time_steps : options.time_steps;
  const int usual = options.folds > 0 ? 1 : workload.seeds;
  const int seeds = options.seeds > 0 ? options.seeds : usual;
  std::vector<Cell> cells = cell_grid(workload, time_steps, seeds, options.folds);
  const CellStore store(options.out, std::move(workload), options.settings);
  std::vector<Cell> chosen;
  for (const std::string& name : options.cells) {
    chosen.push_back(parse_cell(name));
    if (std::find(cells.begin(), cells.end(), chosen.back()) == cells.end()) {
      cells.push_back(chosen.back());  // beyond the grid, but in the report
    }
  }
  if (options.list) {
    print_list(store, cells);
    return kSuccess;
  }
  const bool complete = train_cells(store, chosen.empty() ? cells : chosen, options);
  const Json report = report_json(options, store, cells);
  publish(options, make_page(options, store, cells, report), report, csv(store, cells),
          text_table(report));
  return complete ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
