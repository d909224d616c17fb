// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike count: what one picture costs, counted while the runtime classifies a data set.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "commands.h"
#include "counts_json.h"
#include "dataset_run.h"
#include "format.h"
#include "json.h"
#include "table.h"
#include "trispike/analysis/energy.h"
#include "trispike/analysis/summary.h"
#include "trispike/model/model_data.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string model;
  DatasetOptions data;
  bool json = false;
};

struct Report {
  std::string arithmetic;
  analysis::Summary summary;
  std::optional<analysis::PaperEstimate> estimate;  ///< none for a network without spikes
  std::int64_t skipped = 0;                         ///< samples left out by --skip-bad
  std::string fold;                                 ///< of Samples
};

Json neuron_json(const analysis::NeuronSummary& layer) {
  return {{"layer", layer.layer},
          {"neurons", layer.neurons},
          {"firing_rate", layer.firing_rate},
          {"positive_rate", layer.positive_rate},
          {"negative_rate", layer.negative_rate},
          {"positive_rate_at", layer.positive_rate_at},
          {"negative_rate_at", layer.negative_rate_at},
          {"sign_operations", layer.sign_operations},
          {"membrane_updates", layer.membrane_updates}};
}

Json report_json(const Options& options, const Report& report) {
  const analysis::Summary& summary = report.summary;
  Json neurons = Json::array();
  for (const analysis::NeuronSummary& layer : summary.neuron_layers) {
    neurons.push_back(neuron_json(layer));
  }
  return {{"model", options.model},
          {"arithmetic", report.arithmetic},
          {"data", options.data.path},
          {"split", options.data.split},
          {"fold", report.fold.empty() ? Json(nullptr) : Json(report.fold)},
          {"samples", summary.samples},
          {"skipped", report.skipped},
          {"time_steps", summary.time_steps},
          {"neurons", summary.neurons},
          {"firing_rate", summary.firing_rate},
          {"positive_rate", summary.positive_rate},
          {"negative_rate", summary.negative_rate},
          {"neuron_layers", neurons},
          {"synapse_layers", synapses_json(summary)},
          {"synaptic_operations_at", summary.synaptic_operations_at},
          {"total", counts_json(summary.total)},
          {"energy", energies_json(summary.total)},
          {"paper_estimate", estimate_json(report.estimate, summary.time_steps)}};
}

std::string neuron_table(const analysis::Summary& summary) {
  Table table({{"neuron layer", Align::kLeft},
               {"neurons"},
               {"firing rate"},
               {"positive"},
               {"negative"},
               {"signs"},
               {"membrane updates"}});
  for (const analysis::NeuronSummary& layer : summary.neuron_layers) {
    table.add_row({layer.layer, grouped(layer.neurons), percent(layer.firing_rate),
                   percent(layer.positive_rate), percent(layer.negative_rate),
                   grouped(layer.sign_operations), grouped(layer.membrane_updates)});
  }
  table.add_rule();
  table.add_row({"all", grouped(summary.neurons), percent(summary.firing_rate),
                 percent(summary.positive_rate), percent(summary.negative_rate),
                 grouped(summary.total.sign_operations), grouped(summary.total.membrane_updates)});
  return table.text();
}

std::string synapse_table(const analysis::Summary& summary) {
  Table table({{"layer", Align::kLeft},
               {"dense operations"},
               {"MACs"},
               {"synaptic operations"},
               {"of dense"}});
  const auto add = [&](const std::string& name, double dense, double macs, double synaptic) {
    table.add_row({name, grouped(dense), grouped(macs), grouped(synaptic),
                   dense > 0 ? percent((macs + synaptic) / dense) : ""});
  };
  for (const analysis::SynapseSummary& layer : summary.synapse_layers) {
    add(layer.layer, layer.dense_operations, layer.macs, layer.synaptic_operations);
  }
  table.add_rule();
  const analysis::Counts& total = summary.total;
  add("all", total.dense_operations, total.macs, total.synaptic_operations);
  return table.text();
}

std::string time_step_line(const analysis::Summary& summary) {
  std::string line = "synaptic operations by time step:";
  for (const double operations : summary.synaptic_operations_at) line += " " + grouped(operations);
  return line + "\n";
}

std::string energy_table(const Report& report) {
  Table table({{"energy of one picture", Align::kLeft}, {"energy"}, {"", Align::kLeft}});
  for (const analysis::EnergyModel& model : analysis::energy_models()) {
    table.add_row({fmt::format("counted, {}", model.name),
                   energy(analysis::energy_pj(model, report.summary.total)),
                   std::string(model.summary)});
  }
  if (report.estimate) {
    const analysis::PaperEstimate& estimate = *report.estimate;
    table.add_row({"the paper's estimate", energy(estimate.energy_pj),
                   fmt::format("s x T x A = {:.4f} x {} x {} = {} SOPs, {} FLOPs, {} signs",
                               estimate.firing_rate, report.summary.time_steps,
                               scaled(estimate.additions), scaled(estimate.synaptic_operations),
                               scaled(estimate.flops), scaled(estimate.sign_operations))});
  }
  return table.text();
}

void print_report(const Options& options, const Report& report) {
  print(fmt::format("{} in {}, {} pictures of {}, {} time steps; operations of one picture\n\n",
                    printable(options.model), report.arithmetic, grouped(report.summary.samples),
                    printable(options.data.path), report.summary.time_steps));
  if (!report.summary.neuron_layers.empty()) {
    print(neuron_table(report.summary) + "\n");
  }
  print(synapse_table(report.summary) + time_step_line(report.summary) + "\n" +
        energy_table(report));
}

int run_count(const Options& options) {
  const model::ModelData file = model::read_model(options.model);
  const runtime::Model model = runtime::Model::from(file, {.event_driven = true});
  const DatasetRun run = run_on_dataset(model, file, options.model, options.data, "count");
  Report report;
  report.arithmetic = runtime::to_string(model.arithmetic());
  report.skipped = run.skipped;
  report.fold = run.fold;
  report.summary = analysis::summarize(model.network(), run.activity);
  if (report.summary.neurons > 0) {
    report.estimate = analysis::paper_estimate(file.network, file.stage, report.summary);
  }
  if (options.json) {
    print_json(report_json(options, report));
  } else {
    print_report(options, report);
  }
  return kSuccess;
}

}  // namespace

Command add_count(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "count", "Count spikes, operations and energy of a model on a data set");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "A model file or checkpoint")->required();
  add_dataset_options(*app, options->data);
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "Counts are means over the pictures; docs/energy.md defines them and names the sources of "
      "the\n"
      "energy figures.\n"
      "Example:\n"
      "  trispike count model.safetensors --data cifar-10-images.tar --limit 1000");
  return {app, [options] { return run_count(*options); }};
}

}  // namespace trispike::cli
