// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/parity.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "src/batch.h"
#include "src/cuda_plugin.h"
#include "src/measure.h"
#include "src/network.h"
#include "src/process.h"

namespace trispike::train {
namespace {

/// What one iteration computed, on the CPU and in float64.
struct Computed {
  at::Tensor logits;
  std::vector<at::Tensor> spikes;  ///< in execution order
  std::vector<at::Tensor> gradients;
};

Computed compute(const model::NetworkSpec& spec, const Recipe& recipe, const at::Tensor& images,
                 const at::Tensor& labels, at::ScalarType type, at::Device device, bool fused) {
  Network network(spec, recipe.train.seed, type, device);
  ForwardOptions options;
  options.training = true;
  options.fused = fused;
  options.record_spikes = true;
  const ForwardResult out = network.forward(on_device(images, device), options);
  at::cross_entropy_loss(out.logits, on_device(labels, device)).backward();
  const auto home = [](const at::Tensor& tensor) {
    return tensor.detach().to(at::kCPU, at::kDouble);
  };
  Computed computed;
  computed.logits = home(out.logits);
  for (const at::Tensor& spikes : out.spikes) computed.spikes.push_back(home(spikes));
  for (const Parameter& parameter : network.parameters()) {
    computed.gradients.push_back(home(parameter.tensor.grad()));
  }
  return computed;
}

}  // namespace

Parity compare_with_reference(const Recipe& recipe, Device device, ParityPrecision precision) {
  const at::Device there = use_device(device);
  use_threads(recipe.train.threads);
  const model::NetworkSpec spec = network_to_measure(recipe);
  const at::ScalarType type = precision == ParityPrecision::kFloat64 ? at::kDouble : at::kFloat;
  at::Generator generator = at::detail::createCPUGenerator(recipe.train.seed);
  const std::int64_t batch = recipe.train.batch_size;
  const at::Tensor images = random_images(spec, batch, generator);
  const at::Tensor labels = at::randint(spec.num_classes(), {batch}, generator, at::kLong);
  const Computed a = compute(spec, recipe, images, labels, type, there, /*fused=*/true);
  const Computed b = compute(spec, recipe, images, labels, type, at::kCPU, /*fused=*/false);

  Parity parity;
  parity.device = there.is_cpu() ? "cpu" : cuda_plugin().device_name(there.index());
  parity.largest_logit_difference = (a.logits - b.logits).abs().max().item<double>();
  for (std::size_t i = 0; i < a.spikes.size(); ++i) {
    parity.spikes += a.spikes[i].numel();
    parity.differing_spikes += a.spikes[i].ne(b.spikes[i]).sum().item<std::int64_t>();
  }
  const Network names(spec, recipe.train.seed);
  const auto is_amplitude = [&](std::size_t i) {
    return names.parameters()[i].name.ends_with(".amplitude");
  };
  double largest_amplitude = 0.0;
  for (std::size_t i = 0; i < b.gradients.size(); ++i) {
    if (is_amplitude(i)) {
      largest_amplitude = std::max(largest_amplitude, b.gradients[i].norm().item<double>());
    }
  }
  for (std::size_t i = 0; i < a.gradients.size(); ++i) {
    const double norm = is_amplitude(i) ? largest_amplitude : b.gradients[i].norm().item<double>();
    const double apart = (a.gradients[i] - b.gradients[i]).norm().item<double>();
    // What is no number is as far apart as can be.
    const double difference = !std::isfinite(apart) ? std::numeric_limits<double>::infinity()
                              : norm > 0            ? apart / norm
                                                    : apart;
    if (difference >= parity.largest_gradient_difference) {
      parity.largest_gradient_difference = difference;
      parity.worst_parameter = names.parameters()[i].name;
    }
  }
  return parity;
}

}  // namespace trispike::train
