// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/runtime/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "runtime/cases.h"
#include "trispike/model/error.h"

namespace trispike::runtime {
namespace {

constexpr std::int64_t kSamples = 23;

struct Answers {
  std::vector<std::vector<double>> logits;
  model::Activity activity;
};

Answers answer_all(const Model& model, int threads) {
  Answers answers;
  answers.logits.resize(kSamples);
  answers.activity = for_each_sample(
      model, {.record_activity = true}, kSamples, threads, [&](Session& session, std::int64_t i) {
        const auto stream = static_cast<std::uint64_t>(i);
        const auto logits = session.run(test_input(model.network(), stream));
        answers.logits[static_cast<std::size_t>(i)].assign(logits.begin(), logits.end());
      });
  return answers;
}

TEST(ForEachSample, DoesNotDependOnTheNumberOfThreads) {
  const Model model = Model::from(small_model());
  const Answers one = answer_all(model, 1);
  EXPECT_EQ(one.activity.samples, kSamples);
  for (const int threads : {2, 5, 40}) {
    const Answers many = answer_all(model, threads);
    EXPECT_EQ(many.logits, one.logits);
    EXPECT_EQ(many.activity.samples, kSamples);
    for (std::size_t i = 0; i < one.activity.neurons.size(); ++i) {
      EXPECT_EQ(many.activity.neurons[i].positive, one.activity.neurons[i].positive);
      EXPECT_EQ(many.activity.neurons[i].negative, one.activity.neurons[i].negative);
    }
    for (std::size_t i = 0; i < one.activity.synapses.size(); ++i) {
      const model::SynapseActivity& a = one.activity.synapses[i];
      const model::SynapseActivity& b = many.activity.synapses[i];
      EXPECT_EQ(b.layer, a.layer);
      EXPECT_EQ(b.synaptic_operations, a.synaptic_operations);
      EXPECT_EQ(b.macs, a.macs);
      EXPECT_EQ(b.dense_operations, a.dense_operations);
    }
  }
}

TEST(ForEachSample, NoSamplesIsNoWork) {
  const Model model = Model::from(small_model());
  const model::Activity activity = for_each_sample(
      model, {.record_activity = true}, 0, 3, [](Session&, std::int64_t) { FAIL() << "called"; });
  EXPECT_EQ(activity.samples, 0);
}

TEST(ForEachSample, PassesExceptionsOn) {
  const Model model = Model::from(small_model());
  std::atomic<int> calls = 0;
  const auto fail = [&](Session&, std::int64_t i) {
    ++calls;
    if (i == 3) throw IoError("image 3 is gone");
  };
  EXPECT_THROW(for_each_sample(model, {}, 1'000'000, 2, fail), IoError);
  EXPECT_LT(calls, 1'000'000) << "the rest is left out";
  EXPECT_THROW(for_each_sample(model, {}, 1, 0, fail), ConfigError);
}

}  // namespace
}  // namespace trispike::runtime
