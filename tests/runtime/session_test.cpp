// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/cases.h"
#include "support/reference_network.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr SessionOptions kRecordAll{.record_activity = true, .record_spikes = true};
constexpr std::span<const double> kSameImage;

std::vector<double> copy(std::span<const double> logits) { return {logits.begin(), logits.end()}; }

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

/// The mean over the steps of a session.
class Mean {
 public:
  void add(std::span<const double> logits) {
    sum_.resize(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i) sum_[i] += logits[i];
    ++steps_;
  }
  std::vector<double> value() const {
    std::vector<double> mean = sum_;
    for (double& x : mean) x /= steps_;
    return mean;
  }

 private:
  std::vector<double> sum_;
  int steps_ = 0;
};

TEST(Session, EarlyExitEndsAtAClearMargin) {
  const Model model = Model::from(small_model());
  const std::vector<double> image = test_input(model.network());
  Session stepping(model);
  std::vector<double> sorted = copy(stepping.step(image));
  std::sort(sorted.rbegin(), sorted.rend());
  const double margin = sorted[0] - sorted[1];
  ASSERT_GT(margin, 0);

  Session reached(model, {.early_exit_margin = margin});  // equality counts
  reached.run(image);
  EXPECT_EQ(reached.time_steps(), 1);
  Session whole(model);
  Session never(model, {.early_exit_margin = 1e9});
  EXPECT_EQ(copy(never.run(image)), copy(whole.run(image)));
  EXPECT_EQ(never.time_steps(), model.network().time_steps);
  EXPECT_THROW(Session(model, {.early_exit_margin = -1}), ConfigError);
  EXPECT_THROW(Session(model, {.early_exit_margin = std::nan("")}), ConfigError);
}

TEST(Session, ThreadsWithinASampleChangeNothing) {
  for (const bool integer : {false, true}) {
    const model::ModelData trained = small_model();
    const Model model = Model::from(integer ? model::quantise(model::fold(trained), {}) : trained);
    const SessionOptions recording{.record_activity = true, .record_spikes = true};
    Session one(model, recording);
    std::int64_t multiplied = 0;
    for (const int threads : {2, 3, 16}) {
      SessionOptions options = recording;
      options.threads = threads;
      Session several(model, options);
      // One that records nothing lists spikes only where they are added.
      Session unrecorded(model, {.threads = threads});
      one.clear_activity();
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::vector<double> image = test_input(model.network(), i);
        const auto logits = copy(one.run(image));
        ASSERT_EQ(copy(several.run(image)), logits);
        ASSERT_EQ(copy(unrecorded.run(image)), logits);
        for (std::size_t l = 0; l < one.spikes().size(); ++l) {
          ASSERT_EQ(several.spikes()[l].spikes, one.spikes()[l].spikes);
        }
      }
      for (std::size_t l = 0; l < one.activity().synapses.size(); ++l) {
        EXPECT_EQ(several.activity().synapses[l].synaptic_operations,
                  one.activity().synapses[l].synaptic_operations);
        EXPECT_EQ(several.activity().synapses[l].macs, one.activity().synapses[l].macs);
        EXPECT_EQ(several.activity().synapses[l].multiplied_steps,
                  one.activity().synapses[l].multiplied_steps);
        multiplied += one.activity().synapses[l].multiplied_steps;
      }
    }
    EXPECT_EQ(multiplied > 0, integer && multiplies_spikes(default_target()));
    EXPECT_THROW(Session(model, {.threads = 0}), ConfigError);
    EXPECT_THROW(Session(model, {.threads = 257}), ConfigError);
  }
}

TEST(Model, MultiplicationFreeRefusesRealInputAndTakesEvents) {
  EXPECT_THAT([] { Model::from(small_model(), {.multiplication_free = true}); },
              ThrowsMessage<ConfigError>(HasSubstr("layer 'stem.0.conv'")));
  EXPECT_THAT(Model::from(small_model()).multiplying_layers(), testing::ElementsAre("stem.0.conv"));
}

/// What a session keeps of potentials must explain its spikes, and change nothing else.
void expect_potentials_explain_spikes(const Model& model) {
  const std::vector<double> image = test_input(model.network());
  Session plain(model);
  Session recording(model, {.record_spikes = true, .record_potentials = true});
  EXPECT_EQ(copy(recording.run(image)), copy(plain.run(image)));
  ASSERT_EQ(recording.potentials().size(), recording.spikes().size());
  for (std::size_t i = 0; i < recording.spikes().size(); ++i) {
    const model::PotentialRecord& potentials = recording.potentials()[i];
    const std::vector<std::int8_t>& spikes = recording.spikes()[i].spikes;
    EXPECT_EQ(potentials.layer, recording.spikes()[i].layer);
    ASSERT_EQ(potentials.potentials.size(), spikes.size());
    const auto& layer = model.network().layers[model.network().find(potentials.layer)];
    const double threshold = std::get<model::NeuronLayer>(layer.params).neuron.threshold;
    for (std::size_t k = 0; k < spikes.size(); ++k) {
      // The recorded number is rounded to float.
      const double u = potentials.potentials[k] / threshold;
      if (std::abs(std::abs(u) - 1) < 1e-6) continue;
      EXPECT_EQ(spikes[k], u > 1 ? 1 : u < -1 ? -1 : 0) << potentials.layer << " " << u;
    }
  }
}

TEST(Session, PotentialsExplainSpikes) {
  expect_potentials_explain_spikes(Model::from(small_model()));
  expect_potentials_explain_spikes(Model::from(small_model(), {Arithmetic::kFloat64, ""}));
  expect_potentials_explain_spikes(Model::from(model::quantise(model::fold(small_model()), {})));
}

TEST(Session, PotentialsFollowTheEquation) {  // Eq. 7, on the layer whose current never changes
  const Model model = Model::from(small_model(), {Arithmetic::kFloat64, ""});
  Session session(model, {.record_spikes = true, .record_potentials = true});
  session.run(test_input(model.network()));
  const std::vector<float>& u = session.potentials().front().potentials;
  const std::vector<std::int8_t>& spikes = session.spikes().front().spikes;
  const auto& layer = model.network().layers[model.network().find(session.spikes()[0].layer)];
  const double decay = std::get<model::NeuronLayer>(layer.params).neuron.decay;
  const std::size_t neurons = u.size() / static_cast<std::size_t>(model.network().time_steps);
  for (std::size_t i = 0; i < neurons; ++i) {
    const double left = spikes[i] != 0 ? 0 : u[i];  // hard reset
    EXPECT_NEAR(u[neurons + i], decay * left + u[i], 1e-5);
  }
}

TEST(Session, KeepsNoPotentialsUnlessAsked) {
  const Session session(Model::from(small_model()));
  EXPECT_THROW(session.potentials(), ConfigError);
}

TEST(Session, StepsOfAStaticImageAreTheRun) {
  const Model model = Model::from(small_model());
  const std::vector<double> image = test_input(model.network());
  Session whole(model, kRecordAll);
  const std::vector<double> expected = copy(whole.run(image));

  Session stepping(model, kRecordAll);
  Mean mean;
  mean.add(stepping.step(image));
  mean.add(stepping.step(kSameImage));
  mean.add(stepping.step(kSameImage));
  EXPECT_EQ(mean.value(), expected);
  for (std::size_t i = 0; i < whole.spikes().size(); ++i) {
    EXPECT_EQ(stepping.spikes()[i].spikes, whole.spikes()[i].spikes) << whole.spikes()[i].layer;
  }
  EXPECT_EQ(stepping.activity().samples, 1);
  EXPECT_EQ(stepping.activity().synapses.front().macs, whole.activity().synapses.front().macs);
}

TEST(Session, StepsOfFramesAreTheRun) {
  const Model model = Model::from(small_model(model::InputKind::kFrames));
  const std::vector<double> frames = test_input(model.network());
  const std::size_t size = frames.size() / 3;
  Session session(model);
  const std::vector<double> expected = copy(session.run(frames));
  session.reset();
  Mean mean;
  for (std::size_t t = 0; t < 3; ++t) {
    mean.add(session.step(std::span(frames).subspan(t * size, size)));
  }
  EXPECT_EQ(mean.value(), expected);
}

TEST(Session, RunsDoNotSeeEachOther) {
  const Model model = Model::from(small_model());
  const std::vector<double> a = test_input(model.network(), 1);
  const std::vector<double> b = test_input(model.network(), 2);
  Session session(model);
  const std::vector<double> logits_a = copy(session.run(a));
  const std::vector<double> logits_b = copy(session.run(b));
  EXPECT_NE(logits_a, logits_b);
  EXPECT_EQ(copy(session.run(a)), logits_a);
  EXPECT_EQ(copy(Session(model).run(b)), logits_b);
}

TEST(Session, ResetForgetsPotentials) {
  const Model model = Model::from(small_model());
  const std::vector<double> image = test_input(model.network());
  Session session(model);
  const std::vector<double> first = copy(session.step(image));
  EXPECT_NE(copy(session.step(kSameImage)), first);
  session.reset();
  EXPECT_EQ(copy(session.step(kSameImage)), first);
}

TEST(Session, TakesFloatsAndDoubles) {
  const Model model = Model::from(small_model());
  const std::vector<double> image = test_input(model.network());
  const std::vector<float> floats(image.begin(), image.end());
  const std::vector<double> rounded(floats.begin(), floats.end());
  Session session(model);
  const std::vector<double> expected = copy(session.run(rounded));
  EXPECT_EQ(copy(session.run(floats)), expected);
}

TEST(Session, RefusesWrongSizes) {
  Session still(Model::from(small_model()));
  const std::vector<float> wrong(197);
  const auto message =
      ThrowsMessage<ShapeError>(HasSubstr("layer 'input': got 197 numbers, expected 198 (2x9x11)"));
  EXPECT_THAT([&] { still.run(wrong); }, message);
  EXPECT_THAT([&] { still.step(wrong); }, message);
  EXPECT_THROW(still.step(kSameImage), ShapeError) << "there is no image yet";

  Session frames(Model::from(small_model(model::InputKind::kFrames)));
  EXPECT_THAT([&] { frames.run(std::vector<float>(198)); },
              ThrowsMessage<ShapeError>(HasSubstr("expected 594 (3x2x9x11)")));
  frames.step(std::vector<float>(198));
  EXPECT_THROW(frames.step(kSameImage), ShapeError) << "frames do not repeat";
}

TEST(Session, TakesFramesOfEventsDenserThanAnyBefore) {
  const model::ModelData data = small_model(model::InputKind::kEvents);
  std::vector<double> events = test_input(data.network);
  Session session(Model::from(data, {Arithmetic::kFloat64, ""}));
  session.run(events);
  // 40, 500 and 3,000 events at a place in the middle, a corner, and one more.
  events[198 + 99 + 5 * 11 + 3] = 40;
  events[2 * 198] = 500;
  events[198 + 7] = 3000;
  const test::ReferenceResult expected = test::run_reference(data, events, 1);
  const std::span<const double> logits = session.run(events);
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected.logits[i], 1e-9);
}

TEST(Session, RefusesEventsThatAreNoCounts) {
  const Model model = Model::from(small_model(model::InputKind::kEvents));
  const std::vector<double> good = test_input(model.network());
  Session session(model);
  const std::vector<double> expected = copy(session.run(good));
  for (const double bad : {0.5, -1.0, double(NAN), double(INFINITY), 65536.0}) {
    std::vector<double> events = good;
    events[99 + 2 * 11 + 4] = bad;  // second channel of the first frame
    EXPECT_THAT([&] { session.run(events); },
                ThrowsMessage<ShapeError>(AllOf(HasSubstr("layer 'input': got "),
                                                HasSubstr(" at row 2, column 4, channel 1; "),
                                                HasSubstr("whole numbers of events, 0 to 65535"))));
  }
  std::vector<double> many = good;
  many[99 + 5] = many[5] = 40'000;
  EXPECT_THAT([&] { session.run(many); },
              ThrowsMessage<ShapeError>(HasSubstr("got 80000 events at row 0, column 5")));
  EXPECT_EQ(copy(session.run(good)), expected) << "a refused frame leaves the session usable";
}

TEST(Session, CountsAndRecordsAgree) {
  const Model model = Model::from(small_model());
  Session session(model, kRecordAll);
  session.run(test_input(model.network()));
  const model::Activity& activity = session.activity();
  EXPECT_EQ(activity.samples, 1);
  EXPECT_EQ(activity.time_steps, 3);
  ASSERT_EQ(activity.neurons.size(), session.spikes().size());
  for (std::size_t i = 0; i < activity.neurons.size(); ++i) {
    const std::vector<std::int8_t>& spikes = session.spikes()[i].spikes;
    const model::NeuronActivity& neurons = activity.neurons[i];
    ASSERT_EQ(static_cast<std::int64_t>(spikes.size()), 3 * neurons.neurons);
    for (int t = 0; t < 3; ++t) {
      const auto begin = spikes.begin() + t * neurons.neurons;
      const auto end = begin + neurons.neurons;
      EXPECT_EQ(neurons.positive[static_cast<std::size_t>(t)], std::count(begin, end, 1));
      EXPECT_EQ(neurons.negative[static_cast<std::size_t>(t)], std::count(begin, end, -1));
    }
    EXPECT_GT(total(neurons.positive) + total(neurons.negative), 0) << neurons.layer;
  }
}

TEST(Session, ActivityAddsUpUntilCleared) {
  const Model model = Model::from(small_model());
  const std::vector<double> image = test_input(model.network());
  Session session(model, {.record_activity = true});
  session.run(image);
  const model::Activity once = session.activity();
  session.run(image);
  const model::Activity& twice = session.activity();
  EXPECT_EQ(twice.samples, 2);
  for (std::size_t i = 0; i < once.synapses.size(); ++i) {
    EXPECT_EQ(twice.synapses[i].synaptic_operations, 2 * once.synapses[i].synaptic_operations);
    EXPECT_EQ(twice.synapses[i].macs, 2 * once.synapses[i].macs);
    EXPECT_EQ(twice.synapses[i].dense_operations, 2 * once.synapses[i].dense_operations);
  }
  for (std::size_t t = 0; t < once.synaptic_operations_at.size(); ++t) {
    EXPECT_EQ(twice.synaptic_operations_at[t], 2 * once.synaptic_operations_at[t]);
  }
  session.clear_activity();
  EXPECT_EQ(session.activity().samples, 0);
  session.run(image);
  EXPECT_EQ(session.activity().neurons.front().positive, once.neurons.front().positive);
  EXPECT_EQ(session.activity().synapses.back().synaptic_operations,
            once.synapses.back().synaptic_operations);
  EXPECT_EQ(session.activity().synaptic_operations_at, once.synaptic_operations_at);
}

TEST(Session, OperationsAreToldApartByTimeStep) {
  model::ModelData data = small_model();
  const auto operations = [&](int time_steps) {
    data.network.time_steps = time_steps;
    const Model model = Model::from(data);
    Session session(model, {.record_activity = true});
    session.run(test_input(model.network()));
    return session.activity();
  };
  // A static picture: what happens later changes nothing of the steps before.
  const model::Activity one = operations(1), three = operations(3);
  ASSERT_EQ(three.synaptic_operations_at.size(), 3u);
  ASSERT_EQ(one.synaptic_operations_at.size(), 1u);
  EXPECT_EQ(three.synaptic_operations_at[0], one.synaptic_operations_at[0]);
  EXPECT_NE(three.synaptic_operations_at[1], one.synaptic_operations_at[0]);
  std::int64_t total = 0, steps = 0;
  for (const model::SynapseActivity& layer : three.synapses) total += layer.synaptic_operations;
  for (const std::int64_t step : three.synaptic_operations_at) steps += step;
  EXPECT_EQ(steps, total);
}

TEST(Session, OnlyTheFirstLayerMultiplies) {
  const Model model = Model::from(small_model());
  Session session(model, kRecordAll);
  session.run(test_input(model.network()));
  const auto& synapses = session.activity().synapses;
  EXPECT_EQ(synapses.front().macs * 3, synapses.front().dense_operations) << "once per image";
  EXPECT_EQ(synapses.front().synaptic_operations, 0);
  for (std::size_t i = 1; i < synapses.size(); ++i) {
    EXPECT_EQ(synapses[i].macs, 0) << synapses[i].layer;
    EXPECT_GT(synapses[i].synaptic_operations, 0) << synapses[i].layer;
  }
}

TEST(Session, StepBeyondTheLastBeginsANewSample) {
  const Model model = Model::from(small_model());
  Session session(model, kRecordAll);
  session.step(test_input(model.network()));
  for (int t = 1; t < 4; ++t) session.step(kSameImage);
  EXPECT_EQ(session.activity().samples, 2);
}

TEST(Session, SaysWhatItDoesNotRecord) {
  Session session(Model::from(small_model()));
  EXPECT_THROW(session.activity(), ConfigError);
  EXPECT_THROW(session.spikes(), ConfigError);
}

}  // namespace
}  // namespace trispike::runtime
