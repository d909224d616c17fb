// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "analysis_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <sstream>

#include "console.h"
#include "steps.h"
#include "trispike/model/error.h"
#include "trispike/report/page.h"
#include "trispike/runtime/parallel.h"
#include "trispike/train/sample_form.h"

namespace trispike::cli {
namespace {

constexpr std::int64_t kRasterNeurons = 32;

struct SpikingLayer {
  std::string name;
  std::int64_t neurons;
};

std::vector<SpikingLayer> spiking_layers(const model::NetworkSpec& network) {
  const std::vector<model::LayerInfo> infos = model::infer(network);
  std::vector<SpikingLayer> layers;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto* neuron = std::get_if<model::NeuronLayer>(&network.layers[i].params);
    if (neuron == nullptr || !model::info(neuron->neuron.kind).spiking) continue;
    layers.push_back({network.layers[i].name, infos[i].shape.elements()});
  }
  return layers;
}

RasterChoice spread_over(const SpikingLayer& layer) {
  RasterChoice choice{layer.name, {}};
  const std::int64_t count = std::min(kRasterNeurons, layer.neurons);
  for (std::int64_t i = 0; i < count; ++i) {
    // Not all in one column of the map.
    const std::int64_t step = layer.neurons / count;
    choice.neurons.push_back(i * layer.neurons / count + 7 * i % step);
  }
  return choice;
}

/// Operations by layer and time step, sums over samples: what a session counts more after each
/// step.
class WorkByStep {
 public:
  explicit WorkByStep(int time_steps) : steps_(static_cast<std::size_t>(time_steps)) {}

  void add(int t, const model::Activity& activity) {
    auto& step = steps_[static_cast<std::size_t>(t)];
    step.resize(activity.synapses.size());
    before_.resize(activity.synapses.size());
    for (std::size_t i = 0; i < before_.size(); ++i) {
      const model::SynapseActivity& now = activity.synapses[i];
      step[i].macs += now.macs - before_[i].macs;
      step[i].synaptic_operations += now.synaptic_operations - before_[i].synaptic_operations;
      before_[i] = {now.macs, now.synaptic_operations};
    }
  }

  void merge(const WorkByStep& other) {
    for (std::size_t t = 0; t < steps_.size(); ++t) {
      steps_[t].resize(std::max(steps_[t].size(), other.steps_[t].size()));
      for (std::size_t i = 0; i < other.steps_[t].size(); ++i) {
        steps_[t][i].macs += other.steps_[t][i].macs;
        steps_[t][i].synaptic_operations += other.steps_[t][i].synaptic_operations;
      }
    }
  }

  std::vector<LayerWork> of_one_sample(const model::Activity& activity) const {
    const auto samples = static_cast<double>(activity.samples);
    std::vector<LayerWork> layers;
    for (std::size_t i = 0; i < activity.synapses.size(); ++i) {
      LayerWork& layer = layers.emplace_back(LayerWork{activity.synapses[i].layer, {}});
      for (const auto& step : steps_) {
        layer.steps.push_back({static_cast<double>(step[i].macs) / samples,
                               static_cast<double>(step[i].synaptic_operations) / samples});
      }
    }
    return layers;
  }

 private:
  struct Sum {
    std::int64_t macs = 0;
    std::int64_t synaptic_operations = 0;
  };
  std::vector<std::vector<Sum>> steps_;  // [T][layers]
  std::vector<Sum> before_;              // all that the session had counted
};

/// What one of the threads' sessions saw.
struct Seen {
  explicit Seen(const model::NetworkSpec& network)
      : distributions(network), work(network.time_steps) {}

  void merge(const Seen& other) {
    distributions.merge(other.distributions);
    work.merge(other.work);
  }

  analysis::Distributions distributions;
  WorkByStep work;
};

class PerSession {
 public:
  explicit PerSession(const model::NetworkSpec& network) : network_(network) {}

  Seen& of(const runtime::Session& session) {
    const std::lock_guard lock(mutex_);
    const auto found = parts_.find(&session);
    return (found != parts_.end() ? found : parts_.emplace(&session, network_).first)->second;
  }

  Seen merged() const {
    Seen all(network_);
    for (const auto& [session, part] : parts_) all.merge(part);
    return all;
  }

 private:
  const model::NetworkSpec& network_;
  std::mutex mutex_;
  std::map<const runtime::Session*, Seen> parts_;
};

/// "energy_pj" of the models, by name.
Json energy_json(const analysis::Counts& counts) {
  Json json = Json::object();
  for (const analysis::EnergyModel& model : analysis::energy_models()) {
    json[std::string(model.name)] = analysis::energy_pj(model, counts);
  }
  return json;
}

analysis::Counts counts_of(const StepWork& step) {
  analysis::Counts counts;
  counts.macs = step.macs;
  counts.synaptic_operations = step.synaptic_operations;
  return counts;
}

void keep(Raster& raster, const std::vector<model::SpikeRecord>& records, std::int64_t sample,
          int time_steps) {
  const auto record = std::find_if(records.begin(), records.end(),
                                   [&](const auto& r) { return r.layer == raster.choice.layer; });
  const std::size_t neurons = raster.choice.neurons.size();
  const std::size_t size = record->spikes.size() / static_cast<std::size_t>(time_steps);
  for (std::size_t t = 0; t < static_cast<std::size_t>(time_steps); ++t) {
    for (std::size_t i = 0; i < neurons; ++i) {
      raster.spikes[(static_cast<std::size_t>(sample) * static_cast<std::size_t>(time_steps) + t) *
                        neurons +
                    i] =
          record->spikes[t * size + static_cast<std::size_t>(raster.choice.neurons[i])];
    }
  }
}

Json step_json(const analysis::LayerStatistics& layer, std::size_t t) {
  const analysis::StepStatistics& step = layer.steps[t];
  const analysis::Counts counts = neuron_counts(layer, t);
  const double capacity = analysis::spike_capacity_bits(layer.neuron);
  return {{"positive_rate", step.positive_rate},
          {"negative_rate", step.negative_rate},
          {"rate_deviation", step.rate_deviation},
          {"potential",
           {{"mean", step.potential.mean},
            {"standard_deviation", step.potential.standard_deviation},
            {"skewness", step.potential.skewness},
            {"excess_kurtosis", step.potential.excess_kurtosis},
            {"least", step.potential.least},
            {"largest", step.potential.largest}}},
          {"histogram", step.histogram},
          {"sign_operations", counts.sign_operations},
          {"membrane_updates", counts.membrane_updates},
          {"energy_pj", energy_json(counts)},
          {"entropy",
           {{"spike_per_neuron", step.neuron_entropy},
            {"spike_per_neuron_bias", step.entropy_bias},
            {"spike_pooled", step.pooled_entropy},
            {"spike_capacity", capacity},
            {"potential_pooled", step.potential_entropy}}}};
}

}  // namespace

RasterChoice parse_raster(const std::string& text, const model::NetworkSpec& network) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  std::string names;
  for (const SpikingLayer& layer : spiking_layers(network)) {
    if (layer.name != name) {
      names.append(names.empty() ? "" : ", ").append(layer.name);
      continue;
    }
    if (colon == std::string::npos) return spread_over(layer);
    RasterChoice choice{name, {}};
    std::stringstream list(text.substr(colon + 1));
    for (std::string part; std::getline(list, part, ',');) {
      std::int64_t neuron = -1;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), neuron);
      if (error != std::errc{} || end != part.data() + part.size() || neuron < 0 ||
          neuron >= layer.neurons) {
        throw ConfigError("--raster", fmt::format("'{}' is no neuron of '{}', expected 0 to {}",
                                                  part, name, layer.neurons - 1));
      }
      choice.neurons.push_back(neuron);
    }
    if (choice.neurons.empty()) {
      throw ConfigError("--raster", "'" + text + "' names no neuron after the colon");
    }
    return choice;
  }
  throw ConfigError("--raster", "'" + name + "' is no spiking layer, expected one of " + names);
}

std::vector<RasterChoice> default_rasters(const model::NetworkSpec& network) {
  const std::vector<SpikingLayer> layers = spiking_layers(network);
  std::vector<RasterChoice> choices;
  for (const std::size_t i : {std::size_t{0}, layers.size() / 2, layers.size() - 1}) {
    if (i >= layers.size()) continue;
    const bool chosen = std::any_of(choices.begin(), choices.end(),
                                    [&](const auto& c) { return c.layer == layers[i].name; });
    if (!chosen) choices.push_back(spread_over(layers[i]));
  }
  return choices;
}

AnalysisRun analyse(const model::ModelData& file, const std::string& name,
                    const DatasetOptions& data, const AnalysisOptions& options,
                    const std::string& title) {
  const runtime::Model model = runtime::Model::from(file);
  if (spiking_layers(model.network()).empty()) {
    throw Error(name + ": has no spiking neurons to analyse (the ANN twin); see trispike count");
  }
  const data::SamplePreparer preparer(train::sample_form(model.network(), model.preprocessing()));
  const Samples opened = open_for(file, name, data);
  const data::Dataset& dataset = *opened.dataset;
  const int time_steps = model.network().time_steps;

  AnalysisRun run;
  run.samples = dataset.size();
  run.skipped = opened.skipped;
  run.fold = opened.fold;
  run.class_names = dataset.class_names();
  if (options.shown_sample >= run.samples) {
    throw ConfigError("--sample", fmt::format("is {}, but there are {} samples (counted from 0)",
                                              options.shown_sample, run.samples));
  }
  const std::int64_t raster_samples = std::min<std::int64_t>(options.raster_samples, run.samples);
  for (const RasterChoice& choice : options.rasters) {
    run.rasters.push_back(
        {choice, static_cast<int>(raster_samples),
         std::vector<std::int8_t>(static_cast<std::size_t>(raster_samples * time_steps) *
                                  choice.neurons.size())});
  }

  PerSession parts(model.network());
  std::atomic<std::int64_t> correct = 0;
  Progress progress(title, run.samples, "images", data.quiet);
  const model::Activity activity = runtime::for_each_sample(
      model, {.record_activity = true, .record_spikes = true, .record_potentials = true},
      run.samples, thread_count(data), [&](runtime::Session& session, std::int64_t i) {
        const std::vector<float> input = preparer.prepare(dataset, i);
        Seen& seen = parts.of(session);
        std::vector<double> sums(static_cast<std::size_t>(model.network().num_classes()));
        run_steps(session, model.network(), input, [&](int t, std::span<const double> logits) {
          for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += logits[k];
          seen.work.add(t, session.activity());
        });
        const std::int64_t answer = std::max_element(sums.begin(), sums.end()) - sums.begin();
        correct += answer == dataset.label(i) ? 1 : 0;
        seen.distributions.add(session.spikes(), session.potentials());
        if (i == options.shown_sample) {
          run.shown = {input, dataset.label(i), answer, session.spikes()};
        }
        // The samples after one another are of one class in most folders: take them spread out.
        const std::int64_t row = i * raster_samples / run.samples;
        if (row * run.samples / raster_samples +
                (row * run.samples % raster_samples != 0 ? 1 : 0) ==
            i) {
          for (Raster& raster : run.rasters) keep(raster, session.spikes(), row, time_steps);
        }
        progress.advance();
      });
  progress.finish();
  run.correct = correct;
  const Seen all = parts.merged();
  run.layers = all.distributions.statistics();
  run.work = all.work.of_one_sample(activity);
  run.summary = analysis::summarize(model.network(), activity);
  run.estimate = analysis::paper_estimate(file.network, file.stage, run.summary);
  return run;
}

std::optional<double> amplitude_of(const model::ModelData& file, const std::string& layer) {
  const auto found = file.tensors.find(layer + ".amplitude");
  if (found == file.tensors.end()) return std::nullopt;
  return found->second.to_double().front();
}

analysis::Counts neuron_counts(const analysis::LayerStatistics& layer, std::size_t t) {
  const analysis::StepStatistics& step = layer.steps[t];
  const auto neurons = static_cast<double>(layer.shape.elements());
  const double compared = model::info(layer.neuron.kind).negative_spikes ? 2 : 1;
  analysis::Counts counts;
  counts.sign_operations = compared * neurons * (step.positive_rate + step.negative_rate);
  counts.membrane_updates = neurons;
  return counts;
}

Json work_json(const AnalysisRun& run) {
  Json layers = Json::array();
  for (std::size_t i = 0; i < run.work.size(); ++i) {
    const analysis::SynapseSummary& sum = run.summary.synapse_layers[i];
    Json steps = Json::array();
    for (const StepWork& step : run.work[i].steps) {
      steps.push_back({{"macs", step.macs},
                       {"synaptic_operations", step.synaptic_operations},
                       {"energy_pj", energy_json(counts_of(step))}});
    }
    layers.push_back({{"layer", sum.layer},
                      {"macs", sum.macs},
                      {"synaptic_operations", sum.synaptic_operations},
                      {"dense_operations", sum.dense_operations},
                      {"steps", steps}});
  }
  return layers;
}

std::string operations_csv(const AnalysisRun& run) {
  std::string text = "layer,time_step,macs,synaptic_operations,sign_operations,membrane_updates";
  for (const analysis::EnergyModel& model : analysis::energy_models()) {
    text += "," + std::string(model.name) + "_pj";
  }
  text += "\n";
  const auto add = [&](const std::string& layer, std::size_t t, const analysis::Counts& counts) {
    text +=
        fmt::format("{},{},{},{},{},{}", report::csv_field(layer), t + 1, counts.macs,
                    counts.synaptic_operations, counts.sign_operations, counts.membrane_updates);
    for (const analysis::EnergyModel& model : analysis::energy_models()) {
      text += fmt::format(",{}", analysis::energy_pj(model, counts));
    }
    text += "\n";
  };
  for (const LayerWork& layer : run.work) {
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      add(layer.layer, t, counts_of(layer.steps[t]));
    }
  }
  for (const analysis::LayerStatistics& layer : run.layers) {
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      add(layer.layer, t, neuron_counts(layer, t));
    }
  }
  return text;
}

Json layers_json(const AnalysisRun& run, const model::ModelData& file) {
  Json layers = Json::array();
  for (const analysis::LayerStatistics& layer : run.layers) {
    Json steps = Json::array();
    for (std::size_t t = 0; t < layer.steps.size(); ++t) steps.push_back(step_json(layer, t));
    const std::optional<double> amplitude = amplitude_of(file, layer.layer);
    layers.push_back({{"layer", layer.layer},
                      {"shape", {layer.shape.channels, layer.shape.height, layer.shape.width}},
                      {"neurons", layer.shape.elements()},
                      {"threshold", layer.neuron.threshold},
                      {"amplitude", amplitude ? Json(*amplitude) : Json(nullptr)},
                      {"firing_rate", layer.firing_rate},
                      {"rate_deviation", layer.rate_deviation},
                      {"dead", layer.dead},
                      {"saturated", layer.saturated},
                      {"steps", steps}});
  }
  return layers;
}

std::string layers_csv(const AnalysisRun& run, const model::ModelData& file) {
  std::string text =
      "layer,channels,height,width,time_step,positive_rate,negative_rate,rate_deviation,dead,"
      "saturated,threshold,amplitude,potential_mean,potential_standard_deviation,skewness,"
      "excess_kurtosis,spike_entropy,spike_entropy_bias,spike_entropy_pooled,spike_capacity,"
      "potential_entropy\n";
  for (const analysis::LayerStatistics& layer : run.layers) {
    const std::optional<double> amplitude = amplitude_of(file, layer.layer);
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const analysis::StepStatistics& s = layer.steps[t];
      text += report::csv_field(layer.layer) +
              fmt::format(
                  ",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                  layer.shape.channels, layer.shape.height, layer.shape.width, t + 1,
                  s.positive_rate, s.negative_rate, s.rate_deviation, layer.dead, layer.saturated,
                  layer.neuron.threshold, amplitude ? fmt::format("{}", *amplitude) : "",
                  s.potential.mean, s.potential.standard_deviation, s.potential.skewness,
                  s.potential.excess_kurtosis, s.neuron_entropy, s.entropy_bias, s.pooled_entropy,
                  analysis::spike_capacity_bits(layer.neuron), s.potential_entropy);
    }
  }
  return text;
}

std::string histograms_csv(const AnalysisRun& run) {
  std::string text = "layer,time_step,from,to,count\n";
  for (const analysis::LayerStatistics& layer : run.layers) {
    const double bin = layer.neuron.threshold / analysis::kBinsPerThreshold;
    const double least = -analysis::kPotentialRange * layer.neuron.threshold;
    for (std::size_t t = 0; t < layer.steps.size(); ++t) {
      const std::vector<std::int64_t>& counts = layer.steps[t].histogram;
      for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        const auto edge = [&](std::size_t k) {
          return fmt::format("{}", least + bin * static_cast<double>(k));
        };
        text +=
            report::csv_line({layer.layer, std::to_string(t + 1), i == 0 ? "-inf" : edge(i - 1),
                              i + 1 == counts.size() ? "inf" : edge(i), std::to_string(counts[i])});
      }
    }
  }
  return text;
}

}  // namespace trispike::cli
