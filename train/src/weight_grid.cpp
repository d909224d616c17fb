// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/weight_grid.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "kernels/neuron_layer.h"
#include "src/own_kernels.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"

namespace trispike::train {
namespace {

using at::Tensor;
using kernels::BFloat16;

/// Where two layers with weights meet in a membrane, they share its scale. The one with the smaller
/// currents keeps at least so many steps to its largest weight: a norm that starts at weight 0
/// would have all of its weights rounded to 0 else, and never learn.
constexpr double kFewestSteps = 3;

model::ModelData data_of(const Network& network) {
  model::ModelData data;
  data.network = network.spec();
  data.stage = model::Stage::kTrained;
  data.tensors = network.tensors();
  return data;
}

/// The batch norm that reads `layer`; -1: none.
int norm_behind(const model::NetworkSpec& network, int layer) {
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const model::Layer& reader = network.layers[i];
    if (std::holds_alternative<model::BatchNormLayer>(reader.params) && reader.inputs[0] == layer) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

/// [out] as it is multiplied with weights [out, ...].
Tensor per_output(const Tensor& values, const Tensor& weight) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
  shape[0] = -1;
  return values.view(shape);
}

/// unit * round(weight / step), ties to even, within +-limit units. The gradient is that of
/// unit / step * weight.
struct Round : torch::autograd::Function<Round> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& weight,
                        const Tensor& step, const Tensor& unit, double limit) {
    const Tensor wide_step = per_output(step, weight), wide_unit = per_output(unit, weight);
    context->save_for_backward({wide_unit / wide_step});
    return (weight / wide_step).round_().clamp_(-limit, limit).mul_(wide_unit);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], Tensor(), Tensor(), Tensor()};
  }
};

/// The largest power of two that is not above each of `steps`.
Tensor power_of_two_below(const Tensor& steps) {
  return at::exp2(at::floor(at::log2(steps.to(at::kDouble)))).to(steps.scalar_type());
}

template <class Store>
void scale_rows(const Tensor& y, const Tensor& factor, const Tensor& out) {
  using Real = typename kernels::KernelsOf<Store>::Real;
  const kernels::MapSize size{1, y.numel() / y.size(1), y.size(1), false, 1};
  const Tensor slope = factor.to(c10::CppTypeToScalarType<Real>::value);
  const Tensor zero = at::zeros_like(slope);
  const Tensor space =
      at::empty({at::get_num_threads() * kernels::workspace_size(size)}, slope.scalar_type());
  const auto* in = static_cast<const Store*>(y.data_ptr());
  // The line that the norm's backward computes, with a slope alone.
  kernels::KernelsOf<Store>::get(kernels::neuron_layer_target())
      .norm_backward(size, in, in, static_cast<Store*>(out.data_ptr()), slope.data_ptr<Real>(),
                     zero.data_ptr<Real>(), zero.data_ptr<Real>(), space.data_ptr<Real>(),
                     at::get_num_threads());
}

Tensor scaled(const Tensor& map, const Tensor& factor) {
  if (!has_own_kernels(map)) {
    return (map * factor.view({1, -1, 1, 1})).to(map.scalar_type());
  }
  const Tensor y = map.contiguous(at::MemoryFormat::ChannelsLast);
  const Tensor out = at::empty_like(y);
  if (y.scalar_type() == at::kBFloat16) {
    scale_rows<BFloat16>(y, factor, out);
  } else if (y.scalar_type() == at::kFloat) {
    scale_rows<float>(y, factor, out);
  } else {
    scale_rows<double>(y, factor, out);
  }
  return out;
}

struct ScaleChannels : torch::autograd::Function<ScaleChannels> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& y,
                        const Tensor& factor) {
    context->save_for_backward({factor});
    return scaled(y, factor);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {scaled(gradients[0], context->get_saved_variables()[0]), Tensor()};
  }
};

}  // namespace

WeightGrid::WeightGrid(const Network& network, int bits) : limit_(std::ldexp(1.0, bits - 1) - 1) {
  const model::NetworkSpec& trained = network.spec();
  const model::NetworkSpec folded = model::fold(data_of(network)).network;
  const auto layer_of = [&](int index) {
    return trained.find(folded.layers[static_cast<std::size_t>(index)].name);
  };
  std::vector<model::Membrane> found;
  try {
    found = model::membranes(folded);
  } catch (const ShapeError& error) {
    throw ConfigError("train.weight_bits", error.what());
  }
  for (const model::Membrane& membrane : found) {
    Membrane own{{}, membrane.layer + 1 == static_cast<int>(folded.layers.size())};
    for (const model::Synapse& synapse : membrane.synapses) {
      const auto& params = folded.layers[static_cast<std::size_t>(synapse.layer)].params;
      if (std::holds_alternative<model::ScaleLayer>(params)) continue;  // an identity
      const int layer = layer_of(synapse.layer);
      own.synapses.push_back({layer, norm_behind(trained, layer), layer_of(synapse.source),
                              static_cast<double>(synapse.divisor)});
    }
    membranes_.push_back(std::move(own));
  }
}

/// Magnitude of what folding and pools multiply a layer's weights with, [out] or [1], float64.
Tensor WeightGrid::gain(const Network& network, const Synapse& synapse) const {
  Tensor gain =
      at::full({1}, 1.0 / synapse.divisor, at::TensorOptions(network.device()).dtype(at::kDouble));
  if (synapse.norm >= 0) {
    const auto& layer = network.spec().layers[static_cast<std::size_t>(synapse.norm)];
    const auto& norm = std::get<model::BatchNormLayer>(layer.params);
    const auto values = [&](const char* role) {
      return network.tensor(synapse.norm, role).detach().to(at::kDouble);
    };
    gain = gain * values("weight").abs() * (norm.scale / (values("running_var") + norm.eps).sqrt());
  }
  if (network.has(synapse.source, "amplitude")) {
    gain = gain * network.tensor(synapse.source, "amplitude").detach().abs().to(at::kDouble);
  }
  return gain;
}

WeightGrid::Steps WeightGrid::steps(const Network& network) const {
  c10::NoGradGuard no_grad;
  Steps steps;
  for (const Membrane& membrane : membranes_) {
    std::vector<Tensor> largest, gains;  // weight of each output channel
    Tensor scale;                        // of the membrane
    for (const Synapse& synapse : membrane.synapses) {
      const Tensor weight = network.tensor(synapse.layer, "weight");
      largest.push_back(weight.abs().flatten(1).amax(1).to(at::kDouble));
      if (membrane.one_scale) largest.back() = largest.back().max().expand_as(largest.back());
      gains.push_back(gain(network, synapse));
      const Tensor own = largest.back() * gains.back() / limit_;
      scale = scale.defined() ? at::maximum(scale, own) : own;
    }
    for (std::size_t i = 0; i < membrane.synapses.size(); ++i) {
      const int layer = membrane.synapses[i].layer;
      Tensor step = largest[i] / limit_;
      if (membrane.synapses.size() > 1) {
        // Without currents of its own (gain 0) it has no part in the membrane's scale.
        const Tensor shared = at::where(gains[i] > 0, scale / gains[i], step);
        step = at::maximum(step, at::minimum(shared, largest[i] / kFewestSteps));
      }
      step = at::where(step > 0, step, at::ones_like(step));  // no weights but zeros
      steps[layer] = step.to(network.tensor(layer, "weight").scalar_type());
    }
  }
  return steps;
}

GridWeight WeightGrid::round(const Tensor& weight, const Tensor& step, bool is_cast) const {
  if (!is_cast) return {Round::apply(weight, step, step, limit_), Tensor()};
  const Tensor unit = power_of_two_below(step);
  return {Round::apply(weight, step, unit, limit_), step / unit};
}

Network WeightGrid::rounded(const Network& network) const {
  c10::NoGradGuard no_grad;
  Network copy(network.spec(), 0, network.state().front().scalar_type(), network.device());
  copy.load(network.tensors());
  for (const auto& [layer, step] : steps(network)) {
    Tensor weight = copy.tensor(layer, "weight");
    weight.copy_(round(weight, step, /*is_cast=*/false).weight);
  }
  return copy;
}

Tensor scale_channels(const Tensor& y, const Tensor& factor) {
  return ScaleChannels::apply(y, factor);
}

}  // namespace trispike::train
