// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/post_training.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "src/batch.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

void require_bits(const char* what, int bits, int least, int most) {
  if (bits >= least && bits <= most) return;
  throw ConfigError(what, "expected " + std::to_string(least) + " to " + std::to_string(most) +
                              " bits, found " + std::to_string(bits));
}

/// What a network of ReLUs gives at its neuron layers, batch by batch.
template <class Each>
void for_activations(const Network& network, const data::Dataset& pictures,
                     const data::LoaderOptions& loading, Each each) {
  c10::NoGradGuard no_grad;
  ForwardOptions forward;
  forward.record_spikes = true;
  // The loader wants to share it; it lives on in the caller.
  const std::shared_ptr<const data::Dataset> borrowed(std::shared_ptr<const data::Dataset>(),
                                                      &pictures);
  data::Loader loader(borrowed, loading);
  data::Batch batch;
  while (loader.next(batch)) {
    each(network.forward(on_device(images_of(batch, network.spec()), network.device()), forward)
             .spikes);
  }
}

}  // namespace

model::ModelData with_rounded_weights(model::ModelData trained, int bits) {
  require_bits("weight_bits", bits, 2, 8);
  const double most = (1 << (bits - 1)) - 1;
  for (const model::Layer& layer : trained.network.layers) {
    if (!std::holds_alternative<model::ConvLayer>(layer.params) &&
        !std::holds_alternative<model::LinearLayer>(layer.params)) {
      continue;
    }
    model::Tensor& tensor = trained.tensors.at(layer.name + ".weight");
    std::vector<double> weights = tensor.to_double();
    const std::size_t row = weights.size() / static_cast<std::size_t>(tensor.shape.front());
    for (auto first = weights.begin(); first != weights.end();) {
      const auto last = first + static_cast<std::ptrdiff_t>(row);
      double largest = 0;
      for (auto w = first; w != last; ++w) largest = std::max(largest, std::abs(*w));
      const double step = largest > 0 ? largest / most : 1.0;
      for (; first != last; ++first) *first = std::nearbyint(*first / step) * step;
    }
    tensor = model::Tensor::from(tensor.shape, weights).cast(tensor.dtype);
  }
  return trained;
}

void ActivationHistogram::add(const at::Tensor& activations) {
  if (largest_ <= 0) return;
  const at::Tensor flat = activations.detach().to(at::kCPU, at::kFloat).flatten();
  // Zeros are exact whatever the step; the middle of their bin is not.
  const at::Tensor positive = flat.masked_select(flat > 0);
  if (positive.numel() == 0) return;
  const at::Tensor counts = at::histc(positive, kBins, 0, largest_);
  const auto* count = counts.data_ptr<float>();
  for (int i = 0; i < kBins; ++i) counts_[static_cast<std::size_t>(i)] += count[i];
}

double ActivationHistogram::step(int bits) const {
  if (largest_ <= 0) return 1;
  constexpr int kRanges = 128;
  const double most = (1 << bits) - 1;
  double best = 1;
  double least = std::numeric_limits<double>::infinity();
  for (int range = 1; range <= kRanges; ++range) {
    const double step = largest_ * range / kRanges / most;
    double error = 0;
    for (int i = 0; i < kBins; ++i) {
      const double value = largest_ * (i + 0.5) / kBins;
      const double off = std::min(std::nearbyint(value / step), most) * step - value;
      error += counts_[static_cast<std::size_t>(i)] * off * off;
    }
    if (error < least) {
      least = error;
      best = step;
    }
  }
  return best;
}

std::vector<double> activation_steps(const Network& network, const data::Dataset& pictures,
                                     const data::LoaderOptions& loading, int bits) {
  require_bits("activation_bits", bits, 1, 16);
  for (const int layer : network.neuron_layers()) {
    const model::Layer& neuron = network.spec().layers[static_cast<std::size_t>(layer)];
    if (!model::info(std::get<model::NeuronLayer>(neuron.params).neuron.kind).spiking) continue;
    throw ConfigError("activation_bits",
                      "layer '" + neuron.name + "' spikes; activations are those of ReLUs");
  }
  std::vector<double> largest(network.neuron_layers().size(), 0.0);
  for_activations(network, pictures, loading, [&](const std::vector<at::Tensor>& activations) {
    for (std::size_t i = 0; i < largest.size(); ++i) {
      largest[i] = std::max(largest[i], activations[i].max().item<double>());
    }
  });
  std::vector<ActivationHistogram> histograms;
  for (const double most : largest) histograms.emplace_back(most);
  for_activations(network, pictures, loading, [&](const std::vector<at::Tensor>& activations) {
    for (std::size_t i = 0; i < histograms.size(); ++i) histograms[i].add(activations[i]);
  });
  std::vector<double> steps;
  for (const ActivationHistogram& histogram : histograms) steps.push_back(histogram.step(bits));
  return steps;
}

at::Tensor rounded_activation(const at::Tensor& activation, double step, int bits) {
  return activation.div(step).round_().clamp_(0, (1 << bits) - 1).mul_(step);
}

}  // namespace trispike::train
