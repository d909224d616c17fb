// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/weight_average.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace trispike::train {

WeightAverage::WeightAverage(const Network& network, double decay)
    : followed_(network),
      decay_(decay),
      average_(network.spec(), 0, network.state().front().scalar_type(), network.device()) {
  average_.load(network.tensors());
}

void WeightAverage::follow(std::int64_t iteration) {
  const auto n = static_cast<double>(iteration);
  const double decay = std::min(decay_, (1.0 + n) / (10.0 + n));
  c10::NoGradGuard no_grad;
  const std::vector<at::Tensor> to = average_.state(), from = followed_.state();
  for (std::size_t i = 0; i < to.size(); ++i) to[i].lerp_(from[i], 1.0 - decay);
}

void WeightAverage::save(const std::string& prefix, model::TensorMap& out) const {
  for (auto& [name, tensor] : average_.tensors()) out.insert_or_assign(prefix + name, tensor);
}

void WeightAverage::load(const std::string& prefix, const model::TensorMap& in) {
  c10::NoGradGuard no_grad;
  const std::vector<at::Tensor> state = average_.state();
  std::size_t i = 0;
  for (const auto& [name, tensor] : average_.tensors()) restore(state[i++], prefix + name, in);
}

}  // namespace trispike::train
