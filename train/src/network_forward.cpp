// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The forward pass of a network. Backward may compute stretches of layers again instead of keeping
// what they give.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/engine.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "src/average_pool.h"
#include "src/convolution.h"
#include "src/network.h"
#include "src/norm_neuron.h"
#include "src/packed_spikes.h"
#include "src/post_training.h"
#include "src/weight_grid.h"
#include "src/window_product.h"
#include "trispike/model/error.h"

namespace trispike::train {

using at::Tensor;
using namespace model;  // NOLINT: the layer types

namespace {

/// Its input, whose gradient is multiplied by `factor`.
struct GradientTimes : torch::autograd::Function<GradientTimes> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, double factor) {
    context->saved_data["factor"] = factor;
    return x.clone();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0] * context->saved_data["factor"].toDouble(), Tensor()};
  }
};

}  // namespace

/// One forward pass: the value of every layer, [T*N, ...] or, while nothing depends on time, [N,
/// ...].
struct Network::Run {
  const Network& network;
  const ForwardOptions options;
  std::int64_t time_steps;
  std::vector<Tensor> values;
  std::vector<bool> is_static;
  std::vector<bool> is_spikes;  ///< made by a neuron layer: zeros and numbers of one magnitude
  std::vector<double> rates;    ///< firing rates of those
  std::vector<std::shared_ptr<const PackedSpikes>> packed;  ///< where a reader has asked for them
  /// Running statistics to use and to move instead of the network's, per norm.
  std::map<int, std::pair<Tensor, Tensor>> statistics;
  WeightGrid::Steps steps;  ///< of the weights, as they are before statistics move
  ForwardResult result;

  Run(const Network& owner, const ForwardOptions& how)
      : network(owner),
        options(how),
        time_steps(owner.spec_.time_steps),
        values(owner.spec_.layers.size()),
        is_static(owner.spec_.layers.size(), false),
        is_spikes(owner.spec_.layers.size(), false),
        rates(owner.spec_.layers.size(), 1.0),
        packed(owner.spec_.layers.size()) {}

  NormState norm_state(int layer) const {
    NormState state = network.norm_state(layer);
    if (const auto own = statistics.find(layer); own != statistics.end()) {
      std::tie(state.running_mean, state.running_var) = own->second;
    }
    return state;
  }

  void layers(int first, int last) {
    for (int i = first; i < last; ++i) {
      if (!network.absorbed_[static_cast<std::size_t>(i)]) layer(i);
      drop_what_nobody_reads(i);
    }
  }

  /// A value is dropped after its last reader: in evaluation this bounds the memory.
  void drop_what_nobody_reads(int after) {
    for (std::size_t k = 0; k < values.size(); ++k) {
      if (network.last_reader_[k] != after) continue;
      values[k] = Tensor();
      packed[k] = nullptr;
    }
  }

  Tensor expanded(int layer) const {
    const auto i = static_cast<std::size_t>(layer);
    if (!is_static[i] || time_steps == 1) return values[i];
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(values[i].dim()), 1);
    repeats[0] = time_steps;
    return values[i].repeat(repeats);
  }

  /// Null if the value is not known to be spikes, or nothing is kept for backward.
  std::shared_ptr<const PackedSpikes> packed_spikes(int layer) {
    const auto i = static_cast<std::size_t>(layer);
    const bool keeps = options.training && c10::GradMode::is_enabled();
    if (!options.pack_spikes || !is_spikes[i] || !keeps || !values[i].is_cpu()) return nullptr;
    if (!packed[i]) packed[i] = std::make_shared<const PackedSpikes>(values[i]);
    return packed[i];
  }

  /// Of a neuron layer's spikes; 1 where layers are computed again, so that each time all are
  /// computed in the same way.
  double known_rate(int layer) const {
    return options.recompute > 0 ? 1.0 : rates[static_cast<std::size_t>(layer)];
  }

  GridWeight weight(int layer, bool is_cast) const {
    const Tensor& w = network.tensor(layer, "weight");
    if (options.grid == nullptr) return {w, Tensor()};
    return options.grid->round(w, steps.at(layer), is_cast);
  }

  void conv(int index, const ConvLayer& layer, const Tensor& x) {
    const Tensor& w = network.tensor(index, "weight");
    const at::ScalarType type = options.maps.value_or(w.scalar_type());
    const GridWeight grid = weight(index, type != w.scalar_type());
    std::optional<Tensor> bias;
    if (layer.bias) bias = network.tensor(index, "bias").to(x.scalar_type());
    Tensor& y = values[static_cast<std::size_t>(index)];
    if (has_window_product(layer, x)) {
      y = window_product(x, grid.weight, layer);
    } else {
      const int source = network.spec_.layers[static_cast<std::size_t>(index)].inputs[0];
      const auto spikes = packed_spikes(source);
      const ConvolutionMethods methods = methods_for(layer, x, spikes ? known_rate(source) : 1.0);
      if (methods != ConvolutionMethods{}) {
        y = convolution(x, grid.weight, layer, methods, spikes);
      } else {
        const bool with_bias = !grid.factor.defined();
        y = at::conv2d(x, grid.weight.to(type), with_bias ? bias : std::nullopt,
                       {layer.stride, layer.stride}, {layer.padding, layer.padding});
        if (with_bias) bias.reset();
        if (spikes) keep_packed(y, spikes);
      }
    }
    if (grid.factor.defined()) y = scale_channels(y, grid.factor);
    if (bias) y = y + bias->view({1, -1, 1, 1});
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
    if (fusion.norm >= 0) in.norm = norm_state(fusion.norm);
    if (network.has(index, "amplitude")) in.amplitude = network.tensor(index, "amplitude");
    if (network.has(index, "threshold")) {
      const double neurons = static_cast<double>(in.current[0].numel());
      in.threshold =
          GradientTimes::apply(network.tensor(index, "threshold"), 1.0 / std::sqrt(neurons));
    }
    const bool fused = options.fused && info(layer.neuron.kind).spiking && in.current.dim() == 4;
    if (fused && fusion.residual >= 0) in.packed_residual = packed_spikes(fusion.residual);
    NormNeuronOutput out = fused ? fused_norm_neuron(in) : reference_norm_neuron(in);
    if (options.activation_bits > 0) {
      const double step = options.activation_steps.at(result.firing_rates.size());
      out.spikes = rounded_activation(out.spikes, step, options.activation_bits);
    }
    result.firing_rates.push_back(out.firing_rate);
    if (options.record_spikes) result.spikes.push_back(out.spikes);
    values[static_cast<std::size_t>(index)] = out.spikes;
    is_spikes[static_cast<std::size_t>(index)] = fused;
    if (out.firing_rate.is_cpu()) {
      rates[static_cast<std::size_t>(index)] = out.firing_rate.item<double>();
    }
  }

  void layer(int index) {
    const auto i = static_cast<std::size_t>(index);
    const Layer& current = network.spec_.layers[i];
    const auto input = [&](std::size_t k) -> const Tensor& {
      return values[static_cast<std::size_t>(current.inputs[k])];
    };
    is_static[i] =
        !current.inputs.empty() && is_static[static_cast<std::size_t>(current.inputs[0])];
    if (const auto* layer_conv = std::get_if<ConvLayer>(&current.params)) {
      conv(index, *layer_conv, input(0));
    } else if (std::holds_alternative<BatchNormLayer>(current.params)) {
      const bool expand = is_static[i] && options.training;
      values[i] = batch_norm(expand ? expanded(current.inputs[0]) : input(0), norm_state(index),
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
      const Tensor w = weight(index, /*is_cast=*/false).weight;
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

/// Layers [first, last) and what is needed to compute them again: the values they read, and the
/// running statistics from before, so that those of the network move once.
struct Network::Stretch : torch::CustomClassHolder {
  Run before;
  int first, last;
  std::vector<int> inputs, outputs;  ///< layers whose values go in and come out
  std::vector<bool> wants_gradient;  ///< per input

  Stretch(const Run& run, int from, int to)
      : before(run.network, run.options), first(from), last(to) {
    const Network& network = run.network;
    before.steps = run.steps;
    before.is_static = run.is_static;
    before.is_spikes = run.is_spikes;
    const auto read_here = [&](int layer) {
      for (int i = first; i < last; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto& read = network.spec_.layers[at].inputs;
        const Fusion& fusion = network.fusions_[at];
        if (std::ranges::find(read, layer) != read.end() || fusion.current == layer ||
            fusion.residual == layer) {
          return true;
        }
      }
      return false;
    };
    for (int k = 0; k < last; ++k) {
      const auto at = static_cast<std::size_t>(k);
      if (k < first && run.values[at].defined() && read_here(k)) {
        inputs.push_back(k);
        before.values[at] = run.values[at];
        wants_gradient.push_back(run.values[at].requires_grad());
      } else if (k >= first && !network.absorbed_[at] && network.last_reader_[at] >= last) {
        outputs.push_back(k);
      }
    }
    for (int i = first; i < last; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (!std::holds_alternative<BatchNormLayer>(network.spec_.layers[at].params)) continue;
      const NormState state = network.norm_state(i);
      before.statistics[i] = {state.running_mean.clone(), state.running_var.clone()};
    }
  }

  /// The values that come out, then the firing rates.
  static std::vector<Tensor> results(const Run& run, const std::vector<int>& outputs) {
    std::vector<Tensor> all;
    for (const int k : outputs) all.push_back(run.values[static_cast<std::size_t>(k)]);
    all.insert(all.end(), run.result.firing_rates.begin(), run.result.firing_rates.end());
    return all;
  }
};

struct Network::Recomputed : torch::autograd::Function<Network::Recomputed> {
  /// `always` requires a gradient, for stretches of which no input does. `run` goes on behind it.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                at::TensorList /*inputs*/, const Tensor& /*always*/,
                                                const c10::intrusive_ptr<Stretch>& stretch,
                                                Run* run) {
    Run now = stretch->before;
    now.statistics.clear();
    now.layers(stretch->first, stretch->last);
    run->is_static = now.is_static;
    run->is_spikes = now.is_spikes;
    context->saved_data["stretch"] = c10::IValue::make_capsule(stretch);
    context->set_materialize_grads(false);
    return Stretch::results(now, stretch->outputs);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto kept = context->saved_data["stretch"].toCapsule();
    const Stretch& stretch = *static_cast<const Stretch*>(kept.get());
    c10::AutoGradMode enabled(true);
    Run run = stretch.before;
    for (auto& [layer, state] : run.statistics) {
      state = {state.first.clone(), state.second.clone()};
    }
    std::vector<Tensor> inputs;
    for (std::size_t i = 0; i < stretch.inputs.size(); ++i) {
      const auto at = static_cast<std::size_t>(stretch.inputs[i]);
      const Tensor value = run.packed[at] ? run.packed[at]->unpack() : run.values[at].detach();
      inputs.push_back(value.requires_grad_(stretch.wants_gradient[i]));
      run.values[at] = inputs.back();
      run.is_spikes[at] = false;  // it is here in full: no second copy for its readers
    }
    run.layers(stretch.first, stretch.last);
    torch::autograd::edge_list roots;
    torch::autograd::variable_list seeds;
    std::vector<Tensor> results = Stretch::results(run, stretch.outputs);
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!gradients[i].defined() || !results[i].requires_grad()) continue;
      roots.push_back(torch::autograd::impl::gradient_edge(results[i]));
      seeds.push_back(std::move(gradients[i]));
    }
    // Only the graph behind them is needed.
    results.clear();
    run.values.clear();
    run.result = {};
    if (!roots.empty()) {
      torch::autograd::Engine::get_default_engine().execute(
          roots, seeds, /*keep_graph=*/false, /*create_graph=*/false, /*accumulate_grad=*/true, {});
    }
    torch::autograd::variable_list all;
    for (const Tensor& input : inputs) all.push_back(input.grad());
    all.resize(all.size() + 3);
    return all;
  }
};

void Network::run_recomputed(Run& run, int first, int last) const {
  const auto stretch = c10::make_intrusive<Stretch>(run, first, last);
  std::vector<Tensor> inputs;
  for (const int k : stretch->inputs) inputs.push_back(run.values[static_cast<std::size_t>(k)]);
  const Tensor always = at::zeros({1}).requires_grad_();
  const auto results = Recomputed::apply(at::TensorList(inputs), always, stretch, &run);
  // From now on it needs the values for backward only.
  for (const int k : stretch->inputs) {
    const auto at = static_cast<std::size_t>(k);
    if (auto packed = run.packed_spikes(k)) {
      stretch->before.packed[at] = std::move(packed);
      stretch->before.values[at] = Tensor();
    }
  }
  const std::size_t count = stretch->outputs.size();
  for (std::size_t i = 0; i < count; ++i) {
    run.values[static_cast<std::size_t>(stretch->outputs[i])] = results[i];
  }
  run.result.firing_rates.insert(run.result.firing_rates.end(),
                                 results.begin() + static_cast<std::ptrdiff_t>(count),
                                 results.end());
  for (int i = first; i < last; ++i) run.drop_what_nobody_reads(i);
}

ForwardResult Network::forward(const Tensor& input, const ForwardOptions& options) const {
  const InputLayer& expected = spec_.input();
  const bool frames = expected.kind != InputKind::kStatic;
  TORCH_CHECK(input.dim() == (frames ? 5 : 4), "[network] input must be ",
              frames ? "[N, T, C, H, W]" : "[N, C, H, W]", ", got ", input.sizes());
  Run run(*this, options);
  Tensor x = frames ? input.transpose(0, 1).flatten(0, 1) : input;
  x = x.to(options.maps.value_or(dtype_));
  run.values[0] = x.contiguous(at::MemoryFormat::ChannelsLast);
  run.is_static[0] = !frames;
  if (options.grid != nullptr) run.steps = options.grid->steps(*this);
  int next = 1;
  if (options.recompute > 0 && options.training && c10::GradMode::is_enabled()) {
    // What follows the last whole stretch is needed first in backward: it is kept.
    const auto step = static_cast<std::size_t>(options.recompute);
    for (std::size_t n = step; n < neuron_layers_.size(); n += step) {
      const int last = neuron_layers_[n - 1] + 1;
      run_recomputed(run, next, last);
      next = last;
    }
  }
  run.layers(next, static_cast<int>(spec_.layers.size()));
  const Tensor last = run.expanded(static_cast<int>(spec_.layers.size()) - 1).flatten(1);
  run.result.logits = last.view({spec_.time_steps, -1, last.size(1)}).mean(0);
  return std::move(run.result);
}

}  // namespace trispike::train
