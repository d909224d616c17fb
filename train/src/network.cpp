// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/network.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <cstring>

#include "src/average_pool.h"
#include "src/norm_neuron.h"
#include "src/window_product.h"
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
  return role == "amplitude" ? at::ones(spec.shape) : at::zeros(spec.shape);
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
        parameters_.push_back({tensor.name, value, decays(layer, tensor.name)});
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
}

/// One forward pass: the value of every layer, [T*N, ...] or, while nothing depends on time, [N,
/// ...].
struct Network::Run {
  const Network& network;
  const ForwardOptions& options;
  std::int64_t time_steps;
  std::vector<Tensor> values;
  std::vector<bool> is_static;
  ForwardResult result;

  Tensor expanded(int layer) const {
    const auto i = static_cast<std::size_t>(layer);
    if (!is_static[i] || time_steps == 1) return values[i];
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(values[i].dim()), 1);
    repeats[0] = time_steps;
    return values[i].repeat(repeats);
  }

  Tensor weight(int layer) const {
    const Tensor& w = network.tensor(layer, "weight");
    return options.maps ? w.to(*options.maps) : w;
  }

  void neuron(int index, const NeuronLayer& layer) {
    const Fusion& fusion = network.fusions_[static_cast<std::size_t>(index)];
    const auto source = static_cast<std::size_t>(fusion.current);
    NormNeuronInput in;
    in.neuron = layer.neuron;
    in.time_steps = time_steps;
    in.training = options.training;
    in.group = options.group;
    in.static_current = is_static[source] && fusion.residual < 0;
    in.current = in.static_current ? values[source] : expanded(fusion.current);
    if (fusion.residual >= 0) in.residual = expanded(fusion.residual);
    if (fusion.norm >= 0) in.norm = network.norm_state(fusion.norm);
    if (network.has(index, "amplitude")) in.amplitude = network.tensor(index, "amplitude");
    const bool fused = options.fused && info(layer.neuron.kind).spiking && in.current.dim() == 4;
    NormNeuronOutput out = fused ? fused_norm_neuron(in) : reference_norm_neuron(in);
    result.firing_rates.push_back(out.firing_rate);
    if (options.record_spikes) result.spikes.push_back(out.spikes);
    values[static_cast<std::size_t>(index)] = out.spikes;
  }

  void layer(int index) {
    const auto i = static_cast<std::size_t>(index);
    const Layer& current = network.spec_.layers[i];
    const auto input = [&](std::size_t k) -> const Tensor& {
      return values[static_cast<std::size_t>(current.inputs[k])];
    };
    is_static[i] =
        !current.inputs.empty() && is_static[static_cast<std::size_t>(current.inputs[0])];
    if (const auto* conv = std::get_if<ConvLayer>(&current.params)) {
      const std::optional<Tensor> bias =
          conv->bias
              ? std::optional<Tensor>(network.tensor(index, "bias").to(input(0).scalar_type()))
              : std::nullopt;
      if (has_window_product(*conv, input(0))) {
        values[i] = window_product(input(0), network.tensor(index, "weight"), *conv);
        if (bias) values[i] = values[i] + bias->view({1, -1, 1, 1});
      } else {
        values[i] = at::conv2d(input(0), weight(index), bias, {conv->stride, conv->stride},
                               {conv->padding, conv->padding});
      }
    } else if (std::holds_alternative<BatchNormLayer>(current.params)) {
      const bool expand = is_static[i] && options.training;
      values[i] =
          batch_norm(expand ? expanded(current.inputs[0]) : input(0), network.norm_state(index),
                     time_steps, false, options.training, options.group);
      if (expand) is_static[i] = false;
    } else if (const auto* neuron_layer = std::get_if<NeuronLayer>(&current.params)) {
      neuron(index, *neuron_layer);
      is_static[i] = false;
    } else if (std::holds_alternative<AddLayer>(current.params)) {
      is_static[i] = false;
      values[i] = expanded(current.inputs[0]) + expanded(current.inputs[1]);
    } else if (const auto* pool = std::get_if<AvgPoolLayer>(&current.params)) {
      values[i] = average_pool(input(0), *pool);
    } else if (std::holds_alternative<GlobalAvgPoolLayer>(current.params)) {
      values[i] = input(0).mean({2, 3}, /*keepdim=*/true);
    } else if (const auto* linear = std::get_if<LinearLayer>(&current.params)) {
      // The head works in the weights' precision whatever the activations have.
      const Tensor& w = network.tensor(index, "weight");
      const Tensor flat = input(0).flatten(1).to(w.scalar_type());
      values[i] =
          linear->bias ? at::linear(flat, w, network.tensor(index, "bias")) : at::linear(flat, w);
    } else {
      throw ShapeError(current.name, "LibTorch runs trained networks; '" +
                                         std::string(type_name(current.params)) +
                                         "' layers exist in folded ones only");
    }
  }
};

ForwardResult Network::forward(const Tensor& input, const ForwardOptions& options) const {
  const InputLayer& expected = spec_.input();
  const bool frames = expected.kind != InputKind::kStatic;
  TORCH_CHECK(input.dim() == (frames ? 5 : 4), "[network] input must be ",
              frames ? "[N, T, C, H, W]" : "[N, C, H, W]", ", got ", input.sizes());
  Run run{*this,
          options,
          spec_.time_steps,
          std::vector<Tensor>(spec_.layers.size()),
          std::vector<bool>(spec_.layers.size(), false),
          {}};
  Tensor x = frames ? input.transpose(0, 1).flatten(0, 1) : input;
  x = x.to(options.maps.value_or(dtype_));
  run.values[0] = x.contiguous(at::MemoryFormat::ChannelsLast);
  run.is_static[0] = !frames;
  // A value is dropped after its last reader: in evaluation this bounds the memory.
  std::vector<int> last_reader(spec_.layers.size(), -1);
  for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
    for (const int in : spec_.layers[i].inputs)
      last_reader[static_cast<std::size_t>(in)] = static_cast<int>(i);
    const Fusion& fusion = fusions_[i];
    for (const int in : {fusion.current, fusion.residual}) {
      if (in >= 0) last_reader[static_cast<std::size_t>(in)] = static_cast<int>(i);
    }
  }
  for (std::size_t i = 1; i < spec_.layers.size(); ++i) {
    if (!absorbed_[i]) run.layer(static_cast<int>(i));
    for (std::size_t k = 0; k < i; ++k) {
      if (last_reader[k] == static_cast<int>(i)) run.values[k] = Tensor();
    }
  }
  const Tensor last = run.expanded(static_cast<int>(spec_.layers.size()) - 1).flatten(1);
  run.result.logits = last.view({spec_.time_steps, -1, last.size(1)}).mean(0);
  return std::move(run.result);
}

}  // namespace trispike::train
