// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The committed float32 model gives the same bits on every machine: those that x86-64 gave, noted
// here, are what every target must give.
#include <gtest/gtest.h>

#include <span>

#include "runtime/cases.h"
#include "trispike/model/safetensors.h"
#include "trispike/model/sha256.h"

namespace trispike::runtime {
namespace {

constexpr char kModel[] = TRISPIKE_SOURCE_DIR "/models/fashion-mnist-resnet8.safetensors";
constexpr char kImages[] =
    TRISPIKE_SOURCE_DIR "/tests/golden/integer/fashion-mnist-resnet8.safetensors";
constexpr char kDigest[] = "680f35d5cf1c99b8f80b210045b91362f2e459c7801e1d84667691b2e6926c36";

TEST(FloatGolden, CommittedModelGivesTheSameBitsEverywhere) {
  const model::TensorMap golden = model::read_safetensors(kImages).tensors;
  const std::vector<double> images = golden.at("input").to_double();
  const auto samples = static_cast<std::size_t>(golden.at("input").shape[0]);
  for (const std::string& target : supported_targets()) {
    Session session(Model::load(kModel, {Arithmetic::kFloat32, target}));
    std::vector<double> all;
    for (std::size_t i = 0; i < samples; ++i) {
      const std::size_t size = images.size() / samples;
      const std::span<const double> logits = session.run(std::span(images).subspan(i * size, size));
      all.insert(all.end(), logits.begin(), logits.end());
    }
    model::Sha256 digest;
    digest.update(all.data(), all.size() * sizeof(double));
    EXPECT_EQ(digest.finish(), kDigest) << target;
  }
}

}  // namespace
}  // namespace trispike::runtime
