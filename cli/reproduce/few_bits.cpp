// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "reproduce/few_bits.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "calibration.h"
#include "console.h"
#include "format.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"
#include "trispike/report/charts.h"
#include "trispike/train/evaluate.h"

namespace trispike::cli {
namespace {

/// Training pictures that give scales, here as in trispike export.
constexpr std::int64_t kCalibrationPictures = 256;

Json to_json(const std::optional<int>& bits) { return bits ? Json(*bits) : Json(nullptr); }

std::optional<int> optional_int(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int>();
}

/// What an earlier run measured, if it was of the same checkpoint and, unless `of` is empty, data.
std::vector<BitResult> earlier(const std::string& path, const std::string& checkpoint,
                               const std::string& of) {
  std::vector<BitResult> results;
  std::ifstream file(path);
  if (!file) return results;
  const Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.value("results", Json()).is_array()) return results;
  if (json.value("checkpoint", Json()) != checkpoint) return results;
  if (!of.empty() && json.value("of", Json()) != of) return results;
  for (const Json& entry : json["results"]) {
    if (!entry.is_object() || !entry.value("accuracy", Json()).is_number()) continue;
    results.push_back({{optional_int(entry, "weight_bits"), optional_int(entry, "activation_bits")},
                       entry.value("samples", std::int64_t{0}),
                       entry["accuracy"].get<double>()});
  }
  return results;
}

class Measurement {
 public:
  Measurement(const CellStore& store, const Cell& cell, const ReproduceOptions& options)
      : name_(store.checkpoint(cell)),
        title_(cell_name(cell)),
        trained_(model::read_model(name_)),
        test_(options.data),
        training_(options.data) {
    test_.split = "test";
    test_.limit = options.scale == "tiny" ? store.workload().counted_pictures : 0;
    training_.split = "train";
    training_.limit = kCalibrationPictures;
  }

  /// Of what the results are.
  std::string of() const { return identity(name_, *open_for(trained_, name_, test_).dataset); }

  BitResult measure(const Bits& bits) {
    const bool spikes = std::ranges::any_of(trained_.network.layers, [](const auto& layer) {
      const auto* neuron = std::get_if<model::NeuronLayer>(&layer.params);
      return neuron != nullptr && model::info(neuron->neuron.kind).spiking;
    });
    return spikes ? of_spiking(bits) : of_twin(bits);
  }

 private:
  std::string title(const Bits& bits) const { return title_ + ", " + name_of(bits); }

  BitResult of_spiking(const Bits& bits) {
    model::ModelData model = model::fold(trained_);
    if (bits.weights) {
      const Samples pictures = open_for(trained_, name_, training_);
      const model::Calibration calibration =
          calibrate(model, *pictures.dataset, pictures.dataset->size(), thread_count(training_),
                    [](std::int64_t) {});
      model = model::quantise(model, {.weight_bits = *bits.weights}, calibration);
    }
    const DatasetRun run =
        run_on_dataset(runtime::Model::from(model), model, name_, test_, title(bits));
    return {bits, run.samples, static_cast<double>(run.correct) / static_cast<double>(run.samples)};
  }

  BitResult of_twin(const Bits& bits) {
    train::EvaluationOptions options;
    options.threads = thread_count(test_);
    if (bits.weights) {
      options.post_training = {*bits.weights, bits.activations.value_or(*bits.weights),
                               open_for(trained_, name_, training_).dataset};
    }
    const Samples pictures = open_for(trained_, name_, test_);
    Progress progress(title(bits), pictures.dataset->size(), "images", test_.quiet);
    options.progress = [&](std::int64_t done, std::int64_t) { progress.update(done); };
    const train::EvaluationResult result = train::evaluate(trained_, pictures.dataset, options);
    progress.finish();
    return {bits, result.samples,
            static_cast<double>(result.correct) / static_cast<double>(result.samples)};
  }

  std::string name_, title_;
  model::ModelData trained_;
  DatasetOptions test_, training_;
};

}  // namespace

std::string name_of(const Bits& bits) {
  if (!bits.weights) return "float32";
  if (!bits.activations || bits.activations == bits.weights) {
    return fmt::format("{} bits", *bits.weights);
  }
  return fmt::format("{}-bit weights, {}-bit activations", *bits.weights, *bits.activations);
}

std::vector<Bits> bits_to_measure(const Cell& cell, const std::vector<int>& matched) {
  const bool spikes = model::info(cell.neuron).spiking;
  std::vector<Bits> all = {{}};
  for (const int bits : {8, 7, 6}) {
    all.push_back({bits, spikes ? std::nullopt : std::optional<int>(bits)});
  }
  constexpr int kWeightBits = 8;  // as analysis::TradeOff charges
  for (const int bits : matched) {
    const Bits wanted{kWeightBits, bits};
    if (!spikes && std::ranges::find(all, wanted) == all.end()) all.push_back(wanted);
  }
  return all;
}

std::vector<BitResult> measure_few_bits(const CellStore& store, const Cell& cell,
                                        const std::vector<Bits>& wanted,
                                        const ReproduceOptions& options, bool& complete) {
  const std::string path = store.folder(cell) + "/few_bits.json";
  std::optional<Measurement> measurement;
  std::string of;
  if (!options.data.path.empty() && !interrupted()) {
    measurement.emplace(store, cell, options);
    of = measurement->of();
  }
  const std::string checkpoint = identity(store.checkpoint(cell));
  std::vector<BitResult> known = earlier(path, checkpoint, of);
  std::vector<BitResult> results;
  for (const Bits& bits : wanted) {
    auto found = std::ranges::find(known, bits, &BitResult::bits);
    if (found == known.end() && measurement && !interrupted()) {
      try {
        known.push_back(measurement->measure(bits));
      } catch (const Error& error) {
        print_warning(cell_name(cell) + ", " + name_of(bits) + ": " + error.what());
        break;
      }
      const Json json = {{"checkpoint", checkpoint}, {"of", of}, {"results", few_bits_json(known)}};
      model::write_text_atomically(path, json.dump(2) + "\n");
      found = std::prev(known.end());
    }
    if (found != known.end()) results.push_back(*found);
    if (interrupted()) complete = false;
  }
  return results;
}

std::optional<double> accuracy_at(const std::vector<BitResult>& results, const Bits& bits) {
  const auto found = std::ranges::find(results, bits, &BitResult::bits);
  return found == results.end() ? std::nullopt : std::optional<double>(found->accuracy);
}

void add_few_bits(report::Page& page, const std::vector<NamedBits>& networks) {
  report::HtmlTable table{{"network", "bits", "accuracy %", "points lost", "test samples"}, {}, 2};
  report::BarChart chart{"Accuracy in few bits", {}, {}, "% of test samples", {}};
  for (const NamedBits& network : networks) {
    const std::optional<double> exact = accuracy_at(*network.results, {});
    for (const BitResult& result : *network.results) {
      const std::string accuracy = fmt::format("{:.2f}", 100 * result.accuracy);
      table.rows.push_back({network.network, name_of(result.bits), accuracy,
                            exact && result.bits.weights
                                ? fmt::format("{:+.2f}", 100 * (*exact - result.accuracy))
                                : "",
                            grouped(result.samples)});
      chart.rows.push_back({fmt::format("{}: {}", network.network, name_of(result.bits)),
                            {100 * result.accuracy},
                            {},
                            {},
                            accuracy,
                            {}});
    }
  }
  if (table.rows.empty()) return;
  page.section(
      "Accuracy in as many bits",
      "The whole test set. Spiking networks run in the runtime's integer arithmetic with weights "
      "of so many bits (docs/integer.md). The ANN twin is quantised as is usual after training: "
      "weights per output channel, activations per layer from 0 to 2^bits - 1 in the range with "
      "the least squared error, biases, sums and the picture as they are. Both take their scales "
      "from 256 training pictures and neither is trained again.");
  page.wide_plot("few-bits", draw(chart, 2 * report::kPlotWidth));
  page.table(table);
}

Json few_bits_json(const std::vector<BitResult>& results) {
  Json list = Json::array();
  for (const BitResult& result : results) {
    list.push_back({{"weight_bits", to_json(result.bits.weights)},
                    {"activation_bits", to_json(result.bits.activations)},
                    {"samples", result.samples},
                    {"accuracy", result.accuracy}});
  }
  return list;
}

}  // namespace trispike::cli
