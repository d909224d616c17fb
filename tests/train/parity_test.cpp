// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The comparison that scripts/bench gpu makes, with the CPU in the GPU's place.
#include "trispike/train/parity.h"

#include <gtest/gtest.h>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

Recipe small(const std::vector<std::string>& more) {
  std::vector<std::string> settings{"network.width=4", "train.batch_size=4", "train.threads=1"};
  settings.insert(settings.end(), more.begin(), more.end());
  return load_recipe(std::string(TRISPIKE_SOURCE_DIR) + "/recipes/cifar10-resnet20.toml", settings);
}

TEST(Parity, HoldsForWholeNetworksInFloat64) {
  for (const char* neuron : {"network.neuron=ternary", "network.neuron=trainable_ternary"}) {
    const Parity parity =
        compare_with_reference(small({neuron}), Device::kCpu, ParityPrecision::kFloat64);
    EXPECT_EQ(parity.device, "cpu");
    EXPECT_GT(parity.spikes, 100000);
    EXPECT_EQ(parity.differing_spikes, 0);
    EXPECT_LE(parity.largest_logit_difference, 1e-12);
    EXPECT_LE(parity.largest_gradient_difference, 1e-11) << parity.worst_parameter;
  }
}

TEST(Parity, FindsWhatIsNotEqual) {
  // In float32 rounding flips some spikes of so deep a network.
  const Parity parity = compare_with_reference(small({"network.time_steps=4"}), Device::kCpu,
                                               ParityPrecision::kFloat32);
  EXPECT_GT(parity.largest_gradient_difference, 0.0);
  EXPECT_FALSE(parity.worst_parameter.empty());
}

// What scripts/bench gpu begins with, where there is a GPU.
TEST(Cuda, ComputesWhatTheReferenceDoes) {
  Parity parity;
  try {
    parity = compare_with_reference(small({"network.neuron=trainable_ternary"}), Device::kCuda,
                                    ParityPrecision::kFloat64);
  } catch (const ConfigError& error) {
    GTEST_SKIP() << error.what();
  }
  EXPECT_EQ(parity.differing_spikes, 0);
  EXPECT_LE(parity.largest_gradient_difference, 1e-9) << parity.worst_parameter;
}

}  // namespace
}  // namespace trispike::train
