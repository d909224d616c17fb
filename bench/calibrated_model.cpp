// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model whose spikes are made up: random weights, and thresholds at which every layer fires at
// the same wanted rate on random inputs. For measuring speed against density where no trained
// network has that density; it classifies nothing.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"
#include "trispike/model/quantise.h"
#include "trispike/runtime/runtime.h"

namespace trispike::bench {
namespace {

struct Options {
  std::string network = "resnet20";
  std::string output;
  double density = 0.18;
  int time_steps = 2;
  int width = 0;
  int weight_bits = 8;
  bool float32 = false;
};

/// Weights at which currents have variance 1 if the density is right, norms that do nothing.
model::ModelData random_model(const Options& options, std::mt19937& generator) {
  model::NetworkOptions network;
  network.neuron.kind = model::NeuronKind::kTernary;
  network.time_steps = options.time_steps;
  network.width = options.width;
  model::ModelData data;
  data.network = model::build_network(options.network, network);
  std::normal_distribution<float> normal;
  for (const model::LayerInfo& info : model::infer(data.network)) {
    for (const model::TensorSpec& tensor : info.tensors) {
      std::size_t elements = 1;
      for (const std::int64_t size : tensor.shape) elements *= static_cast<std::size_t>(size);
      const bool weighted = tensor.shape.size() >= 2;
      const bool one =
          tensor.name.ends_with("running_var") || (!weighted && tensor.name.ends_with("weight"));
      std::vector<float> values(elements, one ? 1.0F : 0.0F);
      if (weighted) {
        const double fan_in = double(elements) / double(tensor.shape[0]);
        for (float& value : values) {
          value = normal(generator) / float(std::sqrt(fan_in * options.density));
        }
      }
      data.tensors.emplace(tensor.name, model::Tensor::from(tensor.shape, values));
    }
  }
  return data;
}

double firing_rate(const model::ModelData& data, std::size_t layer,
                   const std::vector<std::vector<float>>& inputs) {
  runtime::Session session(runtime::Model::from(data), {.record_activity = true});
  for (const std::vector<float>& input : inputs) session.run(input);
  const model::NeuronActivity& neurons = session.activity().neurons[layer];
  double spikes = 0;
  for (const std::int64_t count : neurons.positive) spikes += double(count);
  for (const std::int64_t count : neurons.negative) spikes += double(count);
  return spikes / double(neurons.neurons * data.network.time_steps) / double(inputs.size());
}

/// How many standard deviations a normal variable exceeds, in size, with probability `rate`.
double deviations(double rate) {
  double low = 0;
  double high = 8;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) > rate ? low : high) = middle;
  }
  return low;
}

/// Layer after layer, as the later ones depend on the earlier ones. Potentials are nearly normal: a
/// rate at one threshold tells their deviation, and so the next threshold to try.
void calibrate(model::ModelData& data, double density,
               const std::vector<std::vector<float>>& inputs) {
  std::size_t index = 0;
  for (model::Layer& layer : data.network.layers) {
    auto* neuron = std::get_if<model::NeuronLayer>(&layer.params);
    if (neuron == nullptr) continue;
    double& threshold = neuron->neuron.threshold;
    threshold = deviations(density);
    double rate = firing_rate(data, index, inputs);
    for (int i = 0; i < 8 && std::abs(rate / density - 1) > 0.005; ++i) {
      threshold *= deviations(density) / std::max(deviations(rate), 0.01);
      rate = firing_rate(data, index, inputs);
    }
    std::cerr << layer.name << ": threshold " << threshold << ", fires at " << 100 * rate << " %\n";
    ++index;
  }
}

void run(const Options& options) {
  std::mt19937 generator(1);
  model::ModelData data = model::fold(random_model(options, generator));
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> inputs(2);
  for (std::vector<float>& input : inputs) {
    input.resize(static_cast<std::size_t>(data.network.input().shape.elements()));
    for (float& value : input) value = normal(generator);
  }
  calibrate(data, options.density, inputs);
  if (!options.float32) data = model::quantise(data, {.weight_bits = options.weight_bits});
  model::write_model(options.output, data);
}

}  // namespace
}  // namespace trispike::bench

int main(int argc, char** argv) {
  trispike::bench::Options options;
  CLI::App app("Writes a model with random weights that fires at a given rate in every layer");
  app.add_option("NETWORK", options.network, "One of trispike's networks")->required();
  app.add_option("-o,--output", options.output, "The model file to write")->required();
  app.add_option("--density", options.density, "Share of neurons that fire in a time step");
  app.add_option("--time-steps", options.time_steps, "T");
  app.add_option("--width", options.width, "Channels of the first stage; 0: the network's own");
  app.add_option("--weight-bits", options.weight_bits, "8, 7 or 6");
  app.add_flag("--float32", options.float32, "A folded model instead of one in integers");
  CLI11_PARSE(app, argc, argv);
  try {
    trispike::bench::run(options);
  } catch (const trispike::Error& error) {
    std::cerr << "trispike_calibrated_model: error: " << error.what() << "\n";
    return 1;
  }
}
