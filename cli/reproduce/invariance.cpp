// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike reproduce invariance (the paper's Eq. 15-17): the re-parameterised network is the
// trained one, spike by spike, on a whole test set and for every network. Goes on after an
// interruption picture by picture: what was compared is in proof.json beside each cell.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "console.h"
#include "format.h"
#include "proof.h"
#include "reproduce/reproduction.h"
#include "table.h"
#include "trispike/data/sample.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"
#include "trispike/model/safetensors.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

/// Pictures compared between two writings of proof.json.
constexpr std::int64_t kChunk = 64;
/// Tiny shows that it works: not the whole test set.
constexpr std::int64_t kTinyPictures = 64;

struct NetworkProof {
  Cell cell;
  std::int64_t pictures = 0;  ///< of the test set
  InvarianceProof proof;
  std::string of = {};  ///< identity(): of other things nothing is proven
};

Json proof_json(const InvarianceProof& proof, std::int64_t pictures) {
  return {{"pictures", pictures},
          {"compared", proof.samples},
          {"spikes", proof.spikes},
          {"differing_spikes", proof.differing_spikes},
          {"first_layer", proof.first_layer},
          {"largest_logit_difference", proof.largest_logit_difference}};
}

/// What an earlier run compared, and how many pictures its test set had.
NetworkProof earlier(const Cell& cell, const std::string& path) {
  NetworkProof network{cell, 0, {}};
  std::ifstream file(path);
  if (!file) return network;
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return network;
  network.of = json.value("of", "");
  InvarianceProof& proof = network.proof;
  network.pictures = json.value("pictures", std::int64_t{0});
  proof.samples = json.value("compared", std::int64_t{0});
  proof.spikes = json.value("spikes", std::int64_t{0});
  proof.differing_spikes = json.value("differing_spikes", std::int64_t{0});
  proof.first_layer = json.value("first_layer", "");
  // JSON has no infinity: it was written as null.
  const Json difference = json.value("largest_logit_difference", Json(nullptr));
  proof.largest_logit_difference = difference.is_number() ? difference.get<double>() : INFINITY;
  return network;
}

void add(InvarianceProof& sum, const InvarianceProof& more) {
  sum.samples += more.samples;
  sum.spikes += more.spikes;
  sum.differing_spikes += more.differing_spikes;
  if (sum.first_layer.empty()) sum.first_layer = more.first_layer;
  sum.largest_logit_difference =
      std::max(sum.largest_logit_difference, more.largest_logit_difference);
}

/// Compares the pictures that were not compared before. False if interrupted.
bool prove(const CellStore& store, const ReproduceOptions& options, NetworkProof& network) {
  const std::string path = store.folder(network.cell) + "/proof.json";
  const std::string checkpoint = store.checkpoint(network.cell);
  const model::ModelData trained = model::read_model(checkpoint);
  const model::ModelData folded = model::fold(trained);
  DatasetOptions data = options.data;
  data.split = "test";
  data.limit = options.scale == "tiny" ? kTinyPictures : 0;
  const Samples samples = open_for(trained, checkpoint, data);
  const data::SamplePreparer preparer(train::sample_form(trained.network, trained.preprocessing));
  const std::int64_t pictures = samples.dataset->size();
  const std::string of = identity(checkpoint, *samples.dataset);
  network = earlier(network.cell, path);
  // Of something else nothing is proven, and a proof that failed may hold now.
  const bool goes_on = network.pictures == pictures && network.of == of && network.proof.holds();
  if (!goes_on) network = {network.cell, pictures, {}, of};
  if (network.proof.samples >= network.pictures) return true;
  Progress progress("prove " + trained.network.name, network.pictures, "images", options.data.quiet,
                    network.proof.samples);
  while (network.proof.samples < network.pictures) {
    if (interrupted()) return false;
    const std::int64_t end = std::min(network.pictures, network.proof.samples + kChunk);
    std::vector<std::vector<float>> inputs;
    for (std::int64_t i = network.proof.samples; i < end; ++i) {
      inputs.push_back(preparer.prepare(*samples.dataset, i));
    }
    add(network.proof, prove_invariance(trained, folded, inputs));
    Json json = proof_json(network.proof, network.pictures);
    json["of"] = of;
    model::write_text_atomically(path, json.dump(2) + "\n");
    progress.update(network.proof.samples);
  }
  progress.finish();
  return true;
}

std::string verdict(const NetworkProof& network) {
  if (network.proof.samples < network.pictures || network.pictures == 0) return "not finished";
  return network.proof.holds() ? "identical" : "differs";
}

report::Page make_page(const ReproduceOptions& options, const CellStore& store,
                       const std::vector<NetworkProof>& networks) {
  std::int64_t spikes = 0, differing = 0, pictures = 0;
  double largest = 0;
  for (const NetworkProof& network : networks) {
    spikes += network.proof.spikes;
    differing += network.proof.differing_spikes;
    pictures += network.proof.samples;
    largest = std::max(largest, network.proof.largest_logit_difference);
  }
  report::Page page("Folding changes nothing",
                    fmt::format("The paper's Eq. 15-17 on the test set of {}, scale {}",
                                options.dataset, options.scale));
  page.tiles({{grouped(spikes), "spikes compared", "trained against folded network"},
              {grouped(differing), "differ", "of them"},
              {fmt::format("{:.1e}", largest), "largest difference of a logit", "in float64"},
              {grouped(pictures), "pictures", "over all networks"}});
  page.section("Network by network",
               "The trained network, with its amplitudes and batch norms, run by LibTorch; the "
               "folded one, whose spikes are -1, 0 and 1 and whose layers add, run by the runtime. "
               "Both in float64: a spiking network is chaotic, so in float32 rounding alone flips "
               "some spikes of some pictures.");
  report::HtmlTable table{{"network", "neuron", "result", "pictures", "of", "spikes", "differing",
                           "largest logit difference"},
                          {},
                          3};
  for (const NetworkProof& network : networks) {
    table.rows.push_back({network.cell.network.empty() ? "" : network.cell.network,
                          std::string(kind_label(network.cell.neuron)), verdict(network),
                          grouped(network.proof.samples), grouped(network.pictures),
                          grouped(network.proof.spikes), grouped(network.proof.differing_spikes),
                          fmt::format("{:.1e}", network.proof.largest_logit_difference)});
  }
  page.table(table);
  std::vector<std::string> deviations = store.workload().deviations;
  deviations.emplace_back(
      "The paper derives the invariance for a convolution; here it is checked for whole networks, "
      "with identity shortcuts, pools and batch norms folded as well.");
  deviations.emplace_back(
      "Networks are trained for one epoch on 1,000 pictures, so that amplitudes and statistics are "
      "not those of the start; how well they classify is of no account here.");
  add_setting(page, options, deviations);
  return page;
}

}  // namespace

int reproduce_invariance(const ReproduceOptions& options) {
  require_data(options, "pictures to compare the networks on");
  // Trained a little only: what is checked is arithmetic, not accuracy.
  Workload workload = find_workload(options.dataset, "tiny");
  workload.scale = options.scale;
  std::vector<std::string> settings = options.settings;
  if (options.scale != "tiny") {
    settings.insert(settings.begin(),
                    options.scale == "small" ? "network.width=16" : "network.width=0");
  }
  const int time_steps =
      options.time_steps.empty() ? workload.time_steps.front() : options.time_steps.front();
  workload.deviations.erase(workload.deviations.begin());
  const CellStore store(options.out + "/invariance", workload, settings);
  std::vector<NetworkProof> networks;
  std::vector<Cell> cells;
  for (const model::NetworkEntry& entry : model::networks()) {
    cells.push_back({model::NeuronKind::kTrainableTernary, time_steps, 0, std::string(entry.name)});
  }
  // With --cell only these are proven now; the report tells of all.
  std::vector<Cell> chosen;
  for (const std::string& name : options.cells) {
    chosen.push_back(parse_cell(name));
    if (std::find(cells.begin(), cells.end(), chosen.back()) != cells.end()) continue;
    throw ConfigError("--cell", "'" + name + "' is not of this grid, expected such as " +
                                    cell_name(cells.front()));
  }
  if (chosen.empty()) chosen = cells;
  bool complete = train_cells(store, chosen, options);
  for (const Cell& cell : cells) {
    networks.push_back({cell, 0, {}});
    if (!store.result(cell)) continue;
    const bool now = complete && std::find(chosen.begin(), chosen.end(), cell) != chosen.end();
    if (!now) {
      networks.back() = earlier(cell, store.folder(cell) + "/proof.json");
    } else if (!prove(store, options, networks.back())) {
      print_note("stopped; the same command goes on");
      complete = false;
    }
  }
  Json list = Json::array();
  std::string csv = "network,pictures,compared,spikes,differing_spikes,largest_logit_difference\n";
  Table table(
      {{"network", Align::kLeft}, {"pictures"}, {"spikes"}, {"differing"}, {"logits within"}});
  bool holds = true;
  bool finished = true;
  for (const NetworkProof& network : networks) {
    Json json = proof_json(network.proof, network.pictures);
    json["network"] = network.cell.network;
    list.push_back(json);
    csv += fmt::format("{},{},{},{},{},{}\n", network.cell.network, network.pictures,
                       network.proof.samples, network.proof.spikes, network.proof.differing_spikes,
                       network.proof.largest_logit_difference);
    table.add_row({network.cell.network, grouped(network.proof.samples),
                   grouped(network.proof.spikes), grouped(network.proof.differing_spikes),
                   fmt::format("{:.1e}", network.proof.largest_logit_difference)});
    holds = holds && network.proof.holds();
    finished = finished && network.pictures > 0 && network.proof.samples == network.pictures;
  }
  const Json report = {{"reproduces", "Eq. 15-17"},  {"dataset", options.dataset},
                       {"scale", options.scale},     {"deviations", workload.deviations},
                       {"holds", holds && finished}, {"networks", list}};
  publish(options, make_page(options, store, networks), report, csv, table.text());
  if (!holds) throw Error("folding changed a network: see " + report_folder(options));
  return complete ? kSuccess : kInterrupted;
}

}  // namespace trispike::cli
