// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Networks in SpikingJelly itself (tools/golden_spikingjelly.py): the exported names, shapes and
// the settings that docs/interop.md gives for its neurons compute what our networks compute.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/random_weights.h"
#include "support/reference_network.h"
#include "trispike/interop/convert.h"
#include "trispike/interop/layouts.h"
#include "trispike/model/networks.h"

namespace trispike::interop {
namespace {

using nlohmann::json;

json golden() {
  std::ifstream stream(TRISPIKE_SOURCE_DIR "/tests/golden/spikingjelly/expected.json");
  return json::parse(stream);
}

std::vector<std::string> cases() {
  std::vector<std::string> names;
  const json all = golden();
  for (const auto& [name, value] : all["cases"].items()) names.push_back(name);
  return names;
}

class SpikingJelly : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const json all = golden();
    case_ = all["cases"][GetParam()];
    model::NetworkOptions options;
    options.time_steps = all["time_steps"];
    options.width = case_["width"];
    options.num_classes = case_["logits"].size();
    options.input = {case_["input"][0], case_["input"][1], case_["input"][2]};
    const std::string kind = case_["kind"];
    options.neuron.kind = model::neuron_kind_from_string(kind);
    options.neuron.strict = case_["strict"];
    network_ = model::build_network(case_["network"].get<std::string>(), options);
  }

  json case_;
  model::NetworkSpec network_;
};

TEST_P(SpikingJelly, HasTheExportedNamesAndShapes) {
  json ours = json::array();
  for (const ForeignTensor& tensor : layout_from_string("spikingjelly").tensors(network_)) {
    ours.push_back({tensor.theirs, tensor.their_shape});
  }
  // Its own blocks list the neuron before the shortcut; neurons without amplitude have no tensors.
  EXPECT_EQ(ours, case_["keys"]);
}

TEST_P(SpikingJelly, ComputesTheSameLogits) {
  const std::vector<double> input =
      test::parity_input(1000, static_cast<std::size_t>(network_.input().shape.elements()));
  const std::vector<double> logits =
      test::run_reference(test::parity_weights(network_), input, 1).logits;
  for (std::size_t k = 0; k < logits.size(); ++k) EXPECT_NEAR(logits[k], case_["logits"][k], 1e-8);
}

INSTANTIATE_TEST_SUITE_P(Networks, SpikingJelly, testing::ValuesIn(cases()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace trispike::interop
