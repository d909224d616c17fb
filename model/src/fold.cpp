// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Folding: the trained graph is walked once, in execution order, and rewritten layer by layer.
// Along each edge travels what is still owed to the value: the amplitude of the neuron whose spikes
// it carries. The design is explained in docs/folding.md.
#include <cmath>
#include <optional>

#include "src/text.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"

namespace trispike::model {
namespace {

// A layer of the trained network, seen from the folded one: its value is `amplitude` times that of
// folded layer `index`.
struct FoldedValue {
  int index = -1;
  std::optional<double> amplitude;  // of the spikes that the value is made of; none: real-valued
};

struct ConvTensors {
  std::vector<double> weight;
  std::vector<double> bias;
};

class Folder {
 public:
  explicit Folder(const ModelData& trained)
      : trained_(trained), infos_(infer(trained.network)), readers_(infos_.size(), 0) {
    for (const Layer& layer : trained.network.layers) {
      for (const int input : layer.inputs) ++readers_[static_cast<std::size_t>(input)];
    }
    folded_.network.name = trained.network.name;
    folded_.network.time_steps = trained.network.time_steps;
    folded_.stage = Stage::kFolded;
    folded_.preprocessing = trained.preprocessing;
    folded_.class_names = trained.class_names;
    folded_.provenance = trained.provenance;
  }

  ModelData run() {
    for (const Layer& layer : trained_.network.layers) {
      values_.push_back(
          std::visit([&](const auto& params) { return fold(layer, params); }, layer.params));
    }
    if (values_.back().amplitude) {
      refuse(trained_.network.layers.back(),
             "nothing after it can take the amplitude of its spikes");
    }
    validate(folded_, "folded model");
    return std::move(folded_);
  }

 private:
  FoldedValue fold(const Layer& layer, const InputLayer&) { return {append(layer), {}}; }

  FoldedValue fold(const Layer& layer, const ConvLayer& conv) {
    const FoldedValue& input = value(layer, 0);
    ConvTensors tensors{tensor(layer, "weight"), {}};
    if (conv.bias) tensors.bias = tensor(layer, "bias");
    multiply(tensors.weight, input.amplitude.value_or(1.0));
    const int index = append({layer.name, {input.index}, conv});
    store(layer, "weight", tensors.weight);
    if (conv.bias) store(layer, "bias", tensors.bias);
    return {index, {}};
  }

  // y = scale * weight * (x - mean) / sqrt(var + eps) + bias, with x the output of the convolution.
  FoldedValue fold(const Layer& layer, const BatchNormLayer& norm) {
    const Layer& source = trained_.network.layers[static_cast<std::size_t>(layer.inputs[0])];
    if (!std::holds_alternative<ConvLayer>(source.params)) {
      refuse(layer, "a batch norm folds into a convolution right before it, not into layer " +
                        in_quotes(source.name) + " of type " +
                        std::string(type_name(source.params)));
    }
    if (readers_[static_cast<std::size_t>(layer.inputs[0])] != 1) {
      refuse(layer, "the convolution " + in_quotes(source.name) +
                        " before it is also read by another layer");
    }
    const FoldedValue input = value(layer, 0);
    auto& conv = std::get<ConvLayer>(folded_layer(input.index).params);
    std::vector<double> weight = folded_.tensors.at(source.name + ".weight").to_double();
    std::vector<double> bias(static_cast<std::size_t>(conv.out_channels), 0.0);
    if (conv.bias) bias = folded_.tensors.at(source.name + ".bias").to_double();
    conv.bias = true;

    const std::vector<double> gamma = tensor(layer, "weight");
    const std::vector<double> beta = tensor(layer, "bias");
    const std::vector<double> mean = tensor(layer, "running_mean");
    const std::vector<double> var = tensor(layer, "running_var");
    const std::size_t fan_in = weight.size() / bias.size();
    for (std::size_t c = 0; c < bias.size(); ++c) {
      const double gain = norm.scale * gamma[c] / std::sqrt(var[c] + norm.eps);
      for (std::size_t i = 0; i < fan_in; ++i) weight[c * fan_in + i] *= gain;
      bias[c] = beta[c] + gain * (bias[c] - mean[c]);
    }
    store(source, "weight", weight);
    folded_.tensors.insert_or_assign(source.name + ".bias",
                                     Tensor::from({conv.out_channels}, bias));
    return input;
  }

  FoldedValue fold(const Layer& layer, const NeuronLayer& params) {
    const FoldedValue& input = value(layer, 0);
    if (input.amplitude) {
      refuse(layer, "it is fed by spikes without a convolution or linear layer between");
    }
    const NeuronKindInfo& kind = info(params.neuron.kind);
    NeuronLayer neuron = params;
    std::optional<double> amplitude;
    if (kind.spiking) amplitude = 1.0;
    if (kind.trainable_amplitude) {
      amplitude = tensor(layer, "amplitude")[0];
      neuron.neuron.kind = NeuronKind::kTernary;
    }
    if (neuron.neuron.trainable_threshold) {
      neuron.neuron.threshold = tensor(layer, "threshold")[0];
      neuron.neuron.trainable_threshold = false;
    }
    return {append({layer.name, {input.index}, neuron}), amplitude};
  }

  FoldedValue fold(const Layer& layer, const AddLayer& add) {
    const bool two_spike_trains = value(layer, 0).amplitude && value(layer, 1).amplitude;
    std::vector<int> inputs;
    for (std::size_t k = 0; k < 2; ++k) {
      const FoldedValue& input = value(layer, k);
      if (!input.amplitude) {
        inputs.push_back(input.index);
        continue;
      }
      std::string name = layer.name + ".scale";
      if (two_spike_trains) name += std::to_string(k);
      inputs.push_back(append_scale(layer, std::move(name), input));
    }
    return {append({layer.name, std::move(inputs), add}), {}};
  }

  // Pooling is linear: the amplitude passes through.
  FoldedValue fold(const Layer& layer, const AvgPoolLayer&) {
    return {append(layer), value(layer, 0).amplitude};
  }
  FoldedValue fold(const Layer& layer, const GlobalAvgPoolLayer&) {
    return {append(layer), value(layer, 0).amplitude};
  }

  FoldedValue fold(const Layer& layer, const LinearLayer& linear) {
    const FoldedValue& input = value(layer, 0);
    std::vector<double> weight = tensor(layer, "weight");
    multiply(weight, input.amplitude.value_or(1.0));
    const int index = append({layer.name, {input.index}, linear});
    store(layer, "weight", weight);
    if (linear.bias) store(layer, "bias", tensor(layer, "bias"));
    return {index, {}};
  }

  FoldedValue fold(const Layer& layer, const ScaleLayer&) {
    refuse(layer, "a scale layer stands in folded networks only");
  }

  // An identity path: per spike, the amplitude is added instead of multiplied.
  int append_scale(const Layer& add, std::string name, const FoldedValue& input) {
    const MapShape& shape = infos_[static_cast<std::size_t>(add.inputs[0])].shape;
    const std::vector<double> weight(static_cast<std::size_t>(shape.channels), *input.amplitude);
    folded_.tensors.emplace(name + ".weight", Tensor::from({shape.channels}, weight));
    return append({std::move(name), {input.index}, ScaleLayer{shape.channels}});
  }

  // Appends the layer as it is, reading the folded counterparts of its inputs.
  int append(const Layer& layer) {
    Layer copy = layer;
    for (int& input : copy.inputs) input = values_[static_cast<std::size_t>(input)].index;
    return append(std::move(copy));
  }

  int append(Layer&& layer) {
    folded_.network.layers.push_back(std::move(layer));
    return static_cast<int>(folded_.network.layers.size()) - 1;
  }

  Layer& folded_layer(int index) { return folded_.network.layers[static_cast<std::size_t>(index)]; }

  const FoldedValue& value(const Layer& layer, std::size_t input) const {
    return values_[static_cast<std::size_t>(layer.inputs[input])];
  }

  std::vector<double> tensor(const Layer& layer, const char* role) const {
    return trained_.tensors.at(layer.name + "." + role).to_double();
  }

  // Shapes do not change by folding.
  void store(const Layer& layer, const char* role, const std::vector<double>& values) {
    const std::string name = layer.name + "." + role;
    folded_.tensors.insert_or_assign(name, Tensor::from(trained_.tensors.at(name).shape, values));
  }

  static void multiply(std::vector<double>& values, double factor) {
    for (double& value : values) value *= factor;
  }

  [[noreturn]] static void refuse(const Layer& layer, const std::string& reason) {
    throw Error("layer " + in_quotes(layer.name) + " (" + std::string(type_name(layer.params)) +
                ") cannot be folded: " + reason);
  }

  const ModelData& trained_;
  std::vector<LayerInfo> infos_;
  std::vector<int> readers_;         // how many layers read each trained layer
  std::vector<FoldedValue> values_;  // one per trained layer
  ModelData folded_;
};

}  // namespace

ModelData fold(const ModelData& trained) {
  if (trained.stage != Stage::kTrained) {
    throw Error("only a model of stage 'trained' can be folded, this one is " +
                in_quotes(to_string(trained.stage)));
  }
  validate(trained);
  return Folder(trained).run();
}

}  // namespace trispike::model
