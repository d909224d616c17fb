// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The neuron layer as tensor operations, one per equation: the definition that the kernels are
// tested against, and the path of everything they do not do.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "kernels/element.h"
#include "src/communicator.h"
#include "src/norm_neuron.h"

namespace trispike::train {
namespace {

using at::Tensor;
using model::SurrogateKind;

Tensor spikes_of(const Tensor& u, const model::NeuronSpec& neuron) {
  const double v = neuron.threshold;
  const Tensor positive = (neuron.strict ? u.gt(v) : u.ge(v)).to(u.scalar_type());
  if (!model::info(neuron.kind).negative_spikes) return positive;
  return positive - (neuron.strict ? u.lt(-v) : u.le(-v)).to(u.scalar_type());
}

/// Closed form of the surrogate gradient at potential u (model::SurrogateKind).
Tensor surrogate_derivative(const Tensor& u, const model::NeuronSpec& neuron) {
  const bool two_sided = model::info(neuron.kind).negative_spikes;
  const double w = neuron.surrogate.width;
  const Tensor z = (two_sided ? u.abs() : u) - neuron.threshold;
  const auto type = u.scalar_type();
  switch (neuron.surrogate.kind) {
    case SurrogateKind::kStraightThrough:
      return (u.ge(two_sided ? -w : 0.0) & u.le(w)).to(type);
    case SurrogateKind::kRectangle:
      return z.abs().lt(w).to(type) / (2 * w);
    case SurrogateKind::kTriangle:
      return (w - z.abs()).clamp_min(0) / (w * w);
    case SurrogateKind::kSigmoid: {
      const Tensor s = (z / w).sigmoid();
      return s * (1 - s) / w;
    }
    case SurrogateKind::kAtan:
      return 1 / (2 * w) / (1 + (z * (std::numbers::pi / (2 * w))).square());
    case SurrogateKind::kDspike:
      return (z / w).cosh().square().reciprocal() / (2 * w * std::tanh(1 / (2 * w))) *
             z.abs().le(0.5).to(type);
  }
  TORCH_CHECK(false, "[neuron] unknown surrogate");
}

/// The gradient of a threshold [1] from its parts per neuron; undefined if it is not trainable.
Tensor sum_for(const Tensor& threshold, const Tensor& parts) {
  if (!threshold.defined()) return {};
  return parts.sum(at::kDouble).view({1}).to(threshold.scalar_type());
}

/// Spikes forward, surrogate gradient backward. A trainable threshold is `neuron.threshold`, too.
struct Fire : torch::autograd::Function<Fire> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& u,
                        const std::optional<Tensor>& threshold, const model::NeuronSpec& neuron) {
    const Tensor side =
        model::info(neuron.kind).negative_spikes ? at::sign(u) : at::ones_like(u.detach());
    context->save_for_backward(
        {surrogate_derivative(u, neuron), side, threshold.value_or(Tensor())});
    return spikes_of(u, neuron);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor gradient = gradients[0] * saved[0];
    return {gradient, sum_for(saved[2], -gradient * saved[1]), Tensor()};
  }
};

/// Fraction of neurons that fire; its gradient is that of mean(max(0, |u| - hinge)).
struct FiringRate : torch::autograd::Function<FiringRate> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& u,
                        const std::optional<Tensor>& threshold, const model::NeuronSpec& neuron) {
    const double hinge = kernels::kRateHinge * neuron.threshold;
    Tensor pull = u.ge(hinge).to(u.scalar_type());
    if (model::info(neuron.kind).negative_spikes) pull = pull - u.le(-hinge).to(u.scalar_type());
    context->save_for_backward({pull, threshold.value_or(Tensor())});
    return spikes_of(u, neuron).abs().mean(at::kDouble);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor& pull = saved[0];
    const double scale = gradients[0].item<double>() / static_cast<double>(pull.numel());
    return {pull * scale, sum_for(saved[1], pull.abs() * (-kernels::kRateHinge * scale)), Tensor()};
  }
};

Tensor after_reset(const Tensor& u, const Tensor& spike_in, const Tensor& threshold,
                   const model::NeuronSpec& neuron) {
  const Tensor spike = neuron.detach_reset ? spike_in.detach() : spike_in;
  switch (neuron.reset) {
    case model::ResetMode::kHard:
      return u * (1 - spike.abs());
    case model::ResetMode::kSoft:
      if (threshold.defined() && !neuron.detach_reset) {
        return u - threshold.to(u.scalar_type()) * spike;
      }
      return u - neuron.threshold * spike;
    case model::ResetMode::kNone:
      return u;
  }
  TORCH_CHECK(false, "[neuron] unknown reset");
}

Tensor per_channel(const Tensor& values) { return values.view({1, -1, 1, 1}); }

const std::vector<std::int64_t> kAllButChannels{0, 2, 3};

/// Batch norm over the samples of all ranks. The sums of both directions travel once each.
struct GroupNorm : torch::autograd::Function<GroupNorm> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& weight, const Tensor& bias, const NormState& norm,
                        Communicator* group) {
    const std::int64_t channels = x.size(1);
    // About the running mean, which all ranks have in common: no cancellation where it is large.
    const Tensor centre = norm.running_mean.to(at::kDouble);
    const Tensor distance = x - per_channel(norm.running_mean);
    const Tensor sums =
        at::cat({distance.sum(kAllButChannels, false, at::kDouble),
                 distance.square().sum(kAllButChannels, false, at::kDouble),
                 at::full({1}, static_cast<double>(x.numel() / channels), at::kDouble)});
    group->all_reduce(sums);
    const double n = sums[-1].item<double>();
    const Tensor offset = sums.narrow(0, 0, channels) / n;
    const Tensor mean = centre + offset;
    const Tensor variance =
        (sums.narrow(0, channels, channels) / n - offset.square()).clamp_min(0.0);
    const double momentum = norm.layer.momentum, unbias = n > 1 ? n / (n - 1) : 1.0;
    Tensor running_mean = norm.running_mean, running_var = norm.running_var;
    running_mean.lerp_(mean.to(running_mean.scalar_type()), momentum);
    running_var.lerp_((variance * unbias).to(running_var.scalar_type()), momentum);
    const Tensor inverse = (variance + norm.layer.eps).rsqrt();
    context->save_for_backward({x, mean, inverse, weight});
    context->saved_data["n"] = n;
    context->saved_data["group"] = reinterpret_cast<std::int64_t>(group);
    const Tensor scale = weight.to(at::kDouble) * inverse;
    return (x - per_channel(mean.to(x.scalar_type()))) * per_channel(scale.to(x.scalar_type())) +
           per_channel(bias);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &mean = saved[1], &inverse = saved[2], &weight = saved[3],
                 &gradient = gradients[0];
    const double n = context->saved_data["n"].toDouble();
    auto* group = reinterpret_cast<Communicator*>(context->saved_data["group"].toInt());
    const auto real = [&](const Tensor& values) { return per_channel(values.to(x.scalar_type())); };
    const Tensor normed = (x - real(mean)) * real(inverse);
    const Tensor sum = gradient.sum(kAllButChannels, false, at::kDouble),
                 product = (gradient * normed).sum(kAllButChannels, false, at::kDouble);
    const Tensor all = at::cat({sum, product});  // parameters' gradients are own shares
    group->all_reduce(all);
    const std::vector<Tensor> means = (all / n).chunk(2);
    const Tensor scale = weight.to(at::kDouble) * inverse;
    const Tensor grad_x = (gradient - real(means[0]) - normed * real(means[1])) * real(scale);
    return {grad_x, product.to(weight.scalar_type()), sum.to(weight.scalar_type()), Tensor(),
            Tensor()};
  }
};

/// In float32 or float64.
Tensor group_norm(const Tensor& map, const Tensor& weight, const NormState& norm,
                  Communicator& group) {
  const Tensor x = map.scalar_type() == at::kDouble ? map : map.to(at::kFloat);
  return GroupNorm::apply(x, weight, norm.bias, norm, &group).to(map.scalar_type());
}

}  // namespace

Tensor batch_norm(const Tensor& x, const NormState& norm, std::int64_t time_steps, bool is_static,
                  bool training, Communicator* group) {
  const Tensor weight = norm.layer.scale == 1.0 ? norm.weight : norm.weight * norm.layer.scale;
  const auto apply = [&](const Tensor& map) {
    if (training && group != nullptr) return group_norm(map, weight, norm, *group);
    return at::batch_norm(map, weight, norm.bias, norm.running_mean, norm.running_var, training,
                          norm.layer.momentum, norm.layer.eps, /*cudnn_enabled=*/false);
  };
  if (!training) return apply(x);
  TORCH_CHECK(!is_static, "[batch_norm] a static map must be expanded over time for training");
  if (!norm.layer.per_time_step) return apply(x);
  std::vector<Tensor> steps;
  for (const Tensor& step : x.chunk(time_steps)) steps.push_back(apply(step));
  return at::cat(steps);
}

NormNeuronOutput reference_norm_neuron(const NormNeuronInput& in) {
  Tensor current = in.current;
  if (in.static_current) {
    std::vector<std::int64_t> repeats(static_cast<std::size_t>(current.dim()), 1);
    repeats[0] = in.time_steps;
    current = current.repeat(repeats);
  }
  if (in.norm.weight.defined()) {
    current = batch_norm(current, in.norm, in.time_steps, false, in.training, in.group);
  }
  if (in.residual.defined()) current = current + in.residual;
  if (!model::info(in.neuron.kind).spiking) {
    const Tensor out = current.relu();
    return {out, out.detach().ne(0).to(at::kDouble).mean()};
  }
  model::NeuronSpec neuron = in.neuron;
  const std::optional<Tensor> threshold =
      in.threshold.defined() ? std::optional<Tensor>(in.threshold) : std::nullopt;
  if (threshold) neuron.threshold = threshold->item<double>();
  std::vector<Tensor> spikes, rates;
  Tensor u;
  for (const Tensor& x : current.chunk(in.time_steps)) {
    const Tensor before = u.defined() ? u * neuron.decay + x : x;
    const Tensor spike = Fire::apply(before, threshold, neuron);
    rates.push_back(FiringRate::apply(before, threshold, neuron));
    u = after_reset(before, spike, in.threshold, neuron);
    spikes.push_back(in.amplitude.defined() ? spike * in.amplitude.to(spike.scalar_type()) : spike);
  }
  return {at::cat(spikes), at::stack(rates).mean()};
}

}  // namespace trispike::train
