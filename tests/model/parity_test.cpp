// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The reference network and folding against the authors' implementation:
// tests/golden/official-parity.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/random_weights.h"
#include "support/reference_network.h"
#include "trispike/model/networks.h"

namespace trispike::model {
namespace {

using json = nlohmann::ordered_json;  // neurons are recorded in the order in which they fire

struct Case {
  const char* file;
  const char* network;
  NeuronKind kind;
};

void PrintTo(const Case& c, std::ostream* stream) { *stream << c.file; }

class Parity : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    std::ifstream stream(std::string(TRISPIKE_SOURCE_DIR) + "/tests/golden/official-parity/" +
                         GetParam().file + ".json");
    ASSERT_TRUE(stream);
    expected_ = json::parse(stream);
    NetworkOptions options;
    options.neuron = neuron_preset("official_code", GetParam().kind);
    options.time_steps = expected_["time_steps"];
    options.num_classes = expected_["num_classes"];
    const json& shape = expected_["input"]["shape"];
    options.input = {shape[0], shape[1], shape[2]};
    network_ = build_network(GetParam().network, options);
    samples_ = expected_["input"]["batch"];
  }

  void expect_as_recorded(const ModelData& model) {
    const std::size_t elements =
        static_cast<std::size_t>(samples_ * network_.input().shape.elements());
    const std::vector<double> input = test::parity_input(expected_["input"]["seed"], elements);
    const test::ReferenceResult result = test::run_reference(model, input, samples_);
    expect_spikes(result.spikes);
    expect_logits(result.logits);
  }

 private:
  void expect_spikes(const std::vector<SpikeRecord>& spikes) {
    std::vector<std::vector<std::int64_t>> recorded, found;
    for (const auto& [name, neurons] : expected_["eval"]["neurons"].items()) {
      std::vector<std::int64_t> counts = neurons["positive"];
      for (const std::int64_t count : neurons["negative"]) counts.push_back(count);
      recorded.push_back(counts);
    }
    for (const SpikeRecord& record : spikes) {
      const std::size_t steps = static_cast<std::size_t>(network_.time_steps);
      std::vector<std::int64_t> counts(2 * steps, 0);
      for (std::size_t i = 0; i < record.spikes.size(); ++i) {
        const std::size_t t = i / (record.spikes.size() / steps);
        if (record.spikes[i] > 0) ++counts[t];
        if (record.spikes[i] < 0) ++counts[steps + t];
      }
      found.push_back(counts);
    }
    EXPECT_EQ(found, recorded);
  }

  void expect_logits(const std::vector<double>& logits) {
    const json& recorded = expected_["eval"]["logits"];
    const std::size_t classes = logits.size() / static_cast<std::size_t>(samples_);
    for (std::size_t n = 0; n < static_cast<std::size_t>(samples_); ++n) {
      const json& row = recorded.is_array() ? recorded[n] : recorded["first20"][n];
      double squares = 0;
      for (std::size_t k = 0; k < classes; ++k) squares += std::pow(logits[n * classes + k], 2);
      if (!recorded.is_array()) {
        EXPECT_NEAR(std::sqrt(squares), recorded["l2"][n], 1e-8 * std::sqrt(squares));
      }
      for (std::size_t k = 0; k < row.size(); ++k) {
        EXPECT_NEAR(logits[n * classes + k], row[k], 1e-8) << "sample " << n << " class " << k;
      }
    }
  }

 protected:
  json expected_;
  NetworkSpec network_;
  int samples_ = 0;
};

TEST_P(Parity, TensorsStandInTheOrderOfTheAuthorsStateDict) {
  std::vector<std::vector<std::int64_t>> shapes, recorded;
  for (const LayerInfo& info : infer(network_)) {
    for (const TensorSpec& tensor : info.tensors) shapes.push_back(tensor.shape);
  }
  for (const json& key : expected_["keys"]) {
    recorded.push_back(key[1]);
    if (recorded.back().empty()) recorded.back() = {1};  // their amplitude is a scalar
  }
  EXPECT_EQ(shapes, recorded);
}

TEST_P(Parity, ReferenceGivesTheRecordedSpikesAndLogits) {
  expect_as_recorded(test::parity_weights(network_));
}

TEST_P(Parity, FoldedNetworkGivesTheRecordedSpikesAndLogits) {
  expect_as_recorded(fold(test::parity_weights(network_)));
}

INSTANTIATE_TEST_SUITE_P(
    OfficialCode, Parity,
    ::testing::Values(Case{"resnet20-ternary-t2", "resnet20", NeuronKind::kTernary},
                      Case{"resnet20-trainable-t2", "resnet20", NeuronKind::kTrainableTernary},
                      Case{"resnet19-ternary-t2", "resnet19", NeuronKind::kTernary},
                      Case{"resnet18-imagenet-ternary-t2", "resnet18", NeuronKind::kTernary}),
    [](const auto& test_case) {
      std::string name = test_case.param.file;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace trispike::model
