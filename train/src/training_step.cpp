// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/training_step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
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

}  // namespace

/// Called by backward when a parameter's gradient is complete.
struct GradientHook : torch::autograd::PostAccumulateGradHook {
  TrainingStep& step;
  std::size_t index;
  GradientHook(TrainingStep& owner, std::size_t i) : step(owner), index(i) {}
  void operator()(const at::Tensor&) override { step.gradient_is_complete(index); }
};

TrainingStep::TrainingStep(const TrainSection& settings, Network& network,
                           OptimizerState& optimizer, std::optional<at::ScalarType> maps,
                           Communicator* group)
    : settings_(settings), network_(network), optimizer_(optimizer), maps_(maps), group_(group) {
  if (group != nullptr) buckets_.emplace(optimizer.parameters(), *group);
  for (std::size_t i = 0; i < optimizer.size(); ++i) {
    torch::autograd::impl::set_post_acc_grad_hooks(optimizer.parameters()[i].tensor,
                                                   std::make_unique<GradientHook>(*this, i));
  }
}

TrainingStep::~TrainingStep() {
  for (const Parameter& parameter : optimizer_.parameters()) {
    torch::autograd::impl::set_post_acc_grad_hooks(parameter.tensor, nullptr);
  }
}

void TrainingStep::gradient_is_complete(std::size_t i) {
  if (buckets_) {
    buckets_->take(i);
  } else {
    update(i);
  }
}

void TrainingStep::update(std::size_t i) {
  if (!scaled_) optimizer_.update(i);
}

/// Of a loss that was scaled: all parameters if all gradients are finite, else none.
void TrainingStep::update_all(LossScale& scale) {
  c10::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const Parameter& parameter : optimizer_.parameters()) {
    if (parameter.tensor.grad().defined()) gradients.push_back(parameter.tensor.grad());
  }
  const bool finite = all_finite(gradients);
  for (std::size_t i = 0; i < optimizer_.size(); ++i) {
    at::Tensor& gradient = optimizer_.parameters()[i].tensor.mutable_grad();
    if (finite && gradient.defined()) {
      gradient = gradient / scale.scale;  // not in place: other ranks may read the sum
      optimizer_.update(i);
    }
    gradient = at::Tensor();
  }
  follow(scale, finite);
}

double first_penalty(const TrainSection& settings) {
  return settings.firing_rate_target > 0 ? kFirstPenalty : 0.0;
}

/// Mean firing rate over all neurons.
double TrainingStep::mean_rate(const ForwardResult& out) const {
  double spikes = 0.0, places = 0.0;
  const at::Tensor rates = at::stack(out.firing_rates).to(at::kCPU, at::kDouble);
  for (std::size_t i = 0; i < out.firing_rates.size(); ++i) {
    const auto count = static_cast<double>(network_.neuron_counts()[i]);
    spikes += rates.data_ptr<double>()[i] * count;
    places += count;
  }
  return places > 0 ? spikes / places : 0.0;
}

StepResult TrainingStep::run(const Batch& batch, double learning_rate, std::int64_t iteration,
                             double& penalty, LossScale* loss_scale) {
  const Share share = share_of(batch.total, group_);
  ForwardOptions forward;
  forward.training = true;
  forward.fused = settings_.fused;
  forward.maps = maps_;
  // Ranks that all have the whole batch have its statistics, too.
  if (group_ != nullptr && batch.total >= group_->size()) forward.group = group_;
  const ForwardResult out = network_.forward(batch.images, forward);
  at::Tensor loss = at::cross_entropy_loss(out.logits, batch.labels, {}, at::Reduction::Mean, -100,
                                           settings_.label_smoothing);
  const auto correct = out.logits.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  // Each rank's part of the whole batch's loss: the sum over ranks is its mean.
  const at::Tensor news =
      at::tensor({share.weight * loss.item<double>(), share.weight * mean_rate(out),
                  share.weight * static_cast<double>(correct) * static_cast<double>(batch.total) /
                      static_cast<double>(share.size),
                  batch.stop ? 1.0 : 0.0},
                 at::kDouble);
  if (group_ != nullptr) group_->all_reduce(news);
  const double* sums = news.data_ptr<double>();
  const StepResult result{sums[0], sums[1], std::llround(sums[2]), sums[3] > 0.0};
  if (!std::isfinite(result.loss)) {
    throw Error("the loss is not finite after " + std::to_string(iteration) +
                " iterations; lower train.learning_rate or add train.warmup_iterations");
  }
  if (settings_.firing_rate_target > 0) {
    penalty = next_penalty(penalty, result.firing_rate, settings_);
    for (const at::Tensor& layer_rate : out.firing_rates)
      loss = loss + layer_rate * penalty;  // layers count equally, whatever their size
  }
  if (group_ != nullptr) loss = loss * share.weight;
  scaled_ = loss_scale != nullptr && loss_scale->is_on();
  if (scaled_) loss = loss * loss_scale->scale;
  optimizer_.begin(learning_rate, iteration - (scaled_ ? loss_scale->skipped_steps : 0));
  loss.backward();
  if (buckets_) buckets_->finish([this](std::size_t i) { update(i); });
  if (scaled_) update_all(*loss_scale);
  return result;
}

}  // namespace trispike::train
