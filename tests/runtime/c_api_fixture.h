// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Handles of the C API that destroy themselves, and models on disk.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <memory>

#include "runtime/cases.h"
#include "trispike.h"

namespace trispike::runtime {

struct Destroy {
  void operator()(trispike_model* model) const { trispike_model_destroy(model); }
  void operator()(trispike_session* session) const { trispike_session_destroy(session); }
  void operator()(trispike_activity* activity) const { trispike_activity_destroy(activity); }
};
template <class T>
using Handle = std::unique_ptr<T, Destroy>;

template <class T>
T sized() {
  T out;
  std::memset(&out, 0xff, sizeof out);  // nothing of what was there may stay
  out.struct_size = sizeof out;
  return out;
}

inline std::vector<float> float_input(const model::NetworkSpec& network,
                                      std::uint64_t stream = 7777) {
  const std::vector<double> numbers = test_input(network, stream);
  return {numbers.begin(), numbers.end()};
}

class CApi : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(testing::TempDir()) / (std::string("c_api_") + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const model::ModelData& data) {
    const std::string path = (folder_ / "model.safetensors").string();
    model::write_model(path, data);
    return path;
  }

  static Handle<trispike_model> load(const std::string& path,
                                     const trispike_model_options* options = nullptr) {
    trispike_model* model = nullptr;
    EXPECT_EQ(trispike_model_load(path.c_str(), options, &model), TRISPIKE_OK)
        << trispike_last_error();
    return Handle<trispike_model>(model);
  }

  static Handle<trispike_session> start(const trispike_model* model, bool record = false) {
    trispike_session_options options{};
    options.struct_size = sizeof options;
    options.record_activity = record;
    trispike_session* session = nullptr;
    EXPECT_EQ(trispike_session_create(model, &options, &session), TRISPIKE_OK)
        << trispike_last_error();
    return Handle<trispike_session>(session);
  }

  static std::vector<double> run(trispike_session* session, const std::vector<float>& input,
                                 std::size_t classes = 4) {
    std::vector<double> logits(classes);
    EXPECT_EQ(trispike_session_run(session, input.data(), input.size(), logits.data(), classes),
              TRISPIKE_OK)
        << trispike_last_error();
    return logits;
  }

  std::filesystem::path folder_;
};

}  // namespace trispike::runtime
