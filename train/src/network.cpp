// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/network.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstring>

#include "src/norm_neuron.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using at::Tensor;
using namespace model;  // NOLINT: the layer types

/// The authors' initial values (official-code.md).
Tensor initial_value(const Layer& layer, const TensorSpec& spec, at::Generator& generator) {
  const std::string role = spec.name.substr(layer.name.size() + 1);
  if (const auto* conv = std::get_if<ConvLayer>(&layer.params); conv && role == "weight") {
    const double deviation =
        std::sqrt(2.0 / static_cast<double>(conv->kernel * conv->kernel * conv->out_channels));
    return at::randn(spec.shape, generator, at::kFloat) * deviation;
  }
  if (const auto* linear = std::get_if<LinearLayer>(&layer.params); linear && role == "weight") {
    return at::randn(spec.shape, generator, at::kFloat) / static_cast<double>(linear->in_features);
  }
  if (const auto* norm = std::get_if<BatchNormLayer>(&layer.params)) {
    if (role == "weight") return norm->zero_init ? at::zeros(spec.shape) : at::ones(spec.shape);
    if (role == "running_var") return at::ones(spec.shape);
  }
  if (const auto* neuron = std::get_if<NeuronLayer>(&layer.params); neuron && role == "threshold") {
    return at::full(spec.shape, neuron->neuron.threshold, at::kDouble);
  }
  return role == "amplitude" ? at::ones(spec.shape) : at::zeros(spec.shape);
}

/// A threshold is kept positive by cutting off its updates at a sixteenth of its start, where
/// nearly all neurons fire whatever it is.
std::optional<double> lowest(const Layer& layer, const std::string& name) {
  const auto* neuron = std::get_if<NeuronLayer>(&layer.params);
  if (neuron == nullptr || !name.ends_with(".threshold")) return std::nullopt;
  return neuron->neuron.threshold / 16;
}

bool decays(const Layer& layer, const std::string& name) {
  const bool has_weights = std::holds_alternative<ConvLayer>(layer.params) ||
                           std::holds_alternative<LinearLayer>(layer.params);
  return has_weights && name.ends_with(".weight");
}

at::ScalarType scalar_type(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return at::kDouble;
    case DType::kF32:
      return at::kFloat;
    case DType::kBF16:
      return at::kBFloat16;
    case DType::kI64:
      return at::kLong;
    default:
      throw Error("tensors of type " + std::string(to_string(dtype)) + " cannot be trained");
  }
}

}  // namespace

Tensor to_torch(const model::Tensor& tensor) {
  Tensor out = at::empty(tensor.shape, scalar_type(tensor.dtype));
  std::memcpy(out.data_ptr(), tensor.data.data(), tensor.data.size());
  return out;
}

model::Tensor from_torch(const Tensor& tensor) {
  const Tensor plain = tensor.detach().cpu().contiguous();
  model::Tensor out;
  switch (plain.scalar_type()) {
    case at::kDouble:
      out.dtype = DType::kF64;
      break;
    case at::kFloat:
      out.dtype = DType::kF32;
      break;
    case at::kBFloat16:
      out.dtype = DType::kBF16;
      break;
    case at::kLong:
      out.dtype = DType::kI64;
      break;
    default:
      throw Error("a tensor has a type that files do not hold");
  }
  out.shape = plain.sizes().vec();
  out.data.resize(plain.nbytes());
  std::memcpy(out.data.data(), plain.data_ptr(), out.data.size());
  return out;
}

void restore(const Tensor& to, const std::string& name, const TensorMap& in) {
  const auto it = in.find(name);
  if (it == in.end()) {
    throw Error("the checkpoint lacks '" + name + "': saved by another optimizer?");
  }
  // Before LibTorch sees it: its own complaint about an absurd shape would not be ours.
  if (at::IntArrayRef(it->second.shape) != to.sizes()) {
    throw Error("'" + name + "' has shape " + shape_string(it->second.shape) + ", expected " +
                shape_string(to.sizes().vec()));
  }
  const Tensor value = to_torch(it->second);
  if (value.scalar_type() != to.scalar_type()) {
    throw Error("'" + name + "' is " + std::string(to_string(it->second.dtype)) +
                ", not of the type of its parameter");
  }
  if (!at::isfinite(value).all().item<bool>()) {
    throw Error("'" + name + "' holds a number that is not finite");
  }
  to.copy_(value);
}

Network::Network(NetworkSpec spec, std::uint64_t seed, at::ScalarType dtype, at::Device device)
    : spec_(std::move(spec)), dtype_(dtype), device_(device) {
  const std::vector<LayerInfo> infos = infer(spec_);
  at::Generator generator = at::detail::createCPUGenerator(seed);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const Layer& layer = spec_.layers[i];
    for (const TensorSpec& tensor : infos[i].tensors) {
      Tensor value = initial_value(layer, tensor, generator).to(device, dtype);
      if (value.dim() == 4) value = value.contiguous(at::MemoryFormat::ChannelsLast);
      if (tensor.trainable) {
        value.set_requires_grad(true);
        parameters_.push_back(
            {tensor.name, value, decays(layer, tensor.name), lowest(layer, tensor.name)});
      } else {
        buffers_.emplace(tensor.name, value);
      }
      by_name_.emplace(tensor.name, value);
    }
    if (std::holds_alternative<NeuronLayer>(layer.params)) {
      neuron_layers_.push_back(static_cast<int>(i));
      neuron_counts_.push_back(infos[i].shape.elements());
    }
  }
  plan();
}

Network::Network(const ModelData& data, at::ScalarType dtype, at::Device device)
    : Network(data.network, 0, dtype, device) {
  if (data.stage != Stage::kTrained) {
    throw Error("LibTorch runs models of stage 'trained'; this one is '" +
                std::string(to_string(data.stage)) + "'");
  }
  load(data.tensors);
}

std::vector<at::Tensor> Network::state() const {
  std::vector<at::Tensor> all;
  for (const auto& [name, tensor] : by_name_) all.push_back(tensor);
  return all;
}

TensorMap Network::tensors() const {
  TensorMap out;
  for (const auto& [name, tensor] : by_name_) out.emplace(name, from_torch(tensor));
  return out;
}

void Network::load(const TensorMap& tensors) {
  c10::NoGradGuard no_grad;
  for (auto& [name, tensor] : by_name_) {
    const auto it = tensors.find(name);
    if (it == tensors.end())
      throw Error("tensor '" + name + "' is missing: weights of another network?");
    const Tensor value = to_torch(it->second);
    if (value.sizes() != tensor.sizes()) {
      throw Error("tensor '" + name + "' has shape " + shape_string(it->second.shape) +
                  ", expected " + shape_string(tensor.sizes().vec()));
    }
    const_cast<Tensor&>(tensor).copy_(value);
  }
}

const Tensor& Network::tensor(int layer, const char* role) const {
  return by_name_.find(spec_.layers[static_cast<std::size_t>(layer)].name + "." + role)->second;
}

bool Network::has(int layer, const char* role) const {
  return by_name_.contains(spec_.layers[static_cast<std::size_t>(layer)].name + "." + role);
}

NormState Network::norm_state(int layer) const {
  return {tensor(layer, "weight"), tensor(layer, "bias"), tensor(layer, "running_mean"),
          tensor(layer, "running_var"),
          std::get<BatchNormLayer>(spec_.layers[static_cast<std::size_t>(layer)].params)};
}

/// Finds, for each neuron layer, the batch norm and the sum in front of it that nobody else reads.
void Network::plan() {
  const std::size_t count = spec_.layers.size();
  std::vector<int> readers(count, 0);
  for (const Layer& layer : spec_.layers) {
    for (const int input : layer.inputs) ++readers[static_cast<std::size_t>(input)];
  }
  absorbed_.assign(count, false);
  fusions_.assign(count, {});
  const auto only_reader = [&](int layer) { return readers[static_cast<std::size_t>(layer)] == 1; };
  const auto is_norm = [&](int layer) {
    return std::holds_alternative<BatchNormLayer>(
        spec_.layers[static_cast<std::size_t>(layer)].params);
  };
  for (const int neuron : neuron_layers_) {
    Fusion& fusion = fusions_[static_cast<std::size_t>(neuron)];
    int source = spec_.layers[static_cast<std::size_t>(neuron)].inputs[0];
    const Layer& before = spec_.layers[static_cast<std::size_t>(source)];
    if (std::holds_alternative<AddLayer>(before.params) && only_reader(source)) {
      const int first = before.inputs[0], second = before.inputs[1];
      const bool norm_is_first = is_norm(first) && only_reader(first);
      const int normed = norm_is_first ? first : second;
      if (normed != first || norm_is_first) {
        fusion.residual = norm_is_first ? second : first;
        absorbed_[static_cast<std::size_t>(source)] = true;
        source = normed;
      }
    }
    if (is_norm(source) && only_reader(source)) {
      fusion.norm = source;
      absorbed_[static_cast<std::size_t>(source)] = true;
      source = spec_.layers[static_cast<std::size_t>(source)].inputs[0];
    }
    fusion.current = source;
  }
  last_reader_.assign(count, -1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto read = [&](int layer) {
      if (layer >= 0) last_reader_[static_cast<std::size_t>(layer)] = static_cast<int>(i);
    };
    for (const int input : spec_.layers[i].inputs) read(input);
    read(fusions_[i].current);
    read(fusions_[i].residual);
  }
}

}  // namespace trispike::train
