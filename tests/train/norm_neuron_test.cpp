// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The fused neuron layer against hand-computed traces and against the op-by-op reference.
#include "src/norm_neuron.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "kernels/neuron_layer.h"
#include "surrogates/surrogates.h"
#include "train/norm_neuron_cases.h"

namespace trispike::train {
namespace {

using at::Tensor;
using model::NeuronKind;

/// One neuron over time, without norm: the current of each step as [T, 1, 1, 1].
struct Trace {
  Tensor current;
  NormNeuronOutput out;
};

Trace run_trace(Implementation implementation, const model::NeuronSpec& neuron,
                const std::vector<double>& current) {
  Trace trace;
  trace.current = at::tensor(current, at::kDouble).view({-1, 1, 1, 1}).clone().requires_grad_();
  NormNeuronInput in;
  in.current = trace.current;
  in.neuron = neuron;
  in.time_steps = static_cast<std::int64_t>(current.size());
  in.training = true;
  trace.out = implementation(in);
  return trace;
}

std::vector<double> values(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(at::kDouble).contiguous().flatten();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

class HandTraces : public ::testing::TestWithParam<Implementation> {};
// Named, since an address would be another one in each process and select no test.
INSTANTIATE_TEST_SUITE_P(Both, HandTraces,
                         ::testing::Values(fused_norm_neuron, reference_norm_neuron),
                         [](const auto& tested) {
                           return tested.param == fused_norm_neuron ? "fused" : "reference";
                         });

TEST_P(HandTraces, TernaryFiresAndResets) {
  // u = .4, .55, -.3, -.875, .7, .1 with decay .25 and threshold .5
  EXPECT_EQ(values(run_trace(GetParam(), neuron_of(NeuronKind::kTernary, 0.5),
                             {.4, .45, -.3, -.8, .7, .1})
                       .out.spikes),
            (std::vector<double>{0, 1, 0, -1, 1, 0}));
  EXPECT_EQ(values(run_trace(GetParam(), neuron_of(NeuronKind::kTernary, 1.0),
                             {.9, .9, -.8, -1.2, .3, 1.0})
                       .out.spikes),
            (std::vector<double>{0, 1, 0, -1, 0, 1}));
}

TEST_P(HandTraces, FiresAtExactlyTheThreshold) {
  EXPECT_EQ(
      values(run_trace(GetParam(), neuron_of(NeuronKind::kTernary, 0.5), {.5, -.5}).out.spikes),
      (std::vector<double>{1, -1}));
  EXPECT_EQ(
      values(run_trace(GetParam(), neuron_of(NeuronKind::kBinary, 0.5), {.5, -.5}).out.spikes),
      (std::vector<double>{1, 0}));
  model::NeuronSpec strict = neuron_of(NeuronKind::kBinary, 0.5);
  strict.strict = true;
  EXPECT_EQ(values(run_trace(GetParam(), strict, {.5, .5}).out.spikes),
            (std::vector<double>{0, 1}));
}

TEST_P(HandTraces, GradientFlowsThroughTheReset) {
  // The first neuron fires at .6 and resets: d b2 / d x1 = .25 (1 - 1 - .6) = -.15.
  Trace trace = run_trace(GetParam(), neuron_of(NeuronKind::kTernary, 0.5), {.6, .2});
  trace.out.spikes.flatten()[1].backward();
  const std::vector<double> gradient = values(trace.current.grad());
  EXPECT_NEAR(gradient[0], -0.15, 1e-15);
  EXPECT_NEAR(gradient[1], 1.0, 1e-15);
}

TEST_P(HandTraces, DetachedResetStopsTheGradient) {
  model::NeuronSpec neuron = neuron_of(NeuronKind::kTernary, 0.5);
  neuron.detach_reset = true;
  Trace trace = run_trace(GetParam(), neuron, {.6, .2});
  trace.out.spikes.flatten()[1].backward();
  EXPECT_EQ(values(trace.current.grad()), (std::vector<double>{0, 1}));
}

TEST_P(HandTraces, FiringRatePullsNeuronsNearTheThreshold) {
  // Two of four steps fire; potentials .45, .6 -> 0, -.39 and -.5975: from 0.8 * 0.5 on they are
  // pulled.
  Trace trace =
      run_trace(GetParam(), neuron_of(NeuronKind::kTernary, 0.5), {.45, .4875, -.39, -.5});
  EXPECT_NEAR(trace.out.firing_rate.item<double>(), 0.5, 1e-15);
  trace.out.firing_rate.backward();
  const std::vector<double> gradient = values(trace.current.grad());
  // u = .45, .6, -.39, -.5975; pull / 4 = .25, .25, 0, -.25. The pull of a later step reaches an
  // earlier one through the decay unless the neuron was reset in between.
  EXPECT_NEAR(gradient[3], -0.25, 1e-15);
  EXPECT_NEAR(gradient[2], 0.25 * -0.25, 1e-15);
  EXPECT_NEAR(gradient[0], 0.25 + 0.25 * gradient[1], 1e-15);
}

/// One neuron over time without norm, and the gradient of its trainable threshold, of `loss`.
double threshold_gradient(Implementation implementation, const model::NeuronSpec& neuron,
                          const std::vector<double>& current,
                          const std::function<Tensor(const NormNeuronOutput&)>& loss) {
  NormNeuronInput in;
  in.current = at::tensor(current, at::kDouble).view({-1, 1, 1, 1});
  in.threshold = at::full({1}, neuron.threshold, at::kDouble).requires_grad_();
  in.neuron = neuron;
  in.neuron.threshold = 77;  // the tensor holds
  in.time_steps = static_cast<std::int64_t>(current.size());
  in.training = true;
  loss(implementation(in)).backward();
  return in.threshold.grad().item<double>();
}

TEST_P(HandTraces, ThresholdGradientFlowsThroughTheReset) {
  const auto last = [](const NormNeuronOutput& out) { return out.spikes.flatten()[1]; };
  model::NeuronSpec neuron = neuron_of(NeuronKind::kTernary, 0.5);
  // See the test of model::threshold_gradient.
  EXPECT_NEAR(threshold_gradient(GetParam(), neuron, {.8, .6}, last), -1 + .25 * .8, 1e-15);
  neuron.reset = model::ResetMode::kSoft;
  EXPECT_NEAR(threshold_gradient(GetParam(), neuron, {.8, .6}, last), -1 + .25 * (.5 - 1), 1e-15);
}

TEST_P(HandTraces, FiringRatePushesTheThresholdUp) {
  // The trace of FiringRatePullsNeuronsNearTheThreshold: three of four steps are from 0.8 V on, so
  // the mean of max(0, |u| - 0.8 V) changes by -0.8 * 3/4 per V. And the second step resets less:
  // what it would leave, .6, decays twice to where -1/4 pulls it.
  const auto rate = [](const NormNeuronOutput& out) { return out.firing_rate; };
  EXPECT_NEAR(threshold_gradient(GetParam(), neuron_of(NeuronKind::kTernary, 0.5),
                                 {.45, .4875, -.39, -.5}, rate),
              -0.6 - .25 * .25 * .25 * .6, 1e-15);
}

/// What a surrogate is the derivative of: a smooth step at 0.
double smooth_step(model::SurrogateKind kind, double z, double w) {
  switch (kind) {
    case model::SurrogateKind::kSigmoid:
      return 1 / (1 + std::exp(-z / w));
    case model::SurrogateKind::kAtan:
      return 0.5 + std::atan(std::numbers::pi * z / (2 * w)) / std::numbers::pi;
    case model::SurrogateKind::kTriangle: {
      const double x = std::clamp(z / w, -1.0, 1.0);
      return 0.5 + x - 0.5 * x * std::abs(x);
    }
    default:
      throw std::logic_error("no smooth step");
  }
}

TEST_P(HandTraces, ThresholdGradientIsThatOfTheSmoothStep) {
  // One step, and a weighted sum of neurons: sum of c * sign(u) * step(|u| - V), or step(u - V).
  const std::vector<double> currents{.1, -.2, .45, .55, -.62, -.41, .9, -1.2, 1.6};
  const double v = 0.5, e = 1e-6;
  const Tensor c = at::arange(1, 10, at::kDouble);
  for (const model::SurrogateKind kind :
       {model::SurrogateKind::kSigmoid, model::SurrogateKind::kAtan,
        model::SurrogateKind::kTriangle}) {
    for (const NeuronKind neurons : {NeuronKind::kTernary, NeuronKind::kBinary}) {
      model::NeuronSpec neuron = neuron_of(neurons, v);
      neuron.surrogate = {kind, 0.37};
      NormNeuronInput in;
      in.current = at::tensor(currents, at::kDouble).view({1, -1, 1, 1});
      in.threshold = at::full({1}, v, at::kDouble).requires_grad_();
      in.neuron = neuron;
      in.training = true;
      (GetParam()(in).spikes.flatten() * c).sum().backward();
      const auto loss = [&](double threshold) {
        double sum = 0;
        for (std::size_t i = 0; i < currents.size(); ++i) {
          const double u = currents[i];
          const double spike =
              neurons == NeuronKind::kBinary
                  ? smooth_step(kind, u - threshold, 0.37)
                  : std::copysign(smooth_step(kind, std::abs(u) - threshold, 0.37), u);
          sum += static_cast<double>(i + 1) * spike;
        }
        return sum;
      };
      EXPECT_NEAR(in.threshold.grad().item<double>(), (loss(v + e) - loss(v - e)) / (2 * e), 1e-7);
    }
  }
}

void expect_fused(const LayerCase& c, const std::string& what) {
  expect_equal(fused_norm_neuron, c, what);
}

TEST(FusedNormNeuron, EqualsTheReferenceForEveryNeuronOption) { for_every_neuron(expect_fused); }

TEST(FusedNormNeuron, EqualsTheReferenceForEveryKindOfNormAndSize) {
  for_every_norm_and_size(expect_fused);
}

TEST(FusedNormNeuron, DoesNotDependOnTheNumberOfThreads) {
  LayerCase c;
  c.neuron = neuron_of(NeuronKind::kTrainableTernary, 0.5);
  c.neuron.trainable_threshold = true;
  c.channels = 700;
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const LayerRun one = run_layer(fused_norm_neuron, c);
  at::set_num_threads(3);
  const LayerRun three = run_layer(fused_norm_neuron, c);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.spikes, three.spikes));
  for (std::size_t i = 0; i < one.gradients.size(); ++i) {
    EXPECT_TRUE(at::equal(one.gradients[i], three.gradients[i])) << "gradient " << i;
  }
}

/// Runs forward and backward of one target on made-up maps and returns all that it wrote.
template <class Store>
std::vector<double> run_target(const kernels::NeuronLayerTarget& target,
                               model::SurrogateKind surrogate, bool trainable_threshold) {
  using Real = typename kernels::KernelsOf<Store>::Real;
  const kernels::MapSize size{3, 37, 29, false, 3};
  const auto n = static_cast<std::size_t>(size.time_steps * size.rows * size.channels);
  const auto real = std::is_same_v<Real, double> ? at::kDouble : at::kFloat;
  const auto store = std::is_same_v<Store, kernels::BFloat16> ? at::kBFloat16 : real;
  at::manual_seed(11);
  const Tensor y = at::randn({static_cast<std::int64_t>(n)}, real).to(store),
               residual = at::randn({static_cast<std::int64_t>(n)}, real).to(store),
               grad = at::randn({static_cast<std::int64_t>(n)}, real).to(store),
               table = at::rand({4, size.groups * size.channels}, real) + 0.5;
  Tensor out = at::zeros_like(y), grad_input = at::zeros_like(y), grad_y = at::zeros_like(y);
  model::NeuronSpec neuron = neuron_of(NeuronKind::kTrainableTernary, 0.5);
  neuron.surrogate = {surrogate, model::default_surrogate_width(surrogate)};
  const kernels::NeuronConstants<Real> constants{
      model::lower<Real>(neuron), lower_surrogate<Real>(neuron), surrogate, Real(1.25), Real(0.4)};
  const std::int64_t stride = table.stride(0);
  const Real* p = table.template data_ptr<Real>();
  const kernels::NormConstants<Real> norm{p, p + stride, p + 2 * stride, p + 3 * stride};
  const auto chunks = static_cast<std::size_t>(kernels::chunk_count(size));
  std::vector<double> fired(chunks), amplitude(chunks), threshold(chunks),
      sums(chunks * static_cast<std::size_t>(size.groups * 2 * size.channels)),
      statistics(sums.size());
  std::vector<Real> space(static_cast<std::size_t>(2 * kernels::workspace_size(size)));
  const auto& kernel = kernels::KernelsOf<Store>::get(target);
  const auto* in = static_cast<const Store*>(y.data_ptr());
  const auto* extra = static_cast<const Store*>(residual.data_ptr());
  kernel.statistics(size, in, p, statistics.data(), space.data(), 2);
  kernel.forward(size, constants, norm, in, extra, static_cast<Store*>(out.data_ptr()),
                 fired.data(), space.data(), 2);
  kernel.backward(size, constants, norm, in, extra, static_cast<const Store*>(grad.data_ptr()),
                  Real(0.01), static_cast<Store*>(grad_input.data_ptr()), sums.data(),
                  amplitude.data(), trainable_threshold ? threshold.data() : nullptr, space.data(),
                  2);
  kernel.norm_backward(size, in, static_cast<const Store*>(grad_input.data_ptr()),
                       static_cast<Store*>(grad_y.data_ptr()), p, p + stride, p + 2 * stride,
                       space.data(), 2);
  std::vector<double> all;
  for (const Tensor& tensor : {out, grad_input, grad_y}) {
    const std::vector<double> part = values(tensor);
    all.insert(all.end(), part.begin(), part.end());
  }
  for (const auto* part : {&fired, &amplitude, &threshold, &sums, &statistics})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

template <class Store>
void expect_equal_targets() {
  const auto targets = kernels::neuron_layer_targets();
  std::string tested;
  for (const std::string_view name : model::surrogate_kind_names()) {
    const auto surrogate = model::surrogate_kind_from_string(name);
    for (const bool threshold : {false, true}) {
      const std::vector<double> baseline = run_target<Store>(targets.back(), surrogate, threshold);
      for (const kernels::NeuronLayerTarget& target : targets) {
        if (!target.supported()) continue;
        EXPECT_EQ(run_target<Store>(target, surrogate, threshold), baseline)
            << target.name << ", " << name;
      }
    }
  }
  for (const kernels::NeuronLayerTarget& target : targets) {
    tested += std::string(target.name) + (target.supported() ? " " : " (not on this machine) ");
  }
  ::testing::Test::RecordProperty("targets", tested);
}

TEST(NeuronLayerTargets, AreEqualBitForBit) {
  expect_equal_targets<float>();
  expect_equal_targets<double>();
  expect_equal_targets<kernels::BFloat16>();
}

}  // namespace
}  // namespace trispike::train
