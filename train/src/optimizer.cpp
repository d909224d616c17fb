// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "kernels/weights.h"
#include "src/own_kernels.h"
#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr double kBeta2 = 0.999, kEpsilon = 1e-8;

}  // namespace

OptimizerState::OptimizerState(const TrainSection& settings, std::vector<Parameter>& parameters)
    : settings_(settings), parameters_(parameters) {
  roles_ = settings.optimizer == Optimizer::kSgd
               ? std::vector<std::string>{"momentum"}
               : std::vector<std::string>{"exp_avg", "exp_avg_sq"};
  state_.resize(roles_.size());
  for (auto& role : state_) {
    for (const Parameter& parameter : parameters_) {
      role.push_back(at::zeros_like(parameter.tensor.detach()));
    }
  }
}

void OptimizerState::begin(double learning_rate, std::int64_t iteration) {
  learning_rate_ = learning_rate;
  iteration_ = iteration;
}

void OptimizerState::update(std::size_t i) {
  c10::NoGradGuard no_grad;
  if (!parameters_[i].tensor.grad().defined()) return;
  if (settings_.optimizer == Optimizer::kSgd) {
    step_sgd(i);
  } else {
    step_adamw(i);
  }
  if (parameters_[i].lowest) parameters_[i].tensor.clamp_min_(*parameters_[i].lowest);
  parameters_[i].tensor.mutable_grad() = at::Tensor();
}

void OptimizerState::step_sgd(std::size_t i) {
  at::Tensor p = parameters_[i].tensor;
  at::Tensor& momentum = state_[0][i];
  const double decay = parameters_[i].decays ? settings_.weight_decay : 0.0;
  if (has_own_kernels(p) && p.scalar_type() == at::kFloat && p.is_non_overlapping_and_dense() &&
      momentum.strides() == p.strides()) {
    const at::Tensor gradient =
        p.grad().strides() == p.strides() ? p.grad() : at::empty_like(p.detach()).copy_(p.grad());
    const kernels::SgdConstants constants{static_cast<float>(learning_rate_),
                                          static_cast<float>(settings_.momentum),
                                          static_cast<float>(decay), settings_.nesterov};
    kernels::weight_table().sgd(p.data_ptr<float>(), momentum.data_ptr<float>(),
                                gradient.data_ptr<float>(), p.numel(), constants,
                                at::get_num_threads());
    return;
  }
  // The gradient itself may be memory that other processes read.
  const at::Tensor gradient = decay != 0 ? p.grad().add(p, decay) : p.grad();
  momentum.mul_(settings_.momentum).add_(gradient);
  if (settings_.nesterov) {
    p.add_(gradient.add(momentum, settings_.momentum), -learning_rate_);
  } else {
    p.add_(momentum, -learning_rate_);
  }
}

void OptimizerState::step_adamw(std::size_t i) {
  at::Tensor p = parameters_[i].tensor;
  const at::Tensor gradient = p.grad();
  const double step = static_cast<double>(iteration_ + 1);
  const double beta1 = settings_.momentum;
  if (parameters_[i].decays) p.mul_(1.0 - learning_rate_ * settings_.weight_decay);
  state_[0][i].mul_(beta1).add_(gradient, 1.0 - beta1);
  state_[1][i].mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
  const double correction1 = 1.0 - std::pow(beta1, step),
               correction2 = 1.0 - std::pow(kBeta2, step);
  const at::Tensor denominator = (state_[1][i].sqrt() / std::sqrt(correction2)).add_(kEpsilon);
  p.addcdiv_(state_[0][i], denominator, -learning_rate_ / correction1);
}

void OptimizerState::save(const std::string& prefix, model::TensorMap& out) const {
  for (std::size_t r = 0; r < roles_.size(); ++r) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      out.insert_or_assign(prefix + parameters_[i].name + "." + roles_[r],
                           from_torch(state_[r][i]));
    }
  }
}

void OptimizerState::load(const std::string& prefix, const model::TensorMap& in) {
  for (std::size_t r = 0; r < roles_.size(); ++r) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      restore(state_[r][i], prefix + parameters_[i].name + "." + roles_[r], in);
    }
  }
}

}  // namespace trispike::train
