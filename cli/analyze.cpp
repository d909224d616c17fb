// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike analyze: what the neurons of a model do on a data set, as a report to look at and as
// figures.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "analysis_plots.h"
#include "analysis_run.h"
#include "commands.h"
#include "counts_json.h"
#include "format.h"
#include "table.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string model;
  DatasetOptions data;
  std::string out = "analysis";
  std::vector<std::string> rasters;
  std::int64_t sample = 0;
  bool png = false;
  bool json = false;
};

std::int64_t sum_of(const AnalysisRun& run, std::int64_t analysis::LayerStatistics::*count) {
  std::int64_t sum = 0;
  for (const auto& layer : run.layers) sum += layer.*count;
  return sum;
}

/// Bits that all spikes of one picture carry at most, neuron by neuron.
double spike_bits(const AnalysisRun& run) {
  double bits = 0;
  for (const auto& layer : run.layers) {
    for (const auto& step : layer.steps) {
      bits += step.neuron_entropy * static_cast<double>(layer.shape.elements());
    }
  }
  return bits;
}

Json report_json(const Options& options, const AnalysisRun& run, const model::ModelData& file,
                 const std::vector<std::string>& files) {
  return {{"model", options.model},
          {"data", options.data.path},
          {"split", options.data.split},
          {"fold", run.fold.empty() ? Json(nullptr) : Json(run.fold)},
          {"samples", run.samples},
          {"skipped", run.skipped},
          {"accuracy", run.accuracy()},
          {"network", file.network.name},
          {"time_steps", run.summary.time_steps},
          {"neurons", run.summary.neurons},
          {"firing_rate", run.summary.firing_rate},
          {"dead", sum_of(run, &analysis::LayerStatistics::dead)},
          {"saturated", sum_of(run, &analysis::LayerStatistics::saturated)},
          {"histogram_axis",
           {{"range_in_thresholds", analysis::kPotentialRange},
            {"bins_per_threshold", analysis::kBinsPerThreshold}}},
          {"layers", layers_json(run, file)},
          {"synapse_layers", work_json(run)},
          {"synaptic_operations_at", run.summary.synaptic_operations_at},
          {"total", counts_json(run.summary.total)},
          {"energy", energies_json(run.summary.total)},
          {"paper_estimate", estimate_json(run.estimate, run.summary.time_steps)},
          {"files", files}};
}

report::HtmlTable layer_table(const AnalysisRun& run, const model::ModelData& file) {
  report::HtmlTable table;
  table.columns = {"layer",      "map",    "threshold", "amplitude", "rate %",
                   "± samples",  "dead",   "saturated", "u mean",    "u sd",
                   "spike bits", "(bias)", "pooled",    "capacity",  "u bits"};
  table.text_columns = 2;
  for (const auto& layer : run.layers) {
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const analysis::StepStatistics& s = layer.steps[t];
      const auto amplitude = amplitude_of(file, layer.layer);
      table.rows.push_back({fmt::format("{}, t = {}", layer.layer, t + 1),
                            map_size(layer.shape.channels, layer.shape.height, layer.shape.width),
                            fmt::format("{:g}", layer.neuron.threshold),
                            amplitude ? fmt::format("{:.3f}", *amplitude) : "",
                            fmt::format("{:.2f}", 100 * (s.positive_rate + s.negative_rate)),
                            fmt::format("{:.2f}", 100 * s.rate_deviation), grouped(layer.dead),
                            grouped(layer.saturated), fmt::format("{:.3f}", s.potential.mean),
                            fmt::format("{:.3f}", s.potential.standard_deviation),
                            fmt::format("{:.3f}", s.neuron_entropy),
                            fmt::format("{:.4f}", s.entropy_bias),
                            fmt::format("{:.3f}", s.pooled_entropy),
                            fmt::format("{:.3f}", analysis::spike_capacity_bits(layer.neuron)),
                            fmt::format("{:.2f}", s.potential_entropy)});
    }
  }
  return table;
}

report::Page make_page(const Options& options, const AnalysisRun& run,
                       const model::ModelData& file) {
  const analysis::Counts& total = run.summary.total;
  const analysis::EnergyModel& paper = analysis::energy_model("paper");
  report::Page page(
      fmt::format("What {} does", file.network.name),
      fmt::format("{} on {} pictures of {} ({} split), {} time step{}", printable(options.model),
                  grouped(run.samples), printable(options.data.path), options.data.split,
                  run.summary.time_steps, run.summary.time_steps == 1 ? "" : "s"));
  page.tiles(
      {{percent(run.accuracy()), "accuracy", fmt::format("of {} pictures", grouped(run.samples))},
       {percent(run.summary.firing_rate), "firing rate",
        fmt::format("of {} neurons", grouped(run.summary.neurons))},
       {scaled(total.synaptic_operations), "synaptic operations",
        total.dense_operations > 0 ? fmt::format("a picture; {} of dense",
                                                 percent((total.synaptic_operations + total.macs) /
                                                         total.dense_operations))
                                   : "a picture"},
       {energy(analysis::energy_pj(paper, total)), "energy", "a picture, the paper's unit costs"},
       {percent(static_cast<double>(sum_of(run, &analysis::LayerStatistics::dead)) /
                static_cast<double>(run.summary.neurons)),
        "dead neurons", "never fired"},
       {scaled(spike_bits(run)) + "bit", "in the spikes", "of a picture, at most"}});

  const std::vector<report::Drawing> cards = spike_pictures(run, file);
  page.section("One picture through the network",
               "The input and the spikes of each layer, in the order of execution: some of its "
               "feature maps side by side, blue +1, orange −1, grey silent.");
  page.plots("spikes", cards);

  page.section("Rates",
               "Bars are means over samples and time steps; the black line is the standard "
               "deviation over samples. A neuron is dead if it never fired, saturated if it fired "
               "at every time step of every sample.");
  page.plots("rates", {rate_plot(run), idle_plot(run), rates_by_step(run)});

  page.section("Membrane potentials",
               "Just before firing, over all neurons of a layer and all samples, in units of the "
               "threshold (dashed). Moments are on the scale of the threshold's value.");
  page.plots("potentials", potential_plots(run));

  page.section(
      "Information",
      fmt::format(
          "Entropy of each neuron's spike over the samples, averaged over neurons: the plug-in "
          "estimator, which is too low by about (outcomes − 1) / (2 n ln 2), at most {:.4f} bits "
          "for n = {} samples. Summed over a map it is an upper bound of what the map can tell, "
          "for neurons are not independent. The line is the capacity, 1 bit or log2(3) = 1.585 "
          "bits (paper, Eq. 6).",
          2 / (2 * std::max(1.0, static_cast<double>(run.samples)) * 0.6931471805599453),
          grouped(run.samples)));
  std::vector<report::Drawing> information = {entropy_plot(run), potential_entropy_plot(run)};
  for (report::Drawing& plot : amplitude_plots(run, file)) information.push_back(std::move(plot));
  page.plots("information", information);

  page.section(
      "Work",
      "Synaptic operations: one weight added to one membrane potential because of one "
      "spike, counted while the runtime ran. The first layer multiplies. Behind an average pool "
      "each spike adds by itself, so the head can execute more than its dense operations.");
  page.plots("work", {operations_plot(run.summary), work_by_step(run), energy_by_layer(run),
                      time_step_plot(run.summary), energy_plot(total)});

  page.section("Raster",
               "Chosen neurons (their index in channels × height × width on the left) over samples "
               "spread over the data set.");
  page.plots("raster", raster_plots(run, run.summary.time_steps));

  page.section("All figures");
  page.table(layer_table(run, file),
             "u: membrane potential before firing; bits: entropy, of the spike per neuron and "
             "pooled over the layer, of u pooled at a resolution of 1/16 threshold");
  return page;
}

std::string text_report(const AnalysisRun& run, const model::ModelData& file) {
  Table table({{"layer", Align::kLeft},
               {"firing rate"},
               {"± samples"},
               {"dead"},
               {"saturated"},
               {"u mean"},
               {"u sd"},
               {"spike bits"},
               {"amplitude"}});
  for (const auto& layer : run.layers) {
    const analysis::StepStatistics& first = layer.steps.front();
    double bits = 0;
    for (const auto& step : layer.steps) bits += step.neuron_entropy / double(layer.steps.size());
    const auto amplitude = amplitude_of(file, layer.layer);
    table.add_row(
        {layer.layer, percent(layer.firing_rate), percent(layer.rate_deviation),
         grouped(layer.dead), grouped(layer.saturated), fmt::format("{:.3f}", first.potential.mean),
         fmt::format("{:.3f}", first.potential.standard_deviation), fmt::format("{:.3f}", bits),
         amplitude ? fmt::format("{:.3f}", *amplitude) : ""});
  }
  return table.text();
}

int run_analyze(const Options& options) {
  const model::ModelData file = model::read_model(options.model);
  AnalysisOptions analysis_options;
  analysis_options.shown_sample = options.sample;
  for (const std::string& text : options.rasters) {
    analysis_options.rasters.push_back(parse_raster(text, file.network));
  }
  if (options.rasters.empty()) analysis_options.rasters = default_rasters(file.network);
  const AnalysisRun run = analyse(file, options.model, options.data, analysis_options, "analyze");

  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) throw IoError(options.out + ": cannot be created: " + error.message());
  const auto path = [&](const std::string& name) { return options.out + "/" + name; };
  const report::Page page = make_page(options, run, file);
  std::vector<std::string> files = {"report.html", "report.json", "layers.csv", "histograms.csv",
                                    "operations.csv"};
  model::write_text_atomically(path("layers.csv"), layers_csv(run, file));
  model::write_text_atomically(path("histograms.csv"), histograms_csv(run));
  model::write_text_atomically(path("operations.csv"), operations_csv(run));
  if (options.png) {
    for (std::string& name : write_pngs(page, options.out)) files.push_back(std::move(name));
    files.emplace_back("network.png");
    model::write_text_atomically(
        path("network.png"),
        report::to_png(network_picture(spike_pictures(run, file), 5), report::Theme::kLight));
  }
  for (std::string& name : files) name = path(name);
  const Json json = report_json(options, run, file, files);
  model::write_text_atomically(path("report.json"),
                               json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  model::write_text_atomically(path("report.html"), page.html());
  if (options.json) {
    print_json(json);
  } else {
    print(text_report(run, file));
    print(fmt::format("\naccuracy {} on {} pictures, firing rate {}\nreport   {}\n",
                      percent(run.accuracy()), grouped(run.samples),
                      percent(run.summary.firing_rate), printable(path("report.html"))));
  }
  return kSuccess;
}

}  // namespace

Command add_analyze(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "analyze", "Look at spikes and membrane potentials of a model on a data set");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model, "A model file or checkpoint")->required();
  add_dataset_options(*app, options->data);
  app->add_option("--out", options->out, "Folder for the report (default: analysis)")
      ->type_name("DIR");
  app->add_option("--sample", options->sample,
                  "The picture whose spikes are drawn, counted from 0 (default: the first)")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 40))
      ->type_name("N");
  app->add_option("--raster", options->rasters,
                  "Neurons of the raster: LAYER, or LAYER:0,17,230 (default: some of the first, "
                  "the middle and the last layer)")
      ->expected(1, -1);
  app->add_flag("--png", options->png, "Also write each plot as a PNG, and the whole network");
  app->add_flag("--json", options->json, "Answer in JSON");
  app->footer(
      "Leaves in DIR: report.html (needs nothing else), report.json, layers.csv, histograms.csv, "
      "operations.csv.\nDefinitions: docs/analysis.md.\n"
      "Example:\n"
      "  trispike analyze model.safetensors --data cifar-10-images.tar --limit 1000 --out report");
  return {app, [options] { return run_analyze(*options); }};
}

}  // namespace trispike::cli
