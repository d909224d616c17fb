// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The committed quantised model gives the logits that NumPy computed (tools/integer_logits.py):
// exactly, on every machine.
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/cases.h"
#include "trispike/model/safetensors.h"
#include "trispike/runtime/parallel.h"

namespace trispike::runtime {
namespace {

constexpr char kModel[] = TRISPIKE_SOURCE_DIR "/models/fashion-mnist-resnet8-integer.safetensors";
constexpr char kGolden[] =
    TRISPIKE_SOURCE_DIR "/tests/golden/integer/fashion-mnist-resnet8.safetensors";

std::vector<double> sample_of(const model::Tensor& tensor, std::int64_t i) {
  const std::vector<double> all = tensor.to_double();
  const std::int64_t size = tensor.elements() / tensor.shape[0];
  return {all.begin() + i * size, all.begin() + (i + 1) * size};
}

std::vector<double> spike_counts(const Session& session) {
  std::vector<double> counts;
  for (const model::SpikeRecord& record : session.spikes()) {
    counts.push_back(static_cast<double>(
        std::count_if(record.spikes.begin(), record.spikes.end(), [](auto s) { return s != 0; })));
  }
  return counts;
}

TEST(IntegerGolden, CommittedModelGivesNumpysLogitsEverywhere) {
  EXPECT_LE(std::filesystem::file_size(kModel), 1'000'000u);
  const model::TensorMap golden = model::read_safetensors(kGolden).tensors;
  const model::Tensor& inputs = golden.at("input");
  const std::int64_t samples = inputs.shape[0];
  ASSERT_GT(samples, 0);
  for (const std::string& target : supported_targets()) {
    const Model model = Model::load(kModel, {{}, target});
    EXPECT_EQ(model.arithmetic(), Arithmetic::kInteger);
    for (const int threads : {1, 3}) {
      for_each_sample(model, {.record_activity = false, .record_spikes = true}, samples, threads,
                      [&](Session& session, std::int64_t i) {
                        const std::span<const double> logits = session.run(sample_of(inputs, i));
                        EXPECT_EQ(std::vector<double>(logits.begin(), logits.end()),
                                  sample_of(golden.at("logits"), i))
                            << target << ", sample " << i;
                        EXPECT_EQ(spike_counts(session), sample_of(golden.at("spikes"), i))
                            << target;
                      });
    }
  }
}

}  // namespace
}  // namespace trispike::runtime
