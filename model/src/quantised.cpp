// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a quantised model is made of.
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "src/text.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"

namespace trispike::model {
namespace {

/// Numbers of positions inside a map of `size` that the windows along one axis cover.
std::set<std::int64_t> window_sizes(std::int64_t size, std::int64_t windows,
                                    const AvgPoolLayer& pool) {
  std::set<std::int64_t> sizes;
  for (std::int64_t i = 0; i < windows; ++i) {
    const std::int64_t begin = i * pool.stride - pool.padding;
    sizes.insert(std::min(begin + pool.kernel, size) - std::max<std::int64_t>(begin, 0));
  }
  return sizes;
}

class MembraneFinder {
 public:
  explicit MembraneFinder(const NetworkSpec& network)
      : network_(network), infos_(infer(network)), used_(network.layers.size(), false) {}

  std::vector<Membrane> find() {
    const int last = static_cast<int>(network_.layers.size()) - 1;
    for (int i = 0; i <= last; ++i) {
      const auto* neuron = std::get_if<NeuronLayer>(&layer(i).params);
      if (neuron == nullptr) continue;
      check(layer(i), neuron->neuron);
      if (i == last) refuse(layer(i), "the logits are spikes without weights");
      add(i, layer(i).inputs[0]);
    }
    add(last, last);
    return std::move(membranes_);
  }

 private:
  const Layer& layer(int index) const { return network_.layers[static_cast<std::size_t>(index)]; }
  const MapShape& shape(int index) const { return infos_[static_cast<std::size_t>(index)].shape; }

  void check(const Layer& l, const NeuronSpec& neuron) const {
    if (!info(neuron.kind).spiking) {
      refuse(l, "neurons of kind '" + std::string(to_string(neuron.kind)) + "' do not spike");
    }
    int exponent = 0;
    const bool power_of_two = std::frexp(neuron.decay, &exponent) == 0.5 && exponent > -15;
    if (neuron.decay != 0 && !power_of_two) {
      refuse(l, "a decay of " + number(neuron.decay) +
                    " is no shift; expected 0, 1, 1/2, 1/4 and so on down to 2^-15");
    }
  }

  void add(int membrane_layer, int from) {
    Membrane membrane{membrane_layer, {}, false};
    collect(from, membrane);
    membranes_.push_back(std::move(membrane));
  }

  void collect(int index, Membrane& membrane) {
    const Layer& l = layer(index);
    if (std::holds_alternative<AddLayer>(l.params)) {
      collect(l.inputs[0], membrane);
      collect(l.inputs[1], membrane);
      return;
    }
    const bool scale = std::holds_alternative<ScaleLayer>(l.params);
    if (!scale && !std::holds_alternative<ConvLayer>(l.params) &&
        !std::holds_alternative<LinearLayer>(l.params)) {
      refuse(l, "of type " + std::string(type_name(l.params)) +
                    ", it is added to the potentials of layer " +
                    in_quotes(layer(membrane.layer).name) +
                    " without a convolution, linear or scale layer between");
    }
    if (used_[static_cast<std::size_t>(index)]) {
      refuse(l, "it is added to more than one sum, and each has a unit of its own");
    }
    used_[static_cast<std::size_t>(index)] = true;
    const Synapse synapse = find_source(index);
    if (reads_numbers(synapse.source)) {
      if (scale)
        refuse(l, "it scales the input, which only a convolution or linear layer may read");
      membrane.reads_numbers = true;
    }
    membrane.synapses.push_back(synapse);
  }

  /// Events of the input are added like spikes.
  bool reads_numbers(int source) const {
    return source == 0 && network_.input().kind != InputKind::kEvents;
  }

  Synapse find_source(int index) const {
    Synapse synapse{index, layer(index).inputs[0], 1};
    while (true) {
      const Layer& source = layer(synapse.source);
      if (std::holds_alternative<NeuronLayer>(source.params)) return synapse;
      if (std::holds_alternative<InputLayer>(source.params)) {
        if (synapse.divisor != 1 && reads_numbers(synapse.source)) {
          refuse(layer(index), "it reads an average of the input");
        }
        return synapse;
      }
      if (!std::holds_alternative<AvgPoolLayer>(source.params) &&
          !std::holds_alternative<GlobalAvgPoolLayer>(source.params)) {
        refuse(layer(index), "it reads layer " + in_quotes(source.name) + " of type " +
                                 std::string(type_name(source.params)) +
                                 ", not the input or spikes");
      }
      const std::int64_t divisor =
          pool_divisor(source.params, shape(source.inputs[0]), shape(synapse.source));
      if (divisor > kPotentialLimit / synapse.divisor) {
        refuse(source,
               "the least number that all windows of the pools up to here divide is more "
               "than 2^30");
      }
      synapse.divisor *= divisor;
      synapse.source = source.inputs[0];
    }
  }

  [[noreturn]] static void refuse(const Layer& l, const std::string& reason) {
    throw ShapeError(l.name, "integer arithmetic cannot run it: " + reason);
  }

  const NetworkSpec& network_;
  const std::vector<LayerInfo> infos_;
  std::vector<bool> used_;
  std::vector<Membrane> membranes_;
};

}  // namespace

std::vector<Membrane> membranes(const NetworkSpec& network) {
  return MembraneFinder(network).find();
}

std::int64_t pool_divisor(const LayerParams& pool, const MapShape& in, const MapShape& out) {
  const auto* average = std::get_if<AvgPoolLayer>(&pool);
  if (average == nullptr) return in.height * in.width;
  if (average->count_padding) return average->kernel * average->kernel;
  std::int64_t multiple = 1;
  for (const std::int64_t rows : window_sizes(in.height, out.height, *average)) {
    for (const std::int64_t columns : window_sizes(in.width, out.width, *average)) {
      // Large windows at many borders: more than any network has, and refused later.
      if (multiple > kPotentialLimit) return multiple;
      multiple = std::lcm(multiple, rows * columns);
    }
  }
  return multiple;
}

std::vector<QuantisedTensor> quantised_tensors(const NetworkSpec& network) {
  constexpr double kLimit = double(kPotentialLimit);
  constexpr double kSmallest = std::numeric_limits<double>::min();
  constexpr double kLargest = std::numeric_limits<double>::max();
  const std::vector<LayerInfo> infos = infer(network);
  std::vector<QuantisedTensor> tensors;
  for (std::size_t i = 0; i < infos.size(); ++i) {
    for (const TensorSpec& spec : infos[i].tensors) {
      const bool row = spec.name.ends_with(".weight") &&
                       !std::holds_alternative<ScaleLayer>(network.layers[i].params);
      if (row) {
        tensors.push_back({spec.name, DType::kI8, spec.shape, -127, 127});
      } else {
        tensors.push_back({spec.name, DType::kI32, spec.shape, -kLimit, kLimit});
      }
    }
  }
  bool numbers = false;
  for (const Membrane& membrane : membranes(network)) {
    const std::string& name = network.layers[static_cast<std::size_t>(membrane.layer)].name;
    const std::int64_t channels = infos[static_cast<std::size_t>(membrane.layer)].shape.channels;
    const bool logits = membrane.layer + 1 == static_cast<int>(network.layers.size());
    if (!logits) tensors.push_back({name + ".threshold", DType::kI32, {channels}, 1, kLimit});
    tensors.push_back({name + ".scale", DType::kF64, {logits ? 1 : channels}, kSmallest, kLargest});
    if (membrane.reads_numbers) {
      tensors.push_back({name + ".input_shift", DType::kI32, {1}, 0, 15});
      numbers = true;
    }
  }
  if (numbers) {
    tensors.push_back({network.layers.front().name + ".fraction_bits", DType::kI32, {1}, 0, 15});
  }
  return tensors;
}

}  // namespace trispike::model
