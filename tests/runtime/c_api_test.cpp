// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The C API gives the C++ API's answers, bit by bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "runtime/c_api_fixture.h"
#include "trispike/model/quantise.h"

namespace trispike::runtime {
namespace {

using testing::HasSubstr;

std::vector<double> answer(Session& session, const std::vector<float>& input) {
  const std::span<const double> logits = session.run(std::span<const float>(input));
  return {logits.begin(), logits.end()};
}

TEST_F(CApi, KnowsItsVersion) { EXPECT_STREQ(trispike_version(), TRISPIKE_EXPECTED_VERSION); }

TEST_F(CApi, AnswersAsTheCppApi) {
  for (const auto kind :
       {model::InputKind::kStatic, model::InputKind::kFrames, model::InputKind::kEvents}) {
    const std::string path = write(small_model(kind));
    for (const char* arithmetic : {"float32", "float64"}) {
      for (const std::string& target : supported_targets()) {
        trispike_model_options options{};
        options.struct_size = sizeof options;
        options.arithmetic = arithmetic;
        options.target = target.c_str();
        const auto model = load(path, &options);
        const Model cpp = Model::load(path, {arithmetic_from_string(arithmetic), target});
        const std::vector<float> input = float_input(cpp.network());
        Session session(cpp);
        EXPECT_EQ(run(start(model.get()).get(), input), answer(session, input))
            << model::to_string(kind) << ", " << arithmetic << ", " << target;
      }
    }
  }
}

TEST_F(CApi, AnswersInIntegers) {
  const std::string path = TRISPIKE_SOURCE_DIR "/models/fashion-mnist-resnet8-integer.safetensors";
  const auto model = load(path);
  auto info = sized<trispike_model_info>();
  ASSERT_EQ(trispike_model_get_info(model.get(), &info), TRISPIKE_OK);
  EXPECT_STREQ(info.arithmetic, "integer");
  const Model cpp = Model::load(path);
  const std::vector<float> input = float_input(cpp.network());
  Session session(cpp);
  EXPECT_EQ(run(start(model.get()).get(), input, info.num_classes), answer(session, input));
}

TEST_F(CApi, StepsAsTheCppApi) {
  for (const auto kind : {model::InputKind::kStatic, model::InputKind::kFrames}) {
    const std::string path = write(small_model(kind));
    const auto model = load(path);
    const Model cpp = Model::load(path);
    const std::vector<float> input = float_input(cpp.network());
    const std::size_t map_size = 2 * 9 * 11;
    const auto session = start(model.get());
    Session expected(cpp);
    const auto step = [&](std::size_t t) {
      const float* map = input.data() + (kind == model::InputKind::kStatic ? 0 : t * map_size);
      const bool repeat = kind == model::InputKind::kStatic && t > 0;
      std::vector<double> logits(4);
      EXPECT_EQ(trispike_session_step(session.get(), repeat ? nullptr : map, repeat ? 0 : map_size,
                                      logits.data(), logits.size()),
                TRISPIKE_OK)
          << trispike_last_error();
      const auto want = expected.step(std::span(map, map_size));
      EXPECT_EQ(logits, std::vector<double>(want.begin(), want.end()));
      return logits;
    };
    const std::vector<double> first = step(0);
    step(1);
    step(2);
    EXPECT_EQ(trispike_session_reset(session.get()), TRISPIKE_OK);
    expected.reset();
    EXPECT_EQ(step(0), first);
  }
}

TEST_F(CApi, TellsWhatAModelIs) {
  model::ModelData data = small_model(model::InputKind::kFrames);
  data.class_names = {"a", "b", "c", "d"};
  data.preprocessing.mean = {0.25, 0.5};
  data.preprocessing.frames = model::FrameBinning{.by = "window",
                                                  .window_us = 5000,
                                                  .from_zero = true,
                                                  .keep_rest = false,
                                                  .resize = "nearest",
                                                  .sensor_height = 128,
                                                  .sensor_width = 64};
  trispike_model_options options{};
  options.struct_size = sizeof options;
  options.arithmetic = "float64";
  options.target = "scalar";
  const auto model = load(write(data), &options);

  auto info = sized<trispike_model_info>();
  ASSERT_EQ(trispike_model_get_info(model.get(), &info), TRISPIKE_OK);
  EXPECT_EQ(info.struct_size, sizeof info);
  EXPECT_EQ(info.network, data.network.name);
  EXPECT_EQ(info.input_kind, TRISPIKE_INPUT_FRAMES);
  EXPECT_EQ(info.channels, 2);
  EXPECT_EQ(info.height, 9);
  EXPECT_EQ(info.width, 11);
  EXPECT_EQ(info.time_steps, 3);
  EXPECT_EQ(info.input_size, 3u * 2 * 9 * 11);
  EXPECT_EQ(info.step_input_size, 2u * 9 * 11);
  EXPECT_EQ(info.num_classes, 4u);
  EXPECT_STREQ(info.arithmetic, "float64");
  EXPECT_STREQ(info.target, "scalar");
  EXPECT_EQ(info.packed_bytes, Model::from(data, {Arithmetic::kFloat64, "scalar"}).packed_bytes());

  const char* name = nullptr;
  ASSERT_EQ(trispike_model_class_name(model.get(), 3, &name), TRISPIKE_OK);
  EXPECT_STREQ(name, "d");
  EXPECT_EQ(trispike_model_class_name(model.get(), 4, &name), TRISPIKE_ERROR_ARGUMENT);
  EXPECT_EQ(name, nullptr);
  EXPECT_STREQ(trispike_last_error(), "index is 4, and there are 4 classes");

  auto preprocessing = sized<trispike_preprocessing>();
  ASSERT_EQ(trispike_model_get_preprocessing(model.get(), &preprocessing), TRISPIKE_OK);
  EXPECT_EQ(preprocessing.mean[0], 0.25);
  EXPECT_EQ(preprocessing.mean[1], 0.5);
  EXPECT_EQ(preprocessing.std[0], 1.0);
  EXPECT_EQ(preprocessing.std[1], 1.0);
  EXPECT_EQ(preprocessing.resize_shorter, 0);
  EXPECT_STREQ(preprocessing.frames_by, "window");
  EXPECT_EQ(preprocessing.frames_window_us, 5000);
  EXPECT_EQ(preprocessing.frames_from_zero, 1);
  EXPECT_EQ(preprocessing.frames_keep_rest, 0);
  EXPECT_STREQ(preprocessing.frames_resize, "nearest");
  EXPECT_EQ(preprocessing.sensor_height, 128);
  EXPECT_EQ(preprocessing.sensor_width, 64);
}

TEST_F(CApi, AModelMayNameNoClassesAndTakePictures) {
  const auto model = load(write(small_model()));
  const char* name = "";
  ASSERT_EQ(trispike_model_class_name(model.get(), 0, &name), TRISPIKE_OK);
  EXPECT_EQ(name, nullptr);
  auto preprocessing = sized<trispike_preprocessing>();
  ASSERT_EQ(trispike_model_get_preprocessing(model.get(), &preprocessing), TRISPIKE_OK);
  EXPECT_EQ(preprocessing.mean[1], 0.0);
  EXPECT_EQ(preprocessing.frames_by, nullptr);
  EXPECT_EQ(preprocessing.frames_resize, nullptr);
  EXPECT_EQ(preprocessing.sensor_width, 0);
}

void expect_activity(const trispike_activity* activity, const model::Activity& expected) {
  auto totals = sized<trispike_activity_totals>();
  ASSERT_EQ(trispike_activity_get_totals(activity, &totals), TRISPIKE_OK);
  EXPECT_EQ(totals.samples, expected.samples);
  EXPECT_EQ(totals.time_steps, expected.time_steps);
  ASSERT_EQ(totals.neuron_layers, expected.neurons.size());
  ASSERT_EQ(totals.synapse_layers, expected.synapses.size());
  for (std::size_t i = 0; i < totals.neuron_layers; ++i) {
    auto layer = sized<trispike_neuron_activity>();
    ASSERT_EQ(trispike_activity_get_neurons(activity, i, &layer), TRISPIKE_OK);
    EXPECT_EQ(layer.layer, expected.neurons[i].layer);
    EXPECT_EQ(layer.neurons, expected.neurons[i].neurons);
    std::int64_t positive = 0;
    for (const std::int64_t count : expected.neurons[i].positive) positive += count;
    EXPECT_EQ(layer.positive_spikes, positive);
    totals.positive_spikes -= layer.positive_spikes;
    totals.negative_spikes -= layer.negative_spikes;
  }
  for (std::size_t i = 0; i < totals.synapse_layers; ++i) {
    auto layer = sized<trispike_synapse_activity>();
    ASSERT_EQ(trispike_activity_get_synapses(activity, i, &layer), TRISPIKE_OK);
    EXPECT_EQ(layer.layer, expected.synapses[i].layer);
    EXPECT_EQ(layer.synaptic_operations, expected.synapses[i].synaptic_operations);
    EXPECT_EQ(layer.macs, expected.synapses[i].macs);
    EXPECT_EQ(layer.dense_operations, expected.synapses[i].dense_operations);
    totals.synaptic_operations -= layer.synaptic_operations;
    totals.macs -= layer.macs;
    totals.dense_operations -= layer.dense_operations;
  }
  EXPECT_EQ(totals.positive_spikes, 0) << "the totals are the sums over the layers";
  EXPECT_EQ(totals.negative_spikes, 0);
  EXPECT_EQ(totals.synaptic_operations, 0);
  EXPECT_EQ(totals.macs, 0);
  EXPECT_EQ(totals.dense_operations, 0);

  auto neurons = sized<trispike_neuron_activity>();
  EXPECT_EQ(trispike_activity_get_neurons(activity, totals.neuron_layers, &neurons),
            TRISPIKE_ERROR_ARGUMENT);
  auto synapses = sized<trispike_synapse_activity>();
  EXPECT_EQ(trispike_activity_get_synapses(activity, totals.synapse_layers, &synapses),
            TRISPIKE_ERROR_ARGUMENT);
}

TEST_F(CApi, CountsAsTheCppApi) {
  const std::string path = write(small_model());
  const auto model = load(path);
  const Model cpp = Model::load(path);
  const std::vector<float> input = float_input(cpp.network());
  const auto session = start(model.get(), true);
  Session expected(cpp, {.record_activity = true});
  run(session.get(), input);
  expected.run(std::span<const float>(input));

  trispike_activity* activity = nullptr;
  ASSERT_EQ(trispike_session_get_activity(session.get(), &activity), TRISPIKE_OK);
  const Handle<trispike_activity> owner(activity);
  EXPECT_EQ(trispike_session_clear_activity(session.get()), TRISPIKE_OK);
  expect_activity(activity, expected.activity());  // a copy: not cleared with the session

  ASSERT_EQ(trispike_session_get_activity(session.get(), &activity), TRISPIKE_OK);
  const Handle<trispike_activity> cleared(activity);
  auto totals = sized<trispike_activity_totals>();
  ASSERT_EQ(trispike_activity_get_totals(activity, &totals), TRISPIKE_OK);
  EXPECT_EQ(totals.synaptic_operations, 0);
}

TEST_F(CApi, BatchesAsTheCppApi) {
  constexpr std::int64_t kSamples = 7;
  const std::string path = write(small_model());
  const auto model = load(path);
  const Model cpp = Model::load(path);
  Session session(cpp, {.record_activity = true});
  std::vector<float> inputs;
  std::vector<double> expected;
  for (std::uint64_t i = 0; i < kSamples; ++i) {
    const std::vector<float> input = float_input(cpp.network(), i);
    inputs.insert(inputs.end(), input.begin(), input.end());
    const std::vector<double> logits = answer(session, input);
    expected.insert(expected.end(), logits.begin(), logits.end());
  }
  for (const int threads : {1, 3}) {
    std::vector<double> logits(expected.size());
    trispike_activity* activity = nullptr;
    ASSERT_EQ(trispike_model_run_batch(model.get(), inputs.data(), inputs.size(), kSamples, threads,
                                       logits.data(), logits.size(), &activity),
              TRISPIKE_OK)
        << trispike_last_error();
    const Handle<trispike_activity> owner(activity);
    EXPECT_EQ(logits, expected);
    expect_activity(activity, session.activity());
  }
  std::vector<double> logits(expected.size());
  EXPECT_EQ(trispike_model_run_batch(model.get(), inputs.data(), inputs.size(), kSamples, 2,
                                     logits.data(), logits.size(), nullptr),
            TRISPIKE_OK);
  EXPECT_EQ(logits, expected);
}

TEST_F(CApi, SessionOptionsReachTheSession) {
  const std::string path = write(small_model());
  const auto model = load(path);
  const Model cpp = Model::load(path);
  const std::vector<float> input = float_input(cpp.network(), 3);
  Session whole(cpp);
  const std::vector<double> expected = answer(whole, input);
  const auto run_with = [&](const trispike_session_options& options, int expected_steps) {
    trispike_session* session = nullptr;
    EXPECT_EQ(trispike_session_create(model.get(), &options, &session), TRISPIKE_OK)
        << trispike_last_error();
    const Handle<trispike_session> owner(session);
    int steps = -1;
    EXPECT_EQ(trispike_session_get_time_steps(session, &steps), TRISPIKE_OK);
    EXPECT_EQ(steps, 0);
    std::vector<double> logits = run(session, input);
    EXPECT_EQ(trispike_session_get_time_steps(session, &steps), TRISPIKE_OK);
    EXPECT_EQ(steps, expected_steps);
    return logits;
  };
  trispike_session_options options{};
  options.struct_size = sizeof options;
  options.threads = 3;
  EXPECT_EQ(run_with(options, cpp.network().time_steps), expected);
  options.early_exit = 1;  // at any margin
  Session early(cpp, {.early_exit_margin = 0});
  EXPECT_EQ(run_with(options, 1), answer(early, input));

  trispike_session* session = nullptr;
  options.early_exit_margin = -1;
  EXPECT_EQ(trispike_session_create(model.get(), &options, &session), TRISPIKE_ERROR_CONFIG);
  options.early_exit = 0;
  options.threads = std::int64_t{1} << 40;
  EXPECT_EQ(trispike_session_create(model.get(), &options, &session), TRISPIKE_ERROR_CONFIG);
  EXPECT_THAT(trispike_last_error(), HasSubstr("threads"));
  EXPECT_EQ(trispike_session_get_time_steps(nullptr, nullptr), TRISPIKE_ERROR_ARGUMENT);
}

TEST_F(CApi, ModelOptionsReachTheModel) {
  const std::string path = write(small_model());
  trispike_model_options options{};
  options.struct_size = sizeof options;
  options.multiplication_free = 1;  // of pictures
  trispike_model* model = nullptr;
  EXPECT_EQ(trispike_model_load(path.c_str(), &options, &model), TRISPIKE_ERROR_CONFIG);
  EXPECT_THAT(trispike_last_error(), HasSubstr("multiplication_free"));
  options.multiplication_free = 0;
  const std::string integer = write(model::quantise(model::fold(small_model()), {}));
  const auto packed_bytes = [&](int event_driven) {
    options.event_driven = event_driven;
    const auto loaded = load(integer, &options);
    auto info = sized<trispike_model_info>();
    EXPECT_EQ(trispike_model_get_info(loaded.get(), &info), TRISPIKE_OK);
    return info.packed_bytes;
  };
  // Where spikes may be multiplied there is a second copy of weights.
  const std::int64_t added = packed_bytes(1);
  EXPECT_EQ(added, Model::load(integer, {.event_driven = true}).packed_bytes());
  EXPECT_EQ(packed_bytes(0), Model::load(integer).packed_bytes());
  EXPECT_EQ(packed_bytes(0) > added, multiplies_spikes(default_target()));
}

TEST_F(CApi, ThreadsShareAModelAndKeepTheirErrors) {
  const std::string path = write(small_model());
  const auto model = load(path);
  const Model cpp = Model::load(path);
  const auto work = [&](std::uint64_t stream, std::size_t wrong_size) {
    const std::vector<float> input = float_input(cpp.network(), stream);
    Session expected(cpp);
    const std::vector<double> want = answer(expected, input);
    const auto session = start(model.get());
    std::vector<double> logits(4);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(run(session.get(), input), want);
      EXPECT_EQ(trispike_session_run(session.get(), input.data(), wrong_size, logits.data(), 4),
                TRISPIKE_ERROR_SHAPE);
      EXPECT_THAT(trispike_last_error(), HasSubstr("got " + std::to_string(wrong_size) + " "));
    }
  };
  std::jthread other(work, 1, 100);
  work(2, 101);
}

TEST_F(CApi, ASessionOutlivesItsModel) {
  auto model = load(write(small_model()));
  const auto session = start(model.get());
  const std::vector<float> input = float_input(small_model().network);
  const std::vector<double> expected = run(session.get(), input);
  model.reset();
  EXPECT_EQ(run(session.get(), input), expected);
}

}  // namespace
}  // namespace trispike::runtime
