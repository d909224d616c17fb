// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Neuron layers with everything, and what they compute: for comparing implementations.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/norm_neuron.h"

namespace trispike::train {

using Implementation = NormNeuronOutput (*)(const NormNeuronInput&);

inline model::NeuronSpec neuron_of(model::NeuronKind kind, double threshold) {
  model::NeuronSpec neuron;
  neuron.kind = kind;
  neuron.threshold = threshold;
  return neuron;
}

struct LayerCase {
  model::NeuronSpec neuron;
  bool residual = false;
  bool static_current = false;
  bool per_time_step = false;
  double norm_scale = 1.0;
  bool norm = true;
  std::int64_t channels = 5;
  std::int64_t time_steps = 3;
  std::int64_t samples = 2;
  bool training = true;
  at::ScalarType type = at::kDouble;
};

struct LayerRun {
  at::Tensor spikes;
  double rate = 0;
  std::vector<at::Tensor> gradients;
  at::Tensor running_mean, running_var;
};

inline LayerRun run_layer(Implementation implementation, const LayerCase& c) {
  const std::int64_t side = 3;
  at::manual_seed(7);
  const auto leaf = [&](at::IntArrayRef shape, double scale, double offset) {
    return (at::randn(shape, at::kDouble) * scale + offset).to(c.type).requires_grad_();
  };
  NormNeuronInput in;
  in.neuron = c.neuron;
  in.time_steps = c.time_steps;
  in.static_current = c.static_current;
  in.training = c.training;
  const std::int64_t rows = c.samples * (c.static_current ? 1 : c.time_steps);
  in.current = leaf({rows, c.channels, side, side}, 0.8, 0.3);
  std::vector<at::Tensor> leaves{in.current};
  LayerRun run;
  if (c.norm) {
    in.norm.weight = leaf({c.channels}, 0.3, 1.0);
    in.norm.bias = leaf({c.channels}, 0.2, 0.0);
    in.norm.running_mean = at::zeros({c.channels}, c.type);
    in.norm.running_var = at::ones({c.channels}, c.type);
    in.norm.layer.channels = c.channels;
    in.norm.layer.per_time_step = c.per_time_step;
    in.norm.layer.scale = c.norm_scale;
    leaves.insert(leaves.end(), {in.norm.weight, in.norm.bias});
  }
  if (c.residual) {
    in.residual = leaf({c.samples * c.time_steps, c.channels, side, side}, 0.5, 0.0);
    leaves.push_back(in.residual);
  }
  if (model::info(c.neuron.kind).trainable_amplitude) {
    in.amplitude = at::full({1}, -1.3, c.type).requires_grad_();
    leaves.push_back(in.amplitude);
  }
  if (c.neuron.trainable_threshold) {
    in.threshold = at::full({1}, c.neuron.threshold * 0.9, c.type).requires_grad_();
    leaves.push_back(in.threshold);
  }
  const NormNeuronOutput out = implementation(in);
  const at::Tensor weights = at::randn(out.spikes.sizes(), at::kDouble).to(c.type);
  ((out.spikes * weights).sum() + out.firing_rate * 5.0).backward();
  run.spikes = out.spikes.detach();
  run.rate = out.firing_rate.item<double>();
  for (const at::Tensor& tensor : leaves) run.gradients.push_back(tensor.grad());
  run.running_mean = in.norm.running_mean;
  run.running_var = in.norm.running_var;
  return run;
}

/// Equality with the op-by-op reference in float64: all spikes, gradients to 1e-11.
inline void expect_equal(Implementation implementation, const LayerCase& c,
                         const std::string& what) {
  const LayerRun run = run_layer(implementation, c);
  const LayerRun reference = run_layer(reference_norm_neuron, c);
  EXPECT_TRUE(at::equal(run.spikes, reference.spikes)) << what;
  EXPECT_NEAR(run.rate, reference.rate, 1e-14) << what;
  ASSERT_EQ(run.gradients.size(), reference.gradients.size());
  for (std::size_t i = 0; i < run.gradients.size(); ++i) {
    const double scale = reference.gradients[i].abs().max().item<double>();
    const double error = (run.gradients[i] - reference.gradients[i]).abs().max().item<double>();
    EXPECT_LE(error, 1e-11 * (1 + scale)) << what << ", gradient " << i;
  }
  if (c.norm) {
    EXPECT_TRUE(at::allclose(run.running_mean, reference.running_mean, 1e-12, 1e-14)) << what;
    EXPECT_TRUE(at::allclose(run.running_var, reference.running_var, 1e-12, 1e-14)) << what;
  }
}

using LayerTest = std::function<void(const LayerCase&, const std::string& what)>;

/// Every kind of neuron, reset and surrogate, each with a fixed threshold and with a trainable one,
/// and also strict, detached and with a residual.
inline void for_every_neuron(const LayerTest& test, const LayerCase& base = {}) {
  for (const model::NeuronKindInfo& kind : model::neuron_kinds()) {
    if (!kind.spiking) continue;
    for (const std::string_view reset : model::reset_mode_names()) {
      for (const std::string_view surrogate : model::surrogate_kind_names()) {
        for (const int variant : {0, 1, 2, 3}) {
          const bool flag = variant % 2 == 1;
          LayerCase c = base;
          c.neuron = neuron_of(kind.kind, 0.6);
          c.neuron.trainable_threshold = variant >= 2;
          c.neuron.decay = 0.4;
          c.neuron.strict = flag;
          c.neuron.detach_reset = flag;
          c.neuron.reset = model::reset_mode_from_string(reset);
          c.neuron.surrogate.kind = model::surrogate_kind_from_string(surrogate);
          c.neuron.surrogate.width = model::default_surrogate_width(c.neuron.surrogate.kind) * 1.1;
          c.residual = flag;
          test(c, std::string(kind.name) + ", " + std::string(reset) + ", " +
                      std::string(surrogate) + (flag ? ", strict, detached, residual" : "") +
                      (variant >= 2 ? ", trainable threshold" : ""));
        }
      }
    }
  }
}

/// With and without norm, per time step or not, with a residual, a static current, and numbers of
/// channels that fill blocks, do not, or are more than a block has.
inline void for_every_norm_and_size(const LayerTest& test, const LayerCase& base = {}) {
  for (const std::int64_t channels : {1, 5, 64, 1025}) {
    for (const bool per_time_step : {false, true}) {
      for (const int variant : {0, 1, 2, 3}) {
        LayerCase c = base;
        c.neuron = neuron_of(model::NeuronKind::kTrainableTernary, 0.5);
        c.neuron.trainable_threshold = per_time_step;
        c.channels = channels;
        c.per_time_step = per_time_step;
        c.residual = variant == 1;
        c.static_current = variant == 2;
        c.norm = variant != 3;
        c.norm_scale = variant == 0 ? 0.7 : 1.0;
        test(c, std::to_string(channels) + " channels, variant " + std::to_string(variant) +
                    (per_time_step ? ", per time step" : ""));
      }
    }
  }
}

}  // namespace trispike::train
