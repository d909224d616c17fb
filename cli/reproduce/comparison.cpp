// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce comparison (the paper's Tables 2 to 4): every row, and ours where a run
// exists.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

#include "console.h"
#include "format.h"
#include "reproduce/reproduction.h"
#include "table.h"
#include "trispike/analysis/paper.h"
#include "trispike/analysis/statistics.h"
#include "trispike/model/error.h"
#include "trispike/report/charts.h"

namespace trispike::cli {
namespace {

/// A row of the paper that we could have trained, as a key.
using RowKey =
    std::tuple<std::string, std::string, std::string, int>;  // dataset, network, method, T

/// Finished runs of one row at one scale.
struct Ours {
  std::vector<double> accuracies;
  int epochs = 0;
  std::string cell;
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// All finished cells under DIR/cells, by row and scale.
std::map<RowKey, std::map<std::string, Ours>> finished_runs(const std::string& out) {
  namespace fs = std::filesystem;
  std::map<RowKey, std::map<std::string, Ours>> runs;
  const fs::path root = fs::path(out) / "cells";
  if (!fs::exists(root)) return runs;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() == "cell.json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const Json cell = read_cell(file.string());
    if (cell["neuron"] == "ann") continue;
    if (!cell.value("fold", Json()).is_null()) continue;  // another test set than the paper's
    const Workload workload = find_workload(cell["dataset"], cell["scale"]);
    const auto kind = model::neuron_kind_from_string(cell["neuron"].get<std::string>());
    const RowKey key = {workload.paper_dataset, lower(cell["network"].get<std::string>()),
                        std::string(paper_method(kind)), cell["time_steps"].get<int>()};
    Ours& ours = runs[key][workload.scale];
    ours.accuracies.push_back(cell["accuracy"].get<double>());
    ours.epochs = cell["epochs"].get<int>();
    ours.cell = cell["cell"].get<std::string>();
  }
  return runs;
}

std::string_view kind_of(std::string_view method) {
  return method == "Binary Spike"    ? "binary"
         : method == "Ternary Spike" ? "ternary"
                                     : "trainable_ternary";
}

std::string command_of(const analysis::PaperAccuracy& row) {
  const std::string network = lower(row.network);
  const std::string dataset = dataset_of_paper(row.dataset);
  // The recipes name a network each; another one is named by the cell.
  const bool own =
      embedded_recipe(find_workload(dataset, "full").recipe).find('"' + network + '"') !=
      std::string_view::npos;
  return fmt::format(
      "trispike reproduce ablation --dataset {} --scale full --data PATH --cell {}{},T={},seed=0",
      dataset, own ? "" : network + ",", kind_of(row.method), row.time_steps);
}

struct Row {
  analysis::PaperAccuracy paper;
  std::map<std::string, Ours> ours;  ///< by scale
};

std::string ours_text(const Row& row) {
  std::string text;
  for (const auto& [scale, ours] : row.ours) {
    text +=
        fmt::format("{}{:.2f}", text.empty() ? "" : "; ", 100 * analysis::mean(ours.accuracies));
    if (const auto deviation = analysis::standard_deviation(ours.accuracies)) {
      text += fmt::format(" ± {:.2f}", 100 * *deviation);
    }
    text += fmt::format(" ({}, {} epoch{})", scale, ours.epochs, ours.epochs == 1 ? "" : "s");
  }
  return text;
}

std::string why_different(const Row& row) {
  if (row.ours.empty()) return row.paper.own() ? "not run yet" : "another group's method";
  if (row.ours.count("full") != 0) return "";
  return "narrower network, far fewer epochs";
}

Json row_json(const Row& row) {
  Json ours = Json::array();
  for (const auto& [scale, runs] : row.ours) {
    const auto deviation = analysis::standard_deviation(runs.accuracies);
    ours.push_back({{"scale", scale},
                    {"epochs", runs.epochs},
                    {"runs", runs.accuracies.size()},
                    {"accuracy", analysis::mean(runs.accuracies)},
                    {"standard_deviation", deviation ? Json(*deviation) : Json(nullptr)}});
  }
  return {{"table", row.paper.table},
          {"dataset", row.paper.dataset},
          {"method", row.paper.method},
          {"type", row.paper.type},
          {"network", row.paper.network},
          {"time_steps", row.paper.time_steps},
          {"paper_accuracy", row.paper.accuracy / 100},
          {"paper_standard_deviation",
           row.paper.deviation ? Json(*row.paper.deviation / 100) : Json(nullptr)},
          {"ours", ours},
          {"command", row.paper.own() ? Json(command_of(row.paper)) : Json(nullptr)}};
}

/// The best accuracy per method of one data set, as the paper has it.
report::Drawing best_plot(const std::vector<Row>& rows, std::string_view dataset) {
  report::BarChart chart{"Best accuracy on " + std::string(dataset),
                         {},
                         {},
                         "%, as the paper prints it; line: ours",
                         100.0};
  std::vector<const Row*> best;
  for (const Row& row : rows) {
    if (row.paper.dataset != dataset || row.paper.table == 1) continue;
    const auto same = std::find_if(best.begin(), best.end(), [&](const Row* other) {
      return other->paper.method == row.paper.method;
    });
    if (same == best.end()) {
      best.push_back(&row);
    } else if ((*same)->paper.accuracy < row.paper.accuracy) {
      *same = &row;
    }
  }
  for (const Row* row : best) {
    report::BarChart::Row bar{std::string(row->paper.method),
                              {row->paper.accuracy},
                              {},
                              {},
                              fmt::format("{:.2f}", row->paper.accuracy),
                              fmt::format("{}, T = {}", row->paper.network, row->paper.time_steps)};
    for (const Row& other : rows) {
      if (other.paper.method != row->paper.method || other.paper.dataset != dataset) continue;
      for (const auto& [scale, ours] : other.ours) {
        bar.mark = std::max(bar.mark.value_or(0), 100 * analysis::mean(ours.accuracies));
      }
    }
    chart.rows.push_back(std::move(bar));
  }
  return draw(chart);
}

report::Page make_page(const ReproduceOptions& options, const std::vector<Row>& rows) {
  const auto run_count =
      std::count_if(rows.begin(), rows.end(), [](const Row& row) { return !row.ours.empty(); });
  report::Page page(
      "The paper's tables, row by row",
      fmt::format("{} accuracies in Tables 1 to 4; {} of them have runs of ours in {}", rows.size(),
                  run_count, printable(options.out)));
  page.section("Best accuracy per method");
  page.plots("best", {best_plot(rows, "CIFAR-10"), best_plot(rows, "CIFAR-100"),
                      best_plot(rows, "ImageNet"), best_plot(rows, "CIFAR10-DVS")});
  constexpr const char* kTitles[] = {"Table 1: ablation on ImageNet",
                                     "Table 2: CIFAR-10 and CIFAR-100", "Table 3: ImageNet",
                                     "Table 4: CIFAR10-DVS"};
  for (int number = 1; number <= 4; ++number) {
    page.section(kTitles[number - 1]);
    report::HtmlTable table{
        {"method", "network", "T", "paper %", "trispike %", "why different", "data set", "type"},
        {},
        2};
    for (const Row& row : rows) {
      if (row.paper.table != number) continue;
      std::string paper = fmt::format("{:.2f}", row.paper.accuracy);
      if (row.paper.deviation) paper += fmt::format(" ± {:.2f}", *row.paper.deviation);
      table.rows.push_back({std::string(row.paper.method), std::string(row.paper.network),
                            std::to_string(row.paper.time_steps), paper, ours_text(row),
                            why_different(row), std::string(row.paper.dataset),
                            std::string(row.paper.type)});
    }
    page.table(table);
  }
  page.section("How to run a missing row",
               "Each row of the paper's own methods is one cell of the ablation; report.json and "
               "report.csv hold the command of every row. For example:");
  for (const Row& row : rows) {
    if (row.paper.own() && row.ours.empty() && row.paper.table == 2) {
      page.code(command_of(row.paper));
      break;
    }
  }
  add_setting(page, options,
              {"Rows of other groups' methods are the paper's figures; this program does not train "
               "those methods.",
               "Ours are test accuracies of the last epoch; the paper does not say whether its "
               "figures are those of the best epoch on the test set."});
  return page;
}

}  // namespace

int reproduce_comparison(const ReproduceOptions& options) {
  const auto runs = finished_runs(options.out);
  std::vector<Row> rows;
  for (const analysis::PaperAccuracy& paper : analysis::paper_accuracies()) {
    Row row{paper, {}};
    const auto found = runs.find({std::string(paper.dataset), lower(paper.network),
                                  std::string(paper.method), paper.time_steps});
    if (paper.own() && found != runs.end()) row.ours = found->second;
    rows.push_back(std::move(row));
  }
  Json list = Json::array();
  std::string csv =
      "table,dataset,method,type,network,time_steps,paper_accuracy,ours,why_different,command\n";
  for (const Row& row : rows) {
    list.push_back(row_json(row));
    csv += report::csv_line({std::to_string(row.paper.table), std::string(row.paper.dataset),
                             std::string(row.paper.method), std::string(row.paper.type),
                             std::string(row.paper.network), std::to_string(row.paper.time_steps),
                             fmt::format("{:.2f}", row.paper.accuracy), ours_text(row),
                             why_different(row), row.paper.own() ? command_of(row.paper) : ""});
  }
  const Json report = {{"reproduces", "Tables 1 to 4"}, {"rows", list}};
  publish(options, make_page(options, rows), report, csv);
  return kSuccess;
}

}  // namespace trispike::cli
