// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the C API refuses: each status with its message, and no null pointer is followed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "runtime/c_api_fixture.h"

namespace trispike::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CApiErrors : public CApi {};

TEST_F(CApiErrors, LoadSaysWhatIsWrong) {
  const std::string path = write(small_model());
  trispike_model* model = nullptr;
  const auto status = [&](const char* file, const char* arithmetic, const char* target) {
    trispike_model_options options{};
    options.struct_size = sizeof options;
    options.arithmetic = arithmetic;
    options.target = target;
    model = reinterpret_cast<trispike_model*>(&model);
    const trispike_status result = trispike_model_load(file, &options, &model);
    EXPECT_EQ(model, nullptr);
    return result;
  };
  EXPECT_EQ(status("/nonexistent/model", nullptr, nullptr), TRISPIKE_ERROR_IO);
  EXPECT_THAT(trispike_last_error(), HasSubstr("/nonexistent/model"));
  EXPECT_EQ(status(path.c_str(), "int8", nullptr), TRISPIKE_ERROR_CONFIG);
  EXPECT_STREQ(trispike_last_error(),
               "arithmetic: unknown value 'int8'; expected float32, float64 or integer");
  EXPECT_EQ(status(path.c_str(), "integer", nullptr), TRISPIKE_ERROR_CONFIG);
  EXPECT_EQ(status(path.c_str(), nullptr, "avx1024"), TRISPIKE_ERROR_CONFIG);
  EXPECT_THAT(trispike_last_error(), StartsWith("target: unknown target 'avx1024'"));

  const std::string broken = (folder_ / "broken").string();
  std::ofstream(broken) << "no model at all";
  EXPECT_EQ(status(broken.c_str(), nullptr, nullptr), TRISPIKE_ERROR_FORMAT);
  EXPECT_THAT(trispike_last_error(), StartsWith(broken + ": byte "));
}

TEST_F(CApiErrors, ALongMessageIsCut) {
  trispike_model* model = nullptr;
  const std::string path(5000, 'x');
  EXPECT_EQ(trispike_model_load(path.c_str(), nullptr, &model), TRISPIKE_ERROR_IO);
  EXPECT_GT(std::strlen(trispike_last_error()), 500u);
  EXPECT_LT(std::strlen(trispike_last_error()), 5000u);
}

TEST_F(CApiErrors, SuccessLeavesTheLastMessage) {
  trispike_model* model = nullptr;
  EXPECT_EQ(trispike_model_load(nullptr, nullptr, &model), TRISPIKE_ERROR_ARGUMENT);
  load(write(small_model()));
  EXPECT_STREQ(trispike_last_error(), "path is null");
}

TEST_F(CApiErrors, RefusesWrongSizes) {
  const auto model = load(write(small_model()));
  const auto session = start(model.get());
  const std::vector<float> input(2 * 9 * 11 * 2);
  std::vector<double> logits(8);
  const auto run_sizes = [&](std::size_t in, std::size_t out) {
    const trispike_status status =
        trispike_session_run(session.get(), input.data(), in, logits.data(), out);
    EXPECT_EQ(trispike_session_step(session.get(), input.data(), in, logits.data(), out), status);
    return status;
  };
  EXPECT_EQ(run_sizes(197, 4), TRISPIKE_ERROR_SHAPE);
  EXPECT_STREQ(trispike_last_error(), "layer 'input': got 197 numbers, expected 198 (2x9x11)");
  EXPECT_EQ(run_sizes(0, 4), TRISPIKE_ERROR_SHAPE) << "there is no image yet";
  EXPECT_EQ(run_sizes(198, 3), TRISPIKE_ERROR_SHAPE);
  EXPECT_EQ(run_sizes(198, 5), TRISPIKE_ERROR_SHAPE);
  EXPECT_STREQ(trispike_last_error(), "logits: room for 5 numbers, expected 4");

  const auto batch = [&](std::size_t in, std::int64_t samples, int threads, std::size_t out) {
    trispike_activity* activity = reinterpret_cast<trispike_activity*>(&logits);
    const trispike_status status = trispike_model_run_batch(model.get(), input.data(), in, samples,
                                                            threads, logits.data(), out, &activity);
    EXPECT_EQ(activity == nullptr, status != TRISPIKE_OK);
    trispike_activity_destroy(activity);
    return status;
  };
  EXPECT_EQ(batch(2 * 198, 2, 2, 8), TRISPIKE_OK);
  EXPECT_EQ(batch(0, 0, 2, 0), TRISPIKE_OK) << "no samples, no work";
  EXPECT_EQ(batch(198, 2, 2, 8), TRISPIKE_ERROR_SHAPE);
  EXPECT_STREQ(trispike_last_error(), "inputs: got 198 numbers, expected 396 for 2 samples");
  EXPECT_EQ(batch(2 * 198, 2, 2, 7), TRISPIKE_ERROR_SHAPE);
  EXPECT_EQ(batch(2 * 198, -2, 2, 8), TRISPIKE_ERROR_CONFIG);
  EXPECT_EQ(batch(2 * 198, std::int64_t{1} << 62, 2, 8), TRISPIKE_ERROR_CONFIG);
  EXPECT_EQ(batch(2 * 198, 2, 0, 8), TRISPIKE_ERROR_CONFIG);
}

TEST_F(CApiErrors, RefusesEventsThatAreNotWhole) {
  const auto model = load(write(small_model(model::InputKind::kEvents)));
  const auto session = start(model.get());
  const std::vector<float> input(3 * 198, 0.5F);
  std::vector<double> logits(4);
  EXPECT_EQ(trispike_session_run(session.get(), input.data(), input.size(), logits.data(), 4),
            TRISPIKE_ERROR_SHAPE);
  EXPECT_EQ(trispike_model_run_batch(model.get(), input.data(), input.size(), 1, 2, logits.data(),
                                     4, nullptr),
            TRISPIKE_ERROR_SHAPE);
}

TEST_F(CApiErrors, CountsOnlyIfAsked) {
  const auto model = load(write(small_model()));
  trispike_session* session = nullptr;
  ASSERT_EQ(trispike_session_create(model.get(), nullptr, &session), TRISPIKE_OK);
  const Handle<trispike_session> owner(session);
  trispike_activity* activity = reinterpret_cast<trispike_activity*>(&session);
  EXPECT_EQ(trispike_session_get_activity(session, &activity), TRISPIKE_ERROR_CONFIG);
  EXPECT_EQ(activity, nullptr);
}

TEST_F(CApiErrors, RefusesNull) {
  const std::string path = write(small_model());
  const auto owner = load(path);
  const trispike_model* model = owner.get();
  const auto session_owner = start(model, true);
  trispike_session* session = session_owner.get();
  const std::vector<float> input(198);
  const float* in = input.data();
  double out[4];
  trispike_model* new_model = nullptr;
  trispike_session* new_session = nullptr;
  trispike_activity* activity = nullptr;
  const char* name = nullptr;
  auto info = sized<trispike_model_info>();
  auto totals = sized<trispike_activity_totals>();
  ASSERT_EQ(trispike_session_get_activity(session, &activity), TRISPIKE_OK);
  const Handle<trispike_activity> activity_owner(activity);

  const trispike_status statuses[] = {
      trispike_model_load(nullptr, nullptr, &new_model),
      trispike_model_load(path.c_str(), nullptr, nullptr),
      trispike_model_get_info(nullptr, &info),
      trispike_model_get_info(model, nullptr),
      trispike_model_class_name(nullptr, 0, &name),
      trispike_model_class_name(model, 0, nullptr),
      trispike_model_get_preprocessing(nullptr, nullptr),
      trispike_model_get_preprocessing(model, nullptr),
      trispike_model_run_batch(nullptr, in, 198, 1, 1, out, 4, nullptr),
      trispike_model_run_batch(model, nullptr, 198, 1, 1, out, 4, nullptr),
      trispike_model_run_batch(model, in, 198, 1, 1, nullptr, 4, nullptr),
      trispike_session_create(nullptr, nullptr, &new_session),
      trispike_session_create(model, nullptr, nullptr),
      trispike_session_run(nullptr, in, 198, out, 4),
      trispike_session_run(session, nullptr, 198, out, 4),
      trispike_session_run(session, in, 198, nullptr, 4),
      trispike_session_reset(nullptr),
      trispike_session_step(nullptr, in, 198, out, 4),
      trispike_session_step(session, nullptr, 198, out, 4),
      trispike_session_step(session, in, 198, nullptr, 4),
      trispike_session_get_activity(nullptr, &activity),
      trispike_session_get_activity(session, nullptr),
      trispike_session_clear_activity(nullptr),
      trispike_activity_get_totals(nullptr, &totals),
      trispike_activity_get_totals(activity_owner.get(), nullptr),
      trispike_activity_get_neurons(nullptr, 0, nullptr),
      trispike_activity_get_neurons(activity_owner.get(), 0, nullptr),
      trispike_activity_get_synapses(nullptr, 0, nullptr),
      trispike_activity_get_synapses(activity_owner.get(), 0, nullptr),
  };
  EXPECT_THAT(statuses, testing::Each(TRISPIKE_ERROR_ARGUMENT));
  EXPECT_STREQ(trispike_last_error(), "synapses is null");
  trispike_model_destroy(nullptr);
  trispike_session_destroy(nullptr);
  trispike_activity_destroy(nullptr);
}

TEST_F(CApiErrors, StructuresMayGrow) {
  const std::string path = write(small_model());
  trispike_model* model = nullptr;
  const trispike_model_options unset{};
  EXPECT_EQ(trispike_model_load(path.c_str(), &unset, &model), TRISPIKE_ERROR_ARGUMENT);
  EXPECT_THAT(trispike_last_error(), StartsWith("options: struct_size is 0, expected at least "));

  // A caller's header is older: what it does not know is 0.
  trispike_model_options old{};
  old.struct_size = offsetof(trispike_model_options, target) + sizeof old.target;
  old.event_driven = old.multiplication_free = 1;  // not this caller's memory
  const auto owner_of_old = load(path, &old);
  EXPECT_NE(owner_of_old, nullptr);

  // A caller's header is newer: what it sets must be known, what it asks is 0.
  struct {
    trispike_model_options known;
    std::int64_t newer;
  } options{};
  options.known.struct_size = sizeof options;
  options.known.arithmetic = "float64";
  const auto owner = load(path, &options.known);
  options.newer = 1;
  EXPECT_EQ(trispike_model_load(path.c_str(), &options.known, &model), TRISPIKE_ERROR_ARGUMENT);

  struct {
    trispike_model_info known;
    std::int64_t newer;
  } info{{}, 17};
  info.known.struct_size = sizeof info;
  ASSERT_EQ(trispike_model_get_info(owner.get(), &info.known), TRISPIKE_OK);
  EXPECT_EQ(info.known.num_classes, 4u);
  EXPECT_EQ(info.known.struct_size, sizeof info);
  EXPECT_EQ(info.newer, 0);
  info.known.struct_size = sizeof(std::size_t);
  EXPECT_EQ(trispike_model_get_info(owner.get(), &info.known), TRISPIKE_ERROR_ARGUMENT);
}

}  // namespace
}  // namespace trispike::runtime
