// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "support/random_weights.h"

#include <cmath>
#include <functional>

namespace trispike::test {
namespace {

// The value of a number `r` in [-1, 1) as an element of a tensor.
using Rule = std::function<double(const model::Layer&, const model::TensorSpec&, double r)>;

bool has_role(const model::TensorSpec& tensor, const char* role) {
  return tensor.name.ends_with(std::string(".") + role);
}

// Convolution and linear weights, scaled as the parity cases have it.
double synaptic_weight(const model::Layer& layer, const model::TensorSpec& tensor, double r) {
  if (has_role(tensor, "bias")) return 0.1 * r;
  if (std::holds_alternative<model::LinearLayer>(layer.params)) {
    return r * std::sqrt(3.0) / std::sqrt(static_cast<double>(tensor.shape[1]));
  }
  const auto fan_out = static_cast<double>(tensor.shape[2] * tensor.shape[3] * tensor.shape[0]);
  return r * std::sqrt(3.0) * std::sqrt(2.0 / fan_out);
}

double parity_value(const model::Layer& layer, const model::TensorSpec& tensor, double r) {
  if (has_role(tensor, "running_mean")) return 0.2 * r;
  if (has_role(tensor, "running_var")) return 1 + 0.5 * r;
  if (has_role(tensor, "amplitude")) return 1 + 0.3 * r;
  if (has_role(tensor, "threshold")) return 0.6 + 0.3 * r;
  if (std::holds_alternative<model::BatchNormLayer>(layer.params)) {
    return has_role(tensor, "weight") ? 1 + 0.25 * r : 0.2 * r;
  }
  return synaptic_weight(layer, tensor, r);
}

// Unlike a trained network's, these statistics match no data. Small variances and large biases keep
// every layer firing all the same.
double random_value(const model::Layer& layer, const model::TensorSpec& tensor, double r) {
  const bool norm = std::holds_alternative<model::BatchNormLayer>(layer.params);
  if (has_role(tensor, "amplitude")) return std::copysign(0.3 + 2.7 * std::abs(r), r);
  if (has_role(tensor, "running_var")) return 0.3 + 0.2 * r;
  if (norm && has_role(tensor, "weight")) return std::copysign(0.5 + 0.5 * std::abs(r), r);
  if (norm && has_role(tensor, "bias")) return 0.7 * r;
  return parity_value(layer, tensor, r);
}

model::ModelData fill(const model::NetworkSpec& network, std::uint64_t first_stream,
                      const Rule& rule) {
  model::ModelData data;
  data.network = network;
  const std::vector<model::LayerInfo> infos = model::infer(network);
  std::uint64_t stream = first_stream;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    for (const model::TensorSpec& tensor : infos[i].tensors) {
      std::size_t elements = 1;
      for (const std::int64_t size : tensor.shape) elements *= static_cast<std::size_t>(size);
      std::vector<float> values(elements);
      for (std::size_t k = 0; k < elements; ++k) {
        values[k] = static_cast<float>(rule(network.layers[i], tensor, uniform(stream, k)));
      }
      data.tensors.emplace(tensor.name, model::Tensor::from(tensor.shape, values));
      ++stream;
    }
  }
  return data;
}

}  // namespace

double uniform(std::uint64_t k, std::uint64_t i) {
  std::uint64_t z = ((k + 1) << 32) + i + 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z = z ^ (z >> 31);
  return 2 * std::ldexp(static_cast<double>(z >> 40), -24) - 1;
}

std::vector<double> parity_input(std::uint64_t k, std::size_t elements) {
  std::vector<double> input(elements);
  for (std::size_t i = 0; i < elements; ++i) input[i] = 1.5 * uniform(k, i);
  return input;
}

model::ModelData parity_weights(const model::NetworkSpec& network) {
  return fill(network, 0, parity_value);
}

model::ModelData random_weights(const model::NetworkSpec& network, std::uint64_t seed) {
  return fill(network, (seed + 1) * 100'000, random_value);
}

}  // namespace trispike::test
