// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/training_step.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

/// The firing-rate objective's weight starts here and follows the excess of the rate over its
/// target by this factor's exponential per iteration and unit of `train.firing_rate_weight`: in
/// proportion to itself, so that no scale of the loss needs to be known.
constexpr double kFirstPenalty = 0.01;
constexpr double kPenaltyGain = 3e-3;
constexpr double kSmallestPenalty = 1e-4, kLargestPenalty = 10.0;

double next_penalty(double penalty, double rate, const TrainSection& settings) {
  const double excess = std::clamp(rate / settings.firing_rate_target - 1.0, -1.0, 2.0);
  return std::clamp(penalty * std::exp(kPenaltyGain * settings.firing_rate_weight * excess),
                    kSmallestPenalty, kLargestPenalty);
}

/// Called by backward when a parameter's gradient is complete.
struct Update : torch::autograd::PostAccumulateGradHook {
  OptimizerState& optimizer;
  std::size_t index;
  Update(OptimizerState& state, std::size_t i) : optimizer(state), index(i) {}
  void operator()(const at::Tensor&) override { optimizer.update(index); }
};

}  // namespace

TrainingStep::TrainingStep(const TrainSection& settings, Network& network,
                           OptimizerState& optimizer, bool bfloat16)
    : settings_(settings), network_(network), optimizer_(optimizer), bfloat16_(bfloat16) {
  for (std::size_t i = 0; i < optimizer.size(); ++i) {
    torch::autograd::impl::set_post_acc_grad_hooks(optimizer.parameters()[i].tensor,
                                                   std::make_unique<Update>(optimizer, i));
  }
}

TrainingStep::~TrainingStep() {
  for (const Parameter& parameter : optimizer_.parameters()) {
    torch::autograd::impl::set_post_acc_grad_hooks(parameter.tensor, nullptr);
  }
}

double first_penalty(const TrainSection& settings) {
  return settings.firing_rate_target > 0 ? kFirstPenalty : 0.0;
}

/// Mean firing rate over all neurons.
double TrainingStep::mean_rate(const ForwardResult& out) const {
  double spikes = 0.0, places = 0.0;
  for (std::size_t i = 0; i < out.firing_rates.size(); ++i) {
    const auto count = static_cast<double>(network_.neuron_counts()[i]);
    spikes += out.firing_rates[i].item<double>() * count;
    places += count;
  }
  return places > 0 ? spikes / places : 0.0;
}

StepResult TrainingStep::run(const at::Tensor& images, const at::Tensor& labels,
                             double learning_rate, std::int64_t iteration, double& penalty) {
  ForwardOptions forward;
  forward.training = true;
  forward.fused = settings_.fused;
  forward.bfloat16 = bfloat16_;
  const ForwardResult out = network_.forward(images, forward);
  at::Tensor loss = at::cross_entropy_loss(out.logits, labels, {}, at::Reduction::Mean, -100,
                                           settings_.label_smoothing);
  StepResult result;
  result.loss = loss.item<double>();
  if (!std::isfinite(result.loss)) {
    throw Error("the loss is not finite after " + std::to_string(iteration) +
                " iterations; lower train.learning_rate or add train.warmup_iterations");
  }
  result.firing_rate = mean_rate(out);
  result.correct = out.logits.argmax(1).eq(labels).sum().item<std::int64_t>();
  if (settings_.firing_rate_target > 0) {
    penalty = next_penalty(penalty, result.firing_rate, settings_);
    for (const at::Tensor& layer_rate : out.firing_rates)
      loss = loss + layer_rate * penalty;  // layers count equally, whatever their size
  }
  optimizer_.begin(learning_rate, iteration);
  loss.backward();
  return result;
}

}  // namespace trispike::train
