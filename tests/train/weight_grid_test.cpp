// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Weights that training rounds are the integers that the exporter finds, and what forward and
// backward make of them, in every type of maps.
#include "src/weight_grid.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "support/random_weights.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"
#include "trispike/model/quantise.h"

namespace trispike::train {
namespace {

using at::Tensor;
using ::testing::HasSubstr;

model::NetworkOptions options_of(model::NeuronKind kind) {
  model::NetworkOptions options;
  options.time_steps = 2;
  options.width = 4;
  options.input = {3, 16, 16};
  options.num_classes = 10;
  options.neuron = model::neuron_preset("official_code", kind);
  options.norm_scale = 0.75;
  return options;
}

/// Random norms, statistics and amplitudes of either sign.
model::ModelData random_model(const char* name) {
  return test::random_weights(
      model::build_network(name, options_of(model::NeuronKind::kTrainableTernary)), 5);
}

bool is_weight(const Parameter& parameter) { return parameter.decays; }

TEST(WeightGrid, WeightsAreIntegersWithinTheRange) {
  for (const int bits : {6, 7, 8}) {
    const Network network(random_model("resnet20"), at::kDouble);
    const WeightGrid grid(network, bits);
    EXPECT_EQ(grid.limit(), bits == 8 ? 127 : bits == 7 ? 63 : 31);
    const WeightGrid::Steps steps = grid.steps(network);
    std::size_t layers = 0, full_range = 0;
    for (const auto& [layer, step] : steps) {
      const Tensor weight = network.tensor(layer, "weight").detach();
      const Tensor rounded = grid.round(weight, step, false).weight.detach();
      const Tensor integer = (rounded.flatten(1) / step.unsqueeze(1));
      EXPECT_TRUE(at::allclose(integer, integer.round(), 0, 1e-9));
      EXPECT_LE(integer.abs().max().item<double>(), grid.limit() + 1e-9);
      // Never farther than half a step: nothing is clipped.
      EXPECT_TRUE(((rounded - weight).abs().flatten(1) <= 0.5 * step.unsqueeze(1) + 1e-12)
                      .all()
                      .item<bool>());
      full_range += integer.abs().amax(1).min().item<double>() > grid.limit() - 0.5 ? 1 : 0;
      ++layers;
    }
    std::size_t expected = 0;
    for (const Parameter& parameter : network.parameters()) expected += is_weight(parameter);
    EXPECT_EQ(layers, expected);
    EXPECT_GT(full_range, layers / 2);  // all but those that share a membrane
  }
}

/// Channels of a layer in which the exporter's integers are those of training, all with one sign
/// (that of the norm and the amplitude); and the other ones, but for channels that keep only the
/// three steps of the weaker of two layers.
struct Agreement {
  int same = 0, other = 0;
};

Agreement compare(const model::ModelData& exported, const Network& rounded, int layer,
                  const Tensor& step) {
  const std::string name = rounded.spec().layers[static_cast<std::size_t>(layer)].name + ".weight";
  const Tensor weight = rounded.tensor(layer, "weight").detach().contiguous();
  const Tensor ours = (weight.flatten(1) / step.unsqueeze(1)).round().to(at::kLong);
  const Tensor theirs = at::tensor(exported.tensors.at(name).to_double()).to(at::kLong);
  Agreement agreement;
  for (std::int64_t o = 0; o < ours.size(0); ++o) {
    const Tensor mine = ours[o], found = theirs.view(ours.sizes())[o];
    if (mine.abs().max().item<std::int64_t>() <= 3) continue;
    ++(found.equal(mine) || found.equal(-mine) ? agreement.same : agreement.other);
  }
  return agreement;
}

model::ModelData model_of(const Network& network) {
  model::ModelData data;
  data.network = network.spec();
  data.stage = model::Stage::kTrained;
  data.tensors = network.tensors();
  return data;
}

TEST(WeightGrid, TheExporterFindsTheSameIntegers) {
  for (const char* name : {"resnet8", "resnet20", "resnet19"}) {
    for (const int bits : {6, 7, 8}) {
      const Network network(random_model(name));
      const WeightGrid grid(network, bits);
      int same = 0;
      const Network rounded = grid.rounded(network);
      const model::ModelData exported =
          model::quantise(model::fold(model_of(rounded)), {.weight_bits = bits});
      for (const auto& [layer, step] : grid.steps(network)) {
        const Agreement agreement = compare(exported, rounded, layer, step);
        EXPECT_EQ(agreement.other, 0)
            << name << ", " << bits << " bits, "
            << network.spec().layers[static_cast<std::size_t>(layer)].name;
        same += agreement.same;
      }
      EXPECT_GT(same, 50);
    }
  }
}

TEST(WeightGrid, TheExporterFindsThemWithCalibrationToo) {
  const Network network(random_model("resnet8"));
  const WeightGrid grid(network, 8);
  const Network rounded = grid.rounded(network);
  const model::ModelData folded = model::fold(model_of(rounded));
  model::Calibration calibration;
  calibration.samples = 1;
  const std::vector<model::LayerInfo> infos = model::infer(folded.network);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const model::Layer& layer = folded.network.layers[i];
    if (i != 0 && !std::holds_alternative<model::NeuronLayer>(layer.params)) continue;
    for (std::int64_t c = 0; c < infos[i].shape.channels; ++c) {
      auto& statistics = calibration.outputs[layer.name];
      statistics.mean.push_back(0.1 * test::uniform(i, static_cast<std::uint64_t>(c)));
      statistics.mean_square.push_back(0.1 + 0.05 * test::uniform(i + 99, std::uint64_t(c)));
    }
  }
  const model::ModelData exported = model::quantise(folded, {}, calibration);
  for (const auto& [layer, step] : grid.steps(network)) {
    EXPECT_EQ(compare(exported, rounded, layer, step).other, 0) << layer;
  }
}

TEST(WeightGrid, RoundingTwiceChangesNothing) {
  const Network network(random_model("resnet20"));
  const WeightGrid grid(network, 8);
  const Network once = grid.rounded(network), twice = grid.rounded(once);
  for (const auto& [name, tensor] : once.tensors()) {
    EXPECT_TRUE(at::allclose(to_torch(tensor), to_torch(twice.tensors().at(name)), 1e-6, 0))
        << name;
  }
}

// A norm that starts at weight 0, or has hardly left it, behind one of two convolutions that meet.
TEST(WeightGrid, AWeakBranchKeepsAFewLevels) {
  for (const double gain : {0.0, 1e-4}) {
    const Network network(random_model("resnet20"));
    const int conv = network.spec().find("stage2.0.conv2"),
              norm = network.spec().find("stage2.0.norm2");
    ASSERT_GE(conv, 0);
    {
      c10::NoGradGuard no_grad;
      Tensor weight = network.tensor(norm, "weight");
      weight.fill_(gain);
    }
    const WeightGrid grid(network, 8);
    const Tensor weight = network.tensor(conv, "weight").detach();
    const Tensor step = grid.steps(network).at(conv);
    const Tensor integers = (weight.flatten(1).abs().amax(1) / step).round();
    EXPECT_TRUE(integers.eq(gain == 0.0 ? 127 : 3).all().item<bool>()) << integers;
    const int shortcut = network.spec().find("stage2.0.shortcut.conv");
    const Tensor other = network.tensor(shortcut, "weight").detach();
    EXPECT_TRUE((other.flatten(1).abs().amax(1) / grid.steps(network).at(shortcut))
                    .round()
                    .eq(127)
                    .all()
                    .item<bool>());
  }
}

struct Pass {
  Tensor logits;
  std::map<std::string, Tensor> gradients;
};

Pass run(const Network& network, const WeightGrid* grid, std::optional<at::ScalarType> maps,
         at::ScalarType input) {
  at::Generator generator = at::detail::createCPUGenerator(3);
  const Tensor images = at::randn({40, 3, 16, 16}, generator, at::kDouble).to(input);
  ForwardOptions options;
  options.training = true;
  options.grid = grid;
  options.maps = maps;
  const ForwardResult out = network.forward(images, options);
  at::cross_entropy_loss(out.logits, at::arange(40, at::kLong).remainder(10)).backward();
  Pass pass{out.logits.detach(), {}};
  for (const Parameter& parameter : network.parameters()) {
    pass.gradients[parameter.name] = parameter.tensor.grad();
  }
  return pass;
}

// Through the rounding as if it were not there: the gradient is that of the rounded network.
TEST(WeightGrid, TheGradientIsThatOfTheRoundedNetwork) {
  const Network network(random_model("resnet8"), at::kDouble);
  const WeightGrid grid(network, 6);
  const Network rounded = grid.rounded(network);
  const Network same(random_model("resnet8"), at::kDouble);
  const Pass a = run(network, &grid, std::nullopt, at::kDouble),
             b = run(rounded, nullptr, std::nullopt, at::kDouble),
             c = run(same, nullptr, std::nullopt, at::kDouble);
  EXPECT_TRUE(at::allclose(a.logits, b.logits, 1e-12, 1e-12));
  EXPECT_FALSE(at::allclose(a.logits, c.logits, 1e-3, 1e-3));
  for (const auto& [name, gradient] : a.gradients) {
    EXPECT_TRUE(at::allclose(gradient, b.gradients.at(name), 1e-9, 1e-12)) << name;
  }
}

// Integers times a power of two are the same numbers in bfloat16.
TEST(WeightGrid, NoTypeOfMapsRoundsAgain) {
  const Network network(random_model("resnet8"));
  const WeightGrid grid(network, 8);
  for (const auto& [layer, step] : grid.steps(network)) {
    const Tensor weight = network.tensor(layer, "weight").detach();
    const GridWeight split = grid.round(weight, step, /*is_cast=*/true);
    const Tensor whole = grid.round(weight, step, /*is_cast=*/false).weight;
    for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
      EXPECT_TRUE(split.weight.equal(split.weight.to(type).to(at::kFloat))) << layer;
    }
    EXPECT_TRUE((split.factor.ge(1) & split.factor.lt(2)).all().item<bool>());
    const Tensor product = split.weight.flatten(1) * split.factor.unsqueeze(1);
    EXPECT_TRUE(at::allclose(product, whole.flatten(1), 1e-6, 0));
  }
}

TEST(WeightGrid, ScalesChannels) {
  at::Generator generator = at::detail::createCPUGenerator(3);
  const Tensor factor = at::rand({5}, generator, at::kFloat) + 1;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const Tensor y = at::randn({3, 5, 7, 2}, generator, at::kFloat).to(type).requires_grad_();
    const Tensor gradient = at::randn({3, 5, 7, 2}, generator, at::kFloat).to(type);
    const Tensor out = scale_channels(y, factor);
    out.backward(gradient);
    const auto expected = [&](const Tensor& x) {
      return (x.detach().to(at::kFloat) * factor.view({1, 5, 1, 1})).to(type);
    };
    EXPECT_TRUE(out.detach().equal(expected(y))) << type;
    EXPECT_TRUE(y.grad().equal(expected(gradient))) << type;
  }
}

TEST(WeightGrid, RefusesNetworksThatIntegersCannotRun) {
  model::NetworkOptions options = options_of(model::NeuronKind::kTernary);
  options.neuron.decay = 0.3;
  const Network network(model::build_network("resnet8", options), 1);
  try {
    const WeightGrid grid(network, 8);
    FAIL() << "not refused";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.key(), "train.weight_bits");
    EXPECT_THAT(error.what(), HasSubstr("a decay of 0.3 is no shift"));
  }
}

}  // namespace
}  // namespace trispike::train
