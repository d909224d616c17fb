// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Loading and planning: what becomes a model, what is refused, which kernels it gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "runtime/cases.h"
#include "support/reference_network.h"
#include "trispike/model/error.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// Sets an environment variable for the life of this object.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value, 1);
  }
  ~ScopedVariable() { old_.empty() ? unsetenv(name_) : setenv(name_, old_.c_str(), 1); }

 private:
  const char* name_;
  std::string old_;
};

std::vector<double> answer(const Model& model) {
  Session session(model);
  const std::span<const double> logits = session.run(test_input(model.network()));
  return {logits.begin(), logits.end()};
}

/// A folded model put together by hand; weights are drawn from `stream`.
model::ModelData hand_made(std::vector<model::Layer> layers, int time_steps = 2) {
  model::ModelData data;
  data.network = {"hand_made", time_steps, std::move(layers)};
  data.stage = model::Stage::kFolded;
  std::uint64_t stream = 100;
  for (const model::LayerInfo& info : model::infer(data.network)) {
    for (const model::TensorSpec& tensor : info.tensors) {
      std::int64_t elements = 1;
      for (const std::int64_t size : tensor.shape) elements *= size;
      std::vector<double> values;
      for (std::int64_t i = 0; i < elements; ++i) {
        values.push_back(test::uniform(stream, static_cast<std::uint64_t>(i)));
      }
      data.tensors.emplace(tensor.name, model::Tensor::from(tensor.shape, values));
      ++stream;
    }
  }
  return data;
}

void expect_reference_answer(const model::ModelData& data) {
  const std::vector<double> input = test_input(data.network);
  const test::ReferenceResult expected = test::run_reference(data, input, 1);
  Session session(Model::from(data, {Arithmetic::kFloat64, ""}), {.record_spikes = true});
  const std::span<const double> logits = session.run(input);
  ASSERT_EQ(logits.size(), expected.logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(logits[i], expected.logits[i], 1e-9);
  for (std::size_t i = 0; i < expected.spikes.size(); ++i) {
    EXPECT_EQ(session.spikes()[i].spikes, expected.spikes[i].spikes) << expected.spikes[i].layer;
  }
}

TEST(Model, AnswersTheSameFromFileAndMemory) {
  const model::ModelData trained = small_model();
  const std::filesystem::path path =
      std::filesystem::path(testing::TempDir()) / "runtime_model_test.safetensors";
  const std::vector<double> expected = answer(Model::from(trained));
  model::write_model(path.string(), trained);
  EXPECT_EQ(answer(Model::load(path.string())), expected);
  model::write_model(path.string(), model::fold(trained));
  EXPECT_EQ(answer(Model::load(path.string())), expected);
  std::filesystem::remove(path);
}

TEST(Model, TellsWhatItIs) {
  model::ModelData trained = small_model();
  trained.class_names = {"a", "b", "c", "d"};
  trained.preprocessing.mean = {0.25, 0.5};
  const Model model = Model::from(trained, {Arithmetic::kFloat64, "scalar"});
  EXPECT_EQ(model.network(), model::fold(trained).network);
  EXPECT_EQ(model.class_names(), trained.class_names);
  EXPECT_EQ(model.preprocessing().mean, trained.preprocessing.mean);
  EXPECT_EQ(model.arithmetic(), Arithmetic::kFloat64);
  EXPECT_EQ(model.target(), "scalar");
  std::int64_t weights = 0;
  for (const auto& [name, tensor] : model::fold(trained).tensors) {
    if (name.ends_with(".weight")) weights += tensor.elements();
  }
  EXPECT_GE(model.packed_bytes(), 8 * weights);
  EXPECT_THAT(model.plan(), HasSubstr("ternary 6x9x11"));
  EXPECT_THAT(model.plan(), HasSubstr("dense from input"));
  EXPECT_THAT(model.plan(), HasSubstr("gather from"));
}

TEST(Model, RefusesWhatItCannotRun) {
  EXPECT_THROW(Model::load("/nonexistent/model.safetensors"), IoError);

  model::ModelData quantised = model::fold(small_model());
  quantised.stage = model::Stage::kQuantised;
  EXPECT_THROW(Model::from(quantised), FormatError) << "a lie: its numbers are real";

  model::ModelData unfolded = small_model();
  unfolded.stage = model::Stage::kFolded;  // a lie: it still has its norms
  EXPECT_THROW(Model::from(unfolded), Error);

  model::ModelData incomplete = model::fold(small_model());
  incomplete.tensors.erase(incomplete.tensors.begin());
  EXPECT_THROW(Model::from(incomplete), FormatError);
}

TEST(Model, RefusesGraphsThatWouldExplode) {
  // Each layer doubles the number of terms.
  std::vector<model::Layer> layers = {{"input", {}, model::InputLayer{{2, 1, 1}}}};
  for (int i = 0; i < 40; ++i) {
    layers.push_back({"add" + std::to_string(i), {i, i}, model::AddLayer{}});
  }
  EXPECT_THAT([&] { Model::from(hand_made(layers)); },
              ThrowsMessage<ShapeError>(HasSubstr("adds more than 256 maps")));

  // A few weights make a huge map.
  layers = {{"input", {}, model::InputLayer{{1, 65, 65}}},
            {"conv", {0}, model::ConvLayer{1, 40000, 1, 1, 0}},
            {"neuron", {1}, model::NeuronLayer{}},
            {"head", {2}, model::GlobalAvgPoolLayer{}}};
  EXPECT_THAT([&] { Model::from(hand_made(layers)); },
              ThrowsMessage<ShapeError>(HasSubstr("neurons up to here")));

  // A window over a huge map for each of its positions.
  layers = {{"input", {}, model::InputLayer{{1, 2048, 2048}}},
            {"pool", {0}, model::AvgPoolLayer{1001, 1, 500}},
            {"head", {1}, model::GlobalAvgPoolLayer{}}};
  EXPECT_THAT([&] { Model::from(hand_made(layers)); },
              ThrowsMessage<ShapeError>(HasSubstr("connections between positions")));
}

TEST(Model, RunsGraphsThatNoTrainingMakes) {
  const model::ConvLayer conv{2, 3, 3, 1, 1, true};
  const model::ConvLayer second{3, 3, 3, 2, 1, false};
  model::NeuronLayer neuron;
  neuron.neuron.kind = model::NeuronKind::kTernary;
  // Real-valued maps that something reads before any neuron; a pool of sums; a flattened head.
  expect_reference_answer(hand_made({{"input", {}, model::InputLayer{{2, 7, 5}}},
                                     {"pool0", {0}, model::AvgPoolLayer{2, 1, 0}},
                                     {"conv1", {1}, conv},
                                     {"conv2", {2}, second},
                                     {"pool", {3}, model::AvgPoolLayer{2, 2, 0, true}},
                                     {"neuron", {4}, neuron},
                                     {"head", {5}, model::LinearLayer{3 * 2 * 1, 4, true}}}));
  // Spikes added as they are, pooled and not, and read by a neuron directly; no linear head.
  expect_reference_answer(hand_made({{"input", {}, model::InputLayer{{2, 6, 6}}},
                                     {"first", {0}, neuron},
                                     {"conv", {1}, model::ConvLayer{2, 2, 3, 1, 1, true}},
                                     {"add", {1, 2}, model::AddLayer{}},
                                     {"second", {3}, neuron},
                                     {"pool", {4}, model::AvgPoolLayer{3, 2, 1}},
                                     {"third", {5}, neuron},
                                     {"mean", {6}, model::GlobalAvgPoolLayer{}}}));
  // A real-valued map that changes from step to step though the input is static.
  expect_reference_answer(hand_made({{"input", {}, model::InputLayer{{2, 5, 5}}},
                                     {"first", {0}, neuron},
                                     {"conv1", {1}, conv},
                                     {"conv2", {2}, second},
                                     {"second", {3}, neuron},
                                     {"head", {4}, model::LinearLayer{3 * 3 * 3, 4, true}}},
                                    3));
  // The network's answer is its last neurons' spikes.
  expect_reference_answer(hand_made({{"input", {}, model::InputLayer{{3, 1, 1}}},
                                     {"linear", {0}, model::LinearLayer{3, 5, false}},
                                     {"neuron", {1}, neuron}}));
}

TEST(Arithmetic, HasNames) {
  for (const Arithmetic arithmetic :
       {Arithmetic::kFloat32, Arithmetic::kFloat64, Arithmetic::kInteger}) {
    EXPECT_EQ(arithmetic_from_string(to_string(arithmetic)), arithmetic);
  }
  EXPECT_THAT([] { arithmetic_from_string("int8"); },
              ThrowsMessage<ConfigError>("arithmetic: unknown value 'int8'; expected float32, "
                                         "float64 or integer"));
}

TEST(Target, ScalarIsEverywhereAndLast) {
  ASSERT_FALSE(targets().empty());
  EXPECT_EQ(targets().back().name, "scalar");
  EXPECT_TRUE(targets().back().supported);
  std::string skipped;
  for (const TargetInfo& target : targets()) {
    if (!target.supported) skipped += " " + std::string(target.name);
  }
  if (!skipped.empty()) std::cout << "kernels not tested on this machine:" << skipped << "\n";
}

TEST(Target, EachCanBeForced) {
  for (const std::string& name : supported_targets()) {
    const ScopedVariable forced("TRISPIKE_TARGET", name.c_str());
    EXPECT_EQ(default_target(), name);
    EXPECT_EQ(Model::from(small_model()).target(), name);
  }
}

TEST(Target, AnArgumentGoesBeforeTheVariable) {
  const ScopedVariable forced("TRISPIKE_TARGET", "nonsense");
  EXPECT_EQ(Model::from(small_model(), {Arithmetic::kFloat32, "scalar"}).target(), "scalar");
}

TEST(Target, UnknownOrUnsupportedIsAnError) {
  {
    const ScopedVariable forced("TRISPIKE_TARGET", "avx1024");
    EXPECT_THAT([] { default_target(); },
                ThrowsMessage<ConfigError>(
                    HasSubstr("TRISPIKE_TARGET: unknown target 'avx1024'; expected one of: ")));
  }
  for (const TargetInfo& target : targets()) {
    if (target.supported) continue;
    const ModelOptions options{Arithmetic::kFloat32, std::string(target.name)};
    EXPECT_THAT([&] { Model::from(small_model(), options); },
                ThrowsMessage<ConfigError>(HasSubstr("target: this machine cannot run")));
  }
}

}  // namespace
}  // namespace trispike::runtime
