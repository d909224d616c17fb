// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Integer arithmetic: whole quantised networks against plain loops over 64-bit integers, on every
// target of this machine; and the bounds that keep it from overflowing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "runtime/cases.h"
#include "src/plan.h"
#include "support/integer_network.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"
#include "trispike/runtime/parallel.h"

namespace trispike::runtime {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

model::ModelData quantised(const model::ModelData& trained, int weight_bits = 8) {
  return model::quantise(model::fold(trained), {.weight_bits = weight_bits});
}

/// The same logits, bit by bit, and spikes as the reference on every target. A session that records
/// nothing may leave out lists of spikes.
void expect_reference(const model::ModelData& data, const std::vector<double>& input) {
  const test::IntegerResult expected = test::run_integer(data, input);
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(data.network.name + ", " + target);
    Session session(Model::from(data, {Arithmetic::kInteger, target}), {.record_spikes = true});
    const std::span<const double> logits = session.run(input);
    EXPECT_EQ(std::vector<double>(logits.begin(), logits.end()), expected.logits);
    Session plain(Model::from(data, {Arithmetic::kInteger, target}));
    for (int run = 0; run < 2; ++run) {
      const std::span<const double> again = plain.run(input);
      EXPECT_EQ(std::vector<double>(again.begin(), again.end()), expected.logits);
    }
    ASSERT_EQ(session.spikes().size(), expected.spikes.size());
    for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
      EXPECT_TRUE(session.spikes()[i].spikes == expected.spikes[i].spikes)
          << "spikes of " << expected.spikes[i].layer;
    }
  }
}

void expect_reference(const model::ModelData& data, std::uint64_t stream = 7777) {
  expect_reference(data, test_input(data.network, stream));
}

TEST(Integer, EveryNetworkNeuronAndWidthOfWeights) {
  for (const model::NetworkEntry& entry : model::networks()) {
    int bits = 8;  // another one for each neuron, with other time steps and input
    for (const model::NeuronKindInfo& kind : model::neuron_kinds()) {
      if (!kind.spiking) continue;
      SCOPED_TRACE(std::string(kind.name) + ", " + std::to_string(bits) + " bits");
      model::NetworkOptions options;
      options.width = 5 + bits;
      options.time_steps = bits - 5;
      options.num_classes = 7;
      // Odd at every pool, so that windows of different sizes meet.
      options.input = entry.default_input.height > 100 ? model::MapShape{3, 41, 35}
                                                       : model::MapShape{3, 13, 11};
      options.neuron.kind = kind.kind;
      constexpr std::array kInputKinds{model::InputKind::kEvents, model::InputKind::kFrames,
                                       model::InputKind::kStatic};
      options.input_kind = kInputKinds[static_cast<std::size_t>(bits - 6)];
      expect_reference(
          quantised(test::random_weights(model::build_network(entry.name, options), 2), bits));
      --bits;
    }
    EXPECT_EQ(bits, 5) << "8, 7 and 6 bits were tested";
  }
}

TEST(Integer, EveryNeuronOption) {
  for_each_neuron({0.0, 0.25, 0.5, 1.0},
                  [](const model::ModelData& trained) { expect_reference(quantised(trained)); });
}

TEST(Integer, OddNumbersOfChannels) {
  for (const std::int64_t width : {1, 3, 15, 16, 17, 31, 33, 47, 63, 64, 65, 100}) {
    model::NetworkOptions options;
    options.width = width;
    options.input = {2, 7, 5};
    expect_reference(quantised(test::random_weights(model::build_network("resnet8", options),
                                                    static_cast<std::uint64_t>(width))));
  }
}

/// A quantised model put together by hand.
model::ModelData hand_made(std::vector<model::Layer> layers, model::TensorMap tensors,
                           int time_steps = 1) {
  model::ModelData data;
  data.stage = model::Stage::kQuantised;
  data.network.name = "by hand";
  data.network.time_steps = time_steps;
  data.network.layers = std::move(layers);
  data.tensors = std::move(tensors);
  return data;
}

model::Tensor int32s(std::vector<std::int32_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return model::Tensor::from({size}, values);
}

/// Pixels in eighths, one 1x1 convolution, one neuron, a head.
model::ModelData smallest_model(std::int32_t threshold, std::int32_t input_shift) {
  model::NeuronLayer neuron;
  neuron.neuron.kind = model::NeuronKind::kTernary;
  return hand_made({{"input", {}, model::InputLayer{{1, 1, 1}}},
                    {"conv", {0}, model::ConvLayer{1, 1, 1, 1, 0, true}},
                    {"neuron", {1}, neuron},
                    {"head", {2}, model::LinearLayer{1, 2, true}}},
                   {{"input.fraction_bits", int32s({3})},
                    {"conv.weight", model::Tensor::from({1, 1, 1, 1}, std::vector<std::int8_t>{5})},
                    {"conv.bias", int32s({-2})},
                    {"neuron.threshold", int32s({threshold})},
                    {"neuron.scale", model::Tensor::from({1}, std::vector<double>{0.5})},
                    {"neuron.input_shift", int32s({input_shift})},
                    {"head.weight", model::Tensor::from({2, 1}, std::vector<std::int8_t>{7, -127})},
                    {"head.bias", int32s({100, 0})},
                    {"head.scale", model::Tensor::from({1}, std::vector<double>{0.25})}});
}

TEST(Integer, ByHand) {
  // 1.0625 is 8.5 eighths, to even 8; times 5 minus 2 is 38.
  const std::vector<double> input = {1.0625};
  for (const std::string& target : supported_targets()) {
    const ModelOptions options{Arithmetic::kInteger, target};
    Session fires(Model::from(smallest_model(38, 0), options));
    EXPECT_THAT(fires.run(input), testing::ElementsAre(26.75, -31.75));
    Session silent(Model::from(smallest_model(39, 0), options));
    EXPECT_THAT(silent.run(input), testing::ElementsAre(25, 0));
    // 40 / 16 is 2.5, to nearest upwards 3; minus 2 is 1.
    Session shifted(Model::from(smallest_model(1, 4), options));
    EXPECT_THAT(shifted.run(input), testing::ElementsAre(26.75, -31.75));
    Session above(Model::from(smallest_model(2, 4), options));
    EXPECT_THAT(above.run(input), testing::ElementsAre(25, 0));
  }
}

/// Currents and potentials beyond 16 bits, in some rows and steps only.
TEST(Integer, GoesOnIn32BitsWhere16DoNotSuffice) {
  constexpr std::int64_t kChannels = 300;
  constexpr int kSteps = 4;
  const std::vector<std::int8_t> first(kChannels, 8);
  std::vector<std::int8_t> second(2 * kChannels, 127);
  for (std::size_t i = kChannels; i < second.size(); ++i) second[i] = i % 2 ? 100 : -100;
  for (const std::string_view reset : model::reset_mode_names()) {
    for (const double decay : {0.25, 0.5, 1.0}) {
      SCOPED_TRACE(std::string(reset) + ", decay " + std::to_string(decay));
      model::NeuronLayer neuron;
      neuron.neuron.kind = model::NeuronKind::kTernary;
      neuron.neuron.reset = model::reset_mode_from_string(reset);
      neuron.neuron.decay = decay;
      const model::ModelData data = hand_made(
          {{"input", {}, model::InputLayer{{1, 3, 2}, model::InputKind::kFrames}},
           {"conv1", {0}, model::ConvLayer{1, kChannels, 1, 1, 0, true}},
           {"neuron1", {1}, neuron},
           {"conv2", {2}, model::ConvLayer{kChannels, 2, 1, 1, 0, true}},
           {"neuron2", {3}, neuron},
           {"head", {4}, model::LinearLayer{12, 2, true}}},
          {{"input.fraction_bits", int32s({3})},
           {"conv1.weight", model::Tensor::from({kChannels, 1, 1, 1}, first)},
           {"conv1.bias", int32s(std::vector<std::int32_t>(kChannels, 0))},
           {"neuron1.threshold", int32s(std::vector<std::int32_t>(kChannels, 64))},
           {"neuron1.scale", model::Tensor::from({kChannels}, std::vector<double>(kChannels, 0.5))},
           {"neuron1.input_shift", int32s({0})},
           {"conv2.weight", model::Tensor::from({2, kChannels, 1, 1}, second)},
           {"conv2.bias", int32s({10, 900})},
           {"neuron2.threshold", int32s({20000, 1000})},
           {"neuron2.scale", model::Tensor::from({2}, std::vector<double>(2, 0.5))},
           {"head.weight", model::Tensor::from({2, 12}, std::vector<std::int8_t>(24, 3))},
           {"head.bias", int32s({0, 1})},
           {"head.scale", model::Tensor::from({1}, std::vector<double>{0.25})}},
          kSteps);
      const Plan plan = make_plan(data);
      EXPECT_LT(plan.populations[1].projections[0].narrow_share, kChannels * 127);
      // Rows of two pixels: each pixel that reaches 1 makes all channels fire.
      expect_reference(data, {1,  0,   0,   0,  0,  0,   //
                              1,  1,   0,   0,  -1, 0,   //
                              0,  0,   0,   -1, -1, -1,  //
                              -1, 0.5, 0.5, 1,  0,  0.5});
    }
  }
}

TEST(Integer, MultipliedSpikesChangeNothing) {
  model::NetworkOptions options;
  options.width = 12;
  options.time_steps = 3;
  options.num_classes = 4;
  options.input = {2, 16, 16};
  options.neuron.kind = model::NeuronKind::kTernary;
  options.neuron.threshold = 0.05;  // most of them fire
  const model::ModelData data =
      quantised(test::random_weights(model::build_network("resnet8", options), 21));
  const std::vector<double> input = test_input(data.network);
  for (const std::string& target : supported_targets()) {
    SCOPED_TRACE(target);
    struct Run {
      std::vector<double> logits;
      model::Activity activity;
      std::vector<model::SpikeRecord> spikes;
      std::int64_t multiplied = 0;
    };
    const auto run = [&](bool event_driven) {
      Session session(Model::from(data, {.target = target, .event_driven = event_driven}),
                      {.record_activity = true, .record_spikes = true});
      const std::span<const double> logits = session.run(input);
      Run result{{logits.begin(), logits.end()}, session.activity(), session.spikes()};
      for (model::SynapseActivity& synapse : result.activity.synapses) {
        result.multiplied += std::exchange(synapse.multiplied_steps, 0);
      }
      return result;
    };
    const Run added = run(true);
    const Run multiplied = run(false);
    EXPECT_EQ(added.multiplied, 0);
    EXPECT_EQ(multiplied.multiplied > 0, multiplies_spikes(target));
    EXPECT_EQ(multiplied.logits, added.logits);
    for (std::size_t i = 0; i < added.spikes.size(); ++i) {
      EXPECT_EQ(multiplied.spikes[i].spikes, added.spikes[i].spikes);
    }
    for (std::size_t i = 0; i < added.activity.synapses.size(); ++i) {
      EXPECT_EQ(multiplied.activity.synapses[i].synaptic_operations,
                added.activity.synapses[i].synaptic_operations);
    }
  }
}

TEST(Integer, InputsSaturate) {
  Session session(Model::from(smallest_model(1, 0)));
  const auto run = [&](double x) {
    const std::span<const double> logits = session.run(std::vector<double>{x});
    return std::vector<double>(logits.begin(), logits.end());
  };
  EXPECT_EQ(run(1e30), run(4096));
  EXPECT_EQ(run(-1e30), run(-4096));
  EXPECT_EQ(run(std::numeric_limits<double>::quiet_NaN()), run(-4096));
  EXPECT_NE(run(4096), run(-4096));
}

TEST(Integer, DependsOnNeitherThreadsNorBatch) {
  const Model model = Model::from(quantised(small_model()));
  constexpr std::int64_t kSamples = 24;
  std::vector<std::vector<double>> expected;
  for (std::int64_t i = 0; i < kSamples; ++i) {
    expected.push_back(test::run_integer(quantised(small_model()),
                                         test_input(model.network(), static_cast<std::uint64_t>(i)))
                           .logits);
  }
  for (const int threads : {1, 2, 5}) {
    std::vector<std::vector<double>> found(kSamples);
    for_each_sample(model, {}, kSamples, threads, [&](Session& session, std::int64_t i) {
      const auto logits = session.run(test_input(model.network(), static_cast<std::uint64_t>(i)));
      found[static_cast<std::size_t>(i)].assign(logits.begin(), logits.end());
    });
    EXPECT_EQ(found, expected) << threads << " threads";
  }
}

TEST(Integer, IsChosenForQuantisedModelsOnly) {
  const model::ModelData data = quantised(small_model());
  EXPECT_EQ(Model::from(data).arithmetic(), Arithmetic::kInteger);
  EXPECT_EQ(Model::from(small_model()).arithmetic(), Arithmetic::kFloat32);
  EXPECT_THAT(
      [&] {
        Model::from(data, {Arithmetic::kFloat32, ""});
      },
      ThrowsMessage<ConfigError>(HasSubstr("arithmetic: the model is quantised")));
  EXPECT_THAT(
      [&] {
        Model::from(small_model(), {Arithmetic::kInteger, ""});
      },
      ThrowsMessage<ConfigError>(HasSubstr("arithmetic: integer needs a quantised model")));
}

TEST(IntegerBounds, RowsThatFit16Bits) {
  // 400 inputs: 258 weights of 127 sum to 32766, and nothing but zeros goes with them.
  std::vector<std::int8_t> weights(800, 0);
  std::fill_n(weights.begin(), 259, std::int8_t{-127});
  std::fill_n(weights.begin() + 400, 400, std::int8_t{1});
  model::NeuronLayer neuron;
  neuron.neuron.kind = model::NeuronKind::kTernary;
  const auto data = hand_made(
      {{"input", {}, model::InputLayer{{1, 1, 1}}},
       {"conv", {0}, model::ConvLayer{1, 400, 1, 1, 0, false}},
       {"neuron", {1}, neuron},
       {"head", {2}, model::LinearLayer{400, 2, false}}},
      {{"input.fraction_bits", int32s({0})},
       {"conv.weight", model::Tensor::from({400, 1, 1, 1}, std::vector<std::int8_t>(400, 1))},
       {"neuron.threshold", int32s(std::vector<std::int32_t>(400, 1))},
       {"neuron.scale", model::Tensor::from({400}, std::vector<double>(400, 1))},
       {"neuron.input_shift", int32s({0})},
       {"head.weight", model::Tensor::from({2, 400}, weights)},
       {"head.scale", model::Tensor::from({1}, std::vector<double>{1})}});
  const Model model = Model::from(data);
  EXPECT_THAT(model.plan(), HasSubstr("any 258 rows fit 16 bits"));
  // All 400 neurons fire: 259 * 127 = 32893 needs more than 16 bits on the way.
  for (const std::string& target : supported_targets()) {
    Session session(Model::from(data, {Arithmetic::kInteger, target}));
    EXPECT_THAT(session.run(std::vector<double>{1}), testing::ElementsAre(-32893, 400)) << target;
    EXPECT_THAT(session.run(std::vector<double>{-1}), testing::ElementsAre(32893, -400)) << target;
  }
}

/// Counts of events, averaged over two columns, and one neuron that fires at `threshold`.
model::ModelData counting_model(std::int64_t channels, std::int8_t weight, std::int32_t threshold) {
  model::NeuronLayer neuron;
  neuron.neuron.kind = model::NeuronKind::kTernary;
  std::vector<std::int8_t> weights(static_cast<std::size_t>(channels), weight);
  return hand_made({{"input", {}, model::InputLayer{{channels, 1, 2}, model::InputKind::kEvents}},
                    {"pool", {0}, model::GlobalAvgPoolLayer{}},
                    {"conv", {1}, model::ConvLayer{channels, 1, 1, 1, 0, true}},
                    {"neuron", {2}, neuron},
                    {"head", {3}, model::LinearLayer{1, 1, false}}},
                   {{"conv.weight", model::Tensor::from({1, channels, 1, 1}, weights)},
                    {"conv.bias", int32s({-2})},
                    {"neuron.threshold", int32s({threshold})},
                    {"neuron.scale", model::Tensor::from({1}, std::vector<double>{0.5})},
                    {"head.weight", model::Tensor::from({1, 1}, std::vector<std::int8_t>{3})},
                    {"head.scale", model::Tensor::from({1}, std::vector<double>{1})}});
}

TEST(Integer, CountsOfEventsByHand) {
  // 127 * (300 + 7 + 1 + 900) - 2 = 153,414, in sums of at most 258 rows.
  const std::vector<double> input = {300, 7, 1, 900};
  for (const std::string& target : supported_targets()) {
    const ModelOptions options{Arithmetic::kInteger, target};
    Session fires(Model::from(counting_model(2, 127, 153414), options), {.record_activity = true});
    EXPECT_THAT(fires.run(input), testing::ElementsAre(3)) << target;
    EXPECT_EQ(fires.activity().synapses.front().synaptic_operations, 1208) << target;
    Session silent(Model::from(counting_model(2, 127, 153415), options));
    EXPECT_THAT(silent.run(input), testing::ElementsAre(0)) << target;
  }
}

TEST(IntegerBounds, EventsOfTheInput) {
  // 70 channels in two columns: 60,391 events at each of the 140 places, with weights of 127, would
  // pass 2^30.
  std::vector<double> input(140, 0.0);
  Session session(Model::from(counting_model(70, 127, 1)));
  input[3] = 60390;
  EXPECT_THAT(session.run(input), testing::ElementsAre(3));
  input[3] = 60391;
  EXPECT_THAT([&] { session.run(input); },
              ThrowsMessage<ShapeError>(HasSubstr("whole numbers of events, 0 to 60390")));
}

TEST(IntegerBounds, RefusesWhatCouldOverflow) {
  model::ModelData data = smallest_model(1, 0);
  data.tensors["conv.bias"] = int32s({1 << 30});
  EXPECT_THAT([&] { Model::from(data); },
              ThrowsMessage<ShapeError>(
                  HasSubstr("layer 'neuron': its current could reach 1073905660 in channel 0")));
  data.tensors["neuron.input_shift"] = int32s({1});
  EXPECT_THAT([&] { Model::from(data); },
              ThrowsMessage<ShapeError>(HasSubstr("its sum with the input could reach")));
}

}  // namespace
}  // namespace trispike::runtime
