// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/interop/convert.h"

#include <algorithm>
#include <cmath>

#include "src/text.h"
#include "trispike/interop/layouts.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using model::BatchNormLayer;
using model::ModelData;
using model::NetworkOptions;
using model::NetworkSpec;
using model::NeuronLayer;
using model::Tensor;
using model::TensorMap;

constexpr std::string_view kFirstWeight = "stem.0.conv.weight";
constexpr std::string_view kHeadWeight = "head.weight";

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string names_in(const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names.empty() ? "nothing" : first_few(names);
}

void check_network(const Layout& layout, const std::string& network) {
  const auto& networks = layout.networks;
  if (std::find(networks.begin(), networks.end(), network) == networks.end()) {
    throw ConfigError("--network", "layout " + in_quotes(layout.name) + " has no network " +
                                       in_quotes(network) + "; expected one of " +
                                       joined(networks));
  }
}

/// Gives a network's tensors their own names.
class Importer {
 public:
  Importer(const Layout& layout, TensorMap weights, const std::string& file)
      : layout_(layout), weights_(std::move(weights)), file_(file) {}

  ImportResult run(NetworkOptions options, const std::string& network) {
    fit(options, network);
    ImportResult result;
    result.model.network = model::build_network(network, options);
    const std::vector<ForeignTensor> tensors = layout_.tensors(result.model.network);
    check_complete(tensors, network);
    for (const ForeignTensor& tensor : tensors) {
      auto node = weights_.extract(tensor.theirs);
      check_shape(tensor, node.mapped(), network);
      result.model.tensors.emplace(tensor.ours, converted(tensor, std::move(node.mapped())));
    }
    for (const auto& [name, tensor] : weights_) {
      try {
        if (layout_.accepts_extra(name, tensor)) result.unused.push_back(name);
      } catch (const Error& error) {
        throw Error(file_ + ": " + error.what());
      }
    }
    return result;
  }

 private:
  // Width and, if not given, classes: as many as the weights have.
  void fit(NetworkOptions& options, const std::string& network) const {
    const NetworkSpec usual = model::build_network(network, options);
    const std::vector<ForeignTensor> tensors = layout_.tensors(usual);
    check_complete(tensors, network);
    for (const ForeignTensor& tensor : tensors) {
      const std::vector<std::int64_t>& shape = weights_.find(tensor.theirs)->second.shape;
      if (tensor.ours != kFirstWeight && tensor.ours != kHeadWeight) continue;
      if (shape.size() != tensor.their_shape.size() || shape[0] < 1) {
        refuse_shape(tensor, shape, network);
      }
      if (tensor.ours == kFirstWeight) options.width = shape[0];
      if (tensor.ours == kHeadWeight && options.num_classes == 0) options.num_classes = shape[0];
    }
  }

  void check_complete(const std::vector<ForeignTensor>& tensors, const std::string& network) const {
    std::vector<std::string> missing;
    for (const ForeignTensor& tensor : tensors) {
      if (!weights_.contains(tensor.theirs)) missing.push_back(tensor.theirs);
    }
    if (missing.empty()) return;
    throw Error(file_ + ": " + std::to_string(missing.size()) + " of the " +
                std::to_string(tensors.size()) + " tensors of " + network + " in layout " +
                in_quotes(layout_.name) + " are missing: " + first_few(missing) +
                "; the file holds " + names_in(weights_));
  }

  void check_shape(const ForeignTensor& expected, const Tensor& found,
                   const std::string& network) const {
    // A scalar may also stand as a vector of one element.
    const bool same = found.shape == expected.their_shape ||
                      (expected.their_shape.empty() && found.shape == expected.our_shape);
    if (!same) refuse_shape(expected, found.shape, network);
  }

  [[noreturn]] void refuse_shape(const ForeignTensor& expected,
                                 const std::vector<std::int64_t>& found,
                                 const std::string& network) const {
    throw Error(file_ + ": tensor " + in_quotes(expected.theirs) + " has shape " +
                model::shape_string(found) + ", " + network + " with these options needs " +
                model::shape_string(expected.their_shape));
  }

  Tensor converted(const ForeignTensor& expected, Tensor tensor) const {
    tensor.shape = expected.our_shape;
    switch (tensor.dtype) {
      case model::DType::kF32:
      case model::DType::kF64:
        return tensor;
      case model::DType::kBF16:
        return tensor.cast(model::DType::kF32);
      default:
        throw Error(file_ + ": tensor " + in_quotes(expected.theirs) + " holds numbers of type " +
                    std::string(to_string(tensor.dtype)) + ", expected real numbers");
    }
  }

  const Layout& layout_;
  TensorMap weights_;
  const std::string& file_;
};

void check_per_channel(const std::vector<double>& values, const char* option, std::int64_t channels,
                       bool positive) {
  if (!values.empty() && static_cast<std::int64_t>(values.size()) != channels) {
    throw ConfigError(option, "has " + std::to_string(values.size()) + " numbers, expected " +
                                  std::to_string(channels) + ", one per channel of the input");
  }
  for (const double value : values) {
    if (!std::isfinite(value) || (positive && value <= 0)) {
      throw ConfigError(option, "holds " + std::to_string(value) + ", expected a finite number" +
                                    (positive ? " > 0" : ""));
    }
  }
}

void check_expressible(const ModelData& model, const Layout& layout) {
  const auto& networks = layout.networks;
  const std::string& name = model.network.name;
  if (std::find(networks.begin(), networks.end(), name) == networks.end()) {
    throw Error("layout " + in_quotes(layout.name) + " has no network " + in_quotes(name) +
                "; expected one of " + joined(networks));
  }
  constexpr BatchNormLayer kUsual;  // PyTorch's own constants
  for (const model::Layer& layer : model.network.layers) {
    const auto* norm = std::get_if<BatchNormLayer>(&layer.params);
    if (norm && (norm->scale != 1 || norm->eps != kUsual.eps)) {
      throw Error("layer " + in_quotes(layer.name) + " is a batch norm with scale " +
                  std::to_string(norm->scale) + " and eps " + std::to_string(norm->eps) +
                  ", layout " + in_quotes(layout.name) + " can only express 1 and 1e-5");
    }
    const auto* neuron = std::get_if<NeuronLayer>(&layer.params);
    if (neuron && !model::info(neuron->neuron.kind).spiking) {
      throw Error("layer " + in_quotes(layer.name) + " does not spike; layout " +
                  in_quotes(layout.name) + " is for spiking networks");
    }
  }
}

}  // namespace

ImportResult import_model(model::TensorMap weights, const ImportOptions& options,
                          const std::string& file) {
  const Layout& layout = layout_from_string(options.layout);
  if (!layout.imports) {
    throw ConfigError("--layout", "layout " + in_quotes(layout.name) + " is for export only");
  }
  check_network(layout, options.network);
  NetworkOptions network;
  network.time_steps = options.time_steps;
  network.num_classes = options.num_classes;
  network.input = options.input;
  network.input_kind = options.input_kind;
  network.neuron = model::neuron_preset("official_code", options.spikes);
  ImportResult result = Importer(layout, std::move(weights), file).run(network, options.network);
  const std::int64_t channels = result.model.network.input().shape.channels;
  check_per_channel(options.preprocessing.mean, "--mean", channels, false);
  check_per_channel(options.preprocessing.std, "--std", channels, true);
  result.model.preprocessing = options.preprocessing;
  model::validate(result.model, file);
  return result;
}

model::Safetensors export_weights(const ModelData& model, std::string_view layout_name) {
  const Layout& layout = layout_from_string(layout_name);
  if (model.stage != model::Stage::kTrained) {
    throw Error("the model's stage is '" + std::string(model::to_string(model.stage)) +
                "'; only stage 'trained' still has the batch norms that layout " +
                in_quotes(layout.name) + " needs");
  }
  check_expressible(model, layout);
  model::Safetensors weights;
  for (const ForeignTensor& tensor : layout.tensors(model.network)) {
    Tensor copy = model.tensors.at(tensor.ours);
    copy.shape = tensor.their_shape;
    weights.tensors.emplace(tensor.theirs, std::move(copy));
  }
  weights.metadata["trispike.layout"] = layout.name;
  weights.metadata["trispike.network"] = model::to_json(model.network);
  return weights;
}

}  // namespace trispike::interop
