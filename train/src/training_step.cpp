// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/training_step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <cmath>
#include <iterator>
#include <memory>
#include <vector>

#include "trispike/model/error.h"

namespace trispike::train {
/// Called by backward when a parameter's gradient is complete.
struct GradientHook : torch::autograd::PostAccumulateGradHook {
  TrainingStep& step;
  std::size_t index;
  GradientHook(TrainingStep& owner, std::size_t i) : step(owner), index(i) {}
  void operator()(const at::Tensor&) override { step.gradient_is_complete(index); }
};

namespace {

/// Waits once for all of them.
std::vector<double> numbers(const std::vector<at::Tensor>& scalars) {
  const at::Tensor all = at::stack(scalars).to(at::kCPU, at::kDouble);
  return {all.data_ptr<double>(), all.data_ptr<double>() + all.numel()};
}

}  // namespace

TrainingStep::TrainingStep(const TrainSection& settings, Network& network,
                           OptimizerState& optimizer, std::optional<at::ScalarType> maps,
                           Communicator* group, const Teacher* teacher)
    : settings_(settings),
      network_(network),
      optimizer_(optimizer),
      maps_(maps),
      group_(group),
      teacher_(teacher),
      objective_(settings, network.spec()) {
  if (settings.weight_bits > 0) grid_.emplace(network, settings.weight_bits);
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

/// Mean firing rate over all neurons.
double TrainingStep::mean_rate(const std::vector<double>& layer_rates) const {
  double spikes = 0.0, places = 0.0;
  for (std::size_t i = 0; i < layer_rates.size(); ++i) {
    const auto count = static_cast<double>(network_.neuron_counts()[i]);
    spikes += layer_rates[i] * count;
    places += count;
  }
  return places > 0 ? spikes / places : 0.0;
}

StepResult TrainingStep::run(const Batch& batch, double learning_rate, std::int64_t iteration,
                             FiringWeights& penalty, LossScale* loss_scale) {
  const Share share = share_of(batch.total, group_);
  ForwardOptions forward;
  forward.training = true;
  forward.fused = settings_.fused;
  forward.maps = maps_;
  forward.recompute = settings_.recompute;
  if (grid_) forward.grid = &*grid_;
  // Ranks that all have the whole batch have its statistics, too.
  if (group_ != nullptr && batch.total >= group_->size()) forward.group = group_;
  const ForwardResult out = network_.forward(batch.images, forward);
  at::Tensor loss = at::cross_entropy_loss(out.logits, batch.labels, {}, at::Reduction::Mean, -100,
                                           settings_.label_smoothing);
  if (teacher_ != nullptr) loss = teacher_->blend(loss, batch.images, out.logits);
  const auto correct = out.logits.argmax(1).eq(batch.labels).sum().item<std::int64_t>();
  // Each rank's part of the whole batch's loss: the sum over ranks is its mean.
  const std::vector<double> layer_rates = numbers(out.firing_rates);
  std::vector<double> parts{share.weight * loss.item<double>(),
                            share.weight * mean_rate(layer_rates),
                            share.weight * static_cast<double>(correct) *
                                static_cast<double>(batch.total) / static_cast<double>(share.size),
                            batch.stop ? 1.0 : 0.0};
  const auto own = std::ssize(parts);
  for (const double rate : objective_.rates(layer_rates)) parts.push_back(share.weight * rate);
  const at::Tensor news = at::tensor(parts, at::kDouble);
  if (group_ != nullptr) group_->all_reduce(news);
  const double* sums = news.data_ptr<double>();
  const StepResult result{sums[0], sums[1], std::llround(sums[2]), sums[3] > 0.0};
  if (!std::isfinite(result.loss)) {
    throw Error("the loss is not finite after " + std::to_string(iteration) +
                " iterations; lower train.learning_rate or add train.warmup_iterations");
  }
  if (!objective_.targets().empty()) {
    objective_.follow({sums + own, sums + parts.size()}, penalty);
    loss = loss + objective_.loss(out.firing_rates, penalty);
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
