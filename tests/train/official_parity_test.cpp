// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The authors' published networks, in float64: logits, spike counts, loss, every gradient and
// running statistic, from both neuron implementations. Facts and tolerances:
// tests/golden/official-parity/README.md.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "src/network.h"
#include "support/random_weights.h"
#include "trispike/model/networks.h"

namespace trispike::train {
namespace {

using json = nlohmann::ordered_json;  // the order of the neuron layers counts

constexpr double kTolerance = 1e-8;

json load_case(const std::string& name) {
  std::ifstream file(std::filesystem::path(TRISPIKE_SOURCE_DIR) / "tests/golden/official-parity" /
                     (name + ".json"));
  return json::parse(file);
}

model::NetworkSpec network_of(const json& c) {
  const std::string architecture = c["architecture"];
  const std::string name = architecture.starts_with("resnet20")   ? "resnet20"
                           : architecture.starts_with("resnet19") ? "resnet19"
                                                                  : "resnet18";
  const bool trainable = c["spikes"] == "trainable";
  model::NetworkOptions options;
  options.time_steps = c["time_steps"];
  options.num_classes = c["num_classes"];
  options.input = {c["input"]["shape"][0], c["input"]["shape"][1], c["input"]["shape"][2]};
  options.neuron =
      model::neuron_preset("official_code", trainable ? model::NeuronKind::kTrainableTernary
                                                      : model::NeuronKind::kTernary);
  return model::build_network(name, options);
}

/// Our names of the authors' tensors, in their order.
std::vector<std::string> names_in_order(const model::NetworkSpec& network, const json& keys) {
  std::vector<std::string> names;
  for (const model::LayerInfo& info : model::infer(network)) {
    for (const model::TensorSpec& tensor : info.tensors) {
      const auto shape = keys.at(names.size())[1].get<std::vector<std::int64_t>>();
      EXPECT_TRUE(tensor.shape == shape || (shape.empty() && tensor.shape.size() == 1))
          << tensor.name << " against " << keys.at(names.size())[0];
      names.push_back(tensor.name);
    }
  }
  EXPECT_EQ(names.size(), keys.size());
  return names;
}

at::Tensor input_of(const json& c, std::int64_t batch, std::uint64_t seed) {
  const auto shape = c["input"]["shape"].get<std::vector<std::int64_t>>();
  std::vector<std::int64_t> sizes{batch, shape[0], shape[1], shape[2]};
  const auto values =
      test::parity_input(seed, static_cast<std::size_t>(batch * shape[0] * shape[1] * shape[2]));
  return at::tensor(values, at::kDouble).view(sizes);
}

/// Checks l2 norm and sum of a tensor; `scale` is what an absolute error of the l2 norm is relative
/// to.
void expect_tensor(const at::Tensor& value, const json& golden, double scale,
                   const std::string& name) {
  const double l2 = golden["l2"];
  const double n = std::sqrt(static_cast<double>(value.numel()));
  EXPECT_NEAR(value.norm().item<double>(), l2, kTolerance * std::max(scale, l2)) << name;
  EXPECT_NEAR(value.sum().item<double>(), golden["sum"].get<double>(),
              kTolerance * std::max(1.0, l2 * n))
      << name;
}

class OfficialParity : public ::testing::TestWithParam<std::tuple<std::string, bool>> {
 protected:
  json case_ = load_case(std::get<0>(GetParam()));
  bool fused_ = std::get<1>(GetParam());
  model::NetworkSpec spec_ = network_of(case_);
  Network network_{test::parity_weights(spec_), at::kDouble};
};

TEST_P(OfficialParity, EvaluationGivesTheSameLogitsAndSpikes) {
  c10::NoGradGuard no_grad;
  const std::int64_t batch = case_["input"]["batch"];
  const ForwardResult out = network_.forward(input_of(case_, batch, case_["input"]["seed"]),
                                             {.fused = fused_, .record_spikes = true});
  const json& golden = case_["eval"]["logits"];
  if (golden.is_array()) {
    for (std::int64_t n = 0; n < batch; ++n) {
      for (std::int64_t k = 0; k < out.logits.size(1); ++k) {
        EXPECT_NEAR(out.logits[n][k].item<double>(), golden[n][k].get<double>(), kTolerance);
      }
    }
  } else {
    for (std::size_t k = 0; k < golden["first20"][0].size(); ++k) {
      EXPECT_NEAR(out.logits[0][static_cast<std::int64_t>(k)].item<double>(),
                  golden["first20"][0][k].get<double>(), kTolerance);
    }
    const double l2 = golden["l2"][0];
    EXPECT_NEAR(out.logits[0].norm().item<double>(), l2, kTolerance * l2);
    EXPECT_EQ(out.logits[0].argmax().item<std::int64_t>(), golden["argmax"][0].get<std::int64_t>());
  }
  // The authors' neuron layers, in the order in which they fire.
  std::vector<std::string> order;
  for (const auto& key : case_["eval"]["neurons"].items()) order.push_back(key.key());
  ASSERT_EQ(order.size(), out.spikes.size());
  std::size_t matched = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const at::Tensor spikes = out.spikes[i];
    std::vector<std::int64_t> positive, negative;
    for (const at::Tensor& step : spikes.chunk(spec_.time_steps)) {
      positive.push_back(step.gt(0).sum().item<std::int64_t>());
      negative.push_back(step.lt(0).sum().item<std::int64_t>());
    }
    const json& neuron = case_["eval"]["neurons"][order[i]];
    EXPECT_EQ(positive, neuron["positive"].get<std::vector<std::int64_t>>()) << order[i];
    EXPECT_EQ(negative, neuron["negative"].get<std::vector<std::int64_t>>()) << order[i];
    EXPECT_EQ(spikes.numel() / spec_.time_steps, neuron["neurons"].get<std::int64_t>()) << order[i];
    ++matched;
  }
  EXPECT_GT(matched, 10u);
}

TEST_P(OfficialParity, TrainingGivesTheSameLossGradientsAndStatistics) {
  const json& golden = case_["train"];
  const std::int64_t batch = golden["batch"];
  const ForwardResult out =
      network_.forward(input_of(case_, batch, golden["seed"]), {.training = true, .fused = fused_});
  const at::Tensor labels =
      at::arange(batch, at::kLong).remainder(case_["num_classes"].get<std::int64_t>());
  const at::Tensor loss = at::cross_entropy_loss(out.logits, labels);
  EXPECT_NEAR(loss.item<double>(), golden["loss"].get<double>(), kTolerance);
  loss.backward();

  const std::vector<std::string> names = names_in_order(spec_, case_["keys"]);
  std::map<std::string, std::string> theirs;
  for (std::size_t i = 0; i < names.size(); ++i) theirs[names[i]] = case_["keys"][i][0];
  double largest_amplitude = 0.0;
  for (const auto& [key, value] : golden["gradients"].items()) {
    if (key.ends_with("fire_ratio"))
      largest_amplitude = std::max(largest_amplitude, value["l2"].get<double>());
  }
  std::size_t checked = 0;
  for (const Parameter& parameter : network_.parameters()) {
    ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
    const bool amplitude = parameter.name.ends_with(".amplitude");
    expect_tensor(parameter.tensor.grad(), golden["gradients"].at(theirs.at(parameter.name)),
                  amplitude ? largest_amplitude : 0.0, parameter.name);
    ++checked;
  }
  EXPECT_EQ(checked, golden["gradients"].size());
  const model::TensorMap after = network_.tensors();
  for (const auto& [name, key] : theirs) {
    if (!golden["running_statistics_after"].contains(key)) continue;
    expect_tensor(to_torch(after.at(name)), golden["running_statistics_after"][key], 0.0, name);
    ++checked;
  }
  EXPECT_EQ(checked, golden["gradients"].size() + golden["running_statistics_after"].size());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, OfficialParity,
    ::testing::Combine(::testing::Values("resnet20-ternary-t2", "resnet20-trainable-t2",
                                         "resnet19-ternary-t2", "resnet18-imagenet-ternary-t2"),
                       ::testing::Bool()),
    [](const auto& tested) {
      std::string name =
          std::get<0>(tested.param) + (std::get<1>(tested.param) ? "_fused" : "_reference");
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace trispike::train
