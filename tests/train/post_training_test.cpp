// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Post-training quantisation against PyTorch's own fake quantisation and plain loops.
#include "src/post_training.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/random_weights.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

model::NetworkSpec twin() {
  model::NetworkOptions options;
  options.width = 4;
  options.time_steps = 1;
  options.input = {1, 8, 8};
  options.neuron = model::neuron_preset("official_code", model::NeuronKind::kRelu);
  return model::build_network("resnet8", options);
}

TEST(PostTraining, WeightsAreThoseOfPyTorch) {
  const model::ModelData trained = test::random_weights(twin(), 3);
  for (const int bits : {8, 7, 6, 2}) {
    SCOPED_TRACE(bits);
    const model::ModelData rounded = with_rounded_weights(trained, bits);
    const std::int64_t most = (1 << (bits - 1)) - 1;
    int layers = 0;
    for (const auto& [name, tensor] : trained.tensors) {
      if (!name.ends_with(".weight") || tensor.shape.size() == 1) {
        EXPECT_EQ(rounded.tensors.at(name), tensor) << name << " is of a norm, or no weight";
        continue;
      }
      ++layers;
      const at::Tensor w = to_torch(tensor);
      const at::Tensor scale = w.flatten(1).abs().amax(1).div(static_cast<double>(most));
      const at::Tensor expected = at::fake_quantize_per_channel_affine(
          w, scale, at::zeros({w.size(0)}, at::kInt), 0, -most, most);
      EXPECT_LT((to_torch(rounded.tensors.at(name)) - expected).abs().max().item<double>(), 1e-6)
          << name;
    }
    EXPECT_GT(layers, 8);
  }
  EXPECT_THROW(with_rounded_weights(trained, 9), ConfigError);
  EXPECT_THROW(with_rounded_weights(trained, 1), ConfigError);
}

TEST(PostTraining, ActivationsAreThoseOfPyTorch) {
  // Beyond the range, too; no ties, which PyTorch's product with the inverse of the step may decide
  // the other way.
  const at::Tensor x = at::arange(0, 4000).add(0.3f).div(1000.0f);
  for (const int bits : {8, 6, 2}) {
    for (const double step : {0.01, 0.03}) {
      const at::Tensor expected =
          at::fake_quantize_per_tensor_affine(x, step, 0, 0, (1 << bits) - 1);
      const at::Tensor ours = rounded_activation(x.clone(), step, bits);
      EXPECT_LE((ours - expected).abs().max().item<double>(), 1e-6) << bits << ", " << step;
    }
  }
}

double squared_error(const std::vector<double>& values, double step, int bits) {
  double sum = 0;
  for (const double x : values) {
    const double most = (1 << bits) - 1;
    const double off = std::min(std::nearbyint(x / step), most) * step - x;
    sum += off * off;
  }
  return sum;
}

TEST(PostTraining, StepHasTheLeastErrorOfAllRanges) {
  // Exponentially distributed, so that clipping a few pays.
  std::vector<double> values;
  for (int i = 0; i < 20000; ++i) values.push_back(-std::log((i + 0.5) / 20000));
  const double largest = values.front();
  ActivationHistogram histogram(largest);
  const at::Tensor tensor = at::tensor(values, at::kFloat);
  histogram.add(tensor.slice(0, 0, 7000));
  histogram.add(tensor.slice(0, 7000));
  for (const int bits : {2, 4, 6, 8}) {
    SCOPED_TRACE(bits);
    double least = std::numeric_limits<double>::infinity();
    for (int range = 1; range <= 128; ++range) {
      least =
          std::min(least, squared_error(values, largest * range / 128 / ((1 << bits) - 1), bits));
    }
    const double found = histogram.step(bits);
    EXPECT_LE(squared_error(values, found, bits), least * 1.01) << "bins are not exact";
    if (bits < 6) {
      EXPECT_LT(found * ((1 << bits) - 1), largest * 0.9) << "the tail is clipped";
    }
  }
  EXPECT_EQ(ActivationHistogram(0).step(8), 1);
}

TEST(PostTraining, ZerosDoNotMoveTheStep) {
  // At 11 bits the middle of a bin is half a step off, which zeros taken for it would count.
  const at::Tensor values = at::arange(1, 1001).div(1000.0f).pow(8);
  ActivationHistogram without(1), with(1);
  without.add(values);
  with.add(values);
  with.add(at::zeros({3000, 1000}));
  for (const int bits : {2, 8, 11, 12}) EXPECT_EQ(with.step(bits), without.step(bits)) << bits;
  ActivationHistogram silent(0);
  silent.add(at::zeros({10}));
  EXPECT_EQ(silent.step(8), 1);
}

TEST(PostTraining, RunsThroughTheWholeNetwork) {
  c10::NoGradGuard no_grad;
  const model::ModelData trained = test::random_weights(twin(), 5);
  const Network network(trained);
  const at::Tensor x = at::tensor(test::parity_input(0, 3 * 64), at::kFloat).view({3, 1, 8, 8});
  ForwardOptions forward;
  forward.record_spikes = true;
  const ForwardResult exact = network.forward(x, forward);
  std::vector<double> steps;
  for (const at::Tensor& activation : exact.spikes) {
    steps.push_back(activation.max().item<double>() / 15);
  }
  forward.activation_bits = 4;
  forward.activation_steps = steps;
  const ForwardResult rounded = network.forward(x, forward);
  ASSERT_EQ(rounded.spikes.size(), exact.spikes.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const at::Tensor integers = rounded.spikes[i] / steps[i];
    EXPECT_LT((integers - integers.round()).abs().max().item<double>(), 1e-3);
    EXPECT_LE(integers.max().item<double>(), 15.001);
  }
  // The first layer reads the same in both.
  const at::Tensor first = rounded_activation(exact.spikes[0].clone(), steps[0], 4);
  EXPECT_TRUE(at::equal(rounded.spikes[0], first));
  EXPECT_GT((rounded.logits - exact.logits).abs().max().item<double>(), 1e-4);
  forward.activation_bits = 16;
  for (double& step : forward.activation_steps) step *= 15.0 / 65535;
  const at::Tensor fine = network.forward(x, forward).logits;
  EXPECT_LT((fine - exact.logits).abs().max().item<double>(),
            1e-3 * exact.logits.abs().max().item<double>());
}

}  // namespace
}  // namespace trispike::train
