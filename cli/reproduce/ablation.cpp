// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce ablation (the paper's Table 1): what the spike kinds cost and give.
#include <fmt/format.h>

#include <algorithm>

#include "console.h"
#include "format.h"
#include "reproduce/reproduction.h"
#include "table.h"
#include "trispike/analysis/paper.h"
#include "trispike/analysis/statistics.h"

namespace trispike::cli {
namespace {

using model::NeuronKind;

struct Finished {
  Cell cell;
  Json result;
};

/// The finished cells that differ in the seed only.
struct Group {
  NeuronKind neuron;
  int time_steps;
  std::vector<Finished> runs;
};

std::vector<double> values(const Group& group, const Json::json_pointer& key) {
  std::vector<double> list;
  for (const Finished& run : group.runs) list.push_back(run.result.at(key).get<double>());
  return list;
}

std::vector<Group> groups_of(const CellStore& store, const std::vector<Cell>& cells) {
  std::vector<Group> groups;
  for (const Cell& cell : cells) {
    std::optional<Json> result = store.result(cell);
    if (!result) continue;
    auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
      return group.neuron == cell.neuron && group.time_steps == cell.time_steps;
    });
    if (found == groups.end()) {
      found = groups.insert(groups.end(), {cell.neuron, cell.time_steps, {}});
    }
    found->runs.push_back({cell, std::move(*result)});
  }
  return groups;
}

/// Mean and sample standard deviation (null for one run) over the seeds.
Json spread_json(const std::vector<double>& list) {
  const std::optional<double> deviation = analysis::standard_deviation(list);
  return {{"mean", analysis::mean(list)},
          {"standard_deviation", deviation ? Json(*deviation) : Json(nullptr)}};
}

std::string_view label(NeuronKind kind) {
  switch (kind) {
    case NeuronKind::kBinary:
      return "binary";
    case NeuronKind::kTernary:
      return "ternary";
    case NeuronKind::kTrainableTernary:
      return "trainable ternary";
    case NeuronKind::kRelu:
      break;
  }
  return "ANN twin (ReLU)";
}

std::string_view paper_method(NeuronKind kind) {
  switch (kind) {
    case NeuronKind::kBinary:
      return "Binary Spike";
    case NeuronKind::kTernary:
      return "Ternary Spike";
    case NeuronKind::kTrainableTernary:
      return "Trainable Ternary Spike";
    case NeuronKind::kRelu:
      break;
  }
  return {};
}

/// Every accuracy the paper prints for this kind and number of time steps on this data set.
Json paper_json(const Workload& workload, const Group& group) {
  Json list = Json::array();
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

Json group_json(const Workload& workload, const Group& group) {
  using Pointer = Json::json_pointer;
  Json seeds = Json::array();
  for (const Finished& run : group.runs) seeds.push_back(run.cell.seed);
  return {{"neuron", group.runs.front().result.at("neuron")},
          {"label", label(group.neuron)},
          {"time_steps", group.time_steps},
          {"network", group.runs.front().result.at("network")},
          {"seeds", seeds},
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

/// a - b over the seeds that both have.
Json gap_json(const Group& a, const Group& b) {
  std::vector<double> first, second;
  Json seeds = Json::array();
  for (const Finished& run : a.runs) {
    const auto same = std::find_if(b.runs.begin(), b.runs.end(), [&](const Finished& other) {
      return other.cell.seed == run.cell.seed;
    });
    if (same == b.runs.end()) continue;
    seeds.push_back(run.cell.seed);
    first.push_back(run.result["accuracy"].get<double>());
    second.push_back(same->result["accuracy"].get<double>());
  }
  if (first.empty()) return nullptr;
  Json json = {{"better", label(a.neuron)},
               {"than", label(b.neuron)},
               {"time_steps", a.time_steps},
               {"seeds", seeds},
               {"gap", analysis::mean(first) - analysis::mean(second)},
               {"interval_95", nullptr},
               {"t", nullptr},
               {"p_value", nullptr}};
  if (const auto test = analysis::paired_test(first, second)) {
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
        if (a.neuron != better || b.neuron != worse || a.time_steps != b.time_steps) continue;
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
      "cell,network,neuron,time_steps,seed,epochs,accuracy,firing_rate,synaptic_operations,macs,"
      "energy_paper_pj,energy_horowitz45nm_pj,training_seconds\n";
  for (const Cell& cell : cells) {
    const std::optional<Json> result = store.result(cell);
    if (!result) continue;
    const Json& r = *result;
    text += fmt::format(
        "\"{}\",{},{},{},{},{},{},{},{},{},{},{},{}\n", cell_name(cell),
        r["network"].get<std::string>(), r["neuron"].get<std::string>(), cell.time_steps, cell.seed,
        r["epochs"].get<int>(), r["accuracy"].get<double>(), r["firing_rate"].get<double>(),
        r["counted"]["total"]["synaptic_operations"].get<double>(),
        r["counted"]["total"]["macs"].get<double>(),
        r["counted"]["energy"][0]["energy_pj"].get<double>(),
        r["counted"]["energy"][1]["energy_pj"].get<double>(), r["seconds"].get<double>());
  }
  return text;
}

std::string plus_minus(const Json& spread, double scale) {
  const std::string middle = fmt::format("{:.2f}", scale * spread["mean"].get<double>());
  if (spread["standard_deviation"].is_null()) return middle;
  return middle + fmt::format(" ± {:.2f}", scale * spread["standard_deviation"].get<double>());
}

void print_tables(const Json& report) {
  Table table({{"neuron", Align::kLeft},
               {"T"},
               {"seeds"},
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
  print(table.text() + "\n");
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
  const int seeds = options.seeds > 0 ? options.seeds : workload.seeds;
  std::vector<Cell> cells = cell_grid(workload, time_steps, seeds);
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
  const Output output(options);
  const Json report = report_json(options, store, cells);
  output.write_json(report);
  output.write("report.csv", csv(store, cells));
  if (!options.json) print_tables(report);
  print_outcome(options, output, report);
  return complete ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
