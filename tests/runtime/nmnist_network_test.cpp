// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A network that another framework trained on N-MNIST, on real recordings: its output spikes must
// be those counted elsewhere. Needs TRISPIKE_DATA (reference/nir, events/nmnist-small).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

#include "support/data.h"
#include "trispike/data/dataset.h"
#include "trispike/data/sample.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {
namespace {

constexpr int kTimeSteps = 320;
constexpr int kClasses = 10;

/// Flat float32 weights behind a table of node, kind, shape ("16x2x5x5"), first number.
class ForeignWeights {
 public:
  explicit ForeignWeights(const std::string& folder) : file_(folder + "/cnn_sinabs_weights.f32") {
    std::ifstream table(folder + "/cnn_sinabs_weights.tsv");
    std::string line;
    std::getline(table, line);  // heading
    while (std::getline(table, line)) {
      std::istringstream cells(line);
      std::string node, kind, shape, offset;
      std::getline(cells, node, '\t');
      std::getline(cells, kind, '\t');
      std::getline(cells, shape, '\t');
      std::getline(cells, offset, '\t');
      rows_[node] = {shape, std::stoll(offset)};
    }
  }

  /// The weights of a node times `factor`, as a model's tensor.
  model::Tensor tensor(const std::string& node, double factor = 1) {
    std::vector<std::int64_t> shape;
    std::istringstream sizes(rows_.at(node).first);
    std::int64_t count = 1;
    for (std::string size; std::getline(sizes, size, 'x'); count *= shape.back()) {
      shape.push_back(std::stoll(size));
    }
    std::vector<float> numbers(static_cast<std::size_t>(count));
    std::ifstream file(file_, std::ios::binary);
    file.seekg(4 * rows_.at(node).second);
    file.read(reinterpret_cast<char*>(numbers.data()), 4 * count);
    EXPECT_TRUE(file.good()) << node;
    std::vector<double> scaled(numbers.begin(), numbers.end());
    for (double& number : scaled) number *= factor;
    return model::Tensor::from(shape, scaled);
  }

 private:
  std::string file_;
  std::map<std::string, std::pair<std::string, std::int64_t>> rows_;
};

/// Convolutions and integrate-and-fire neurons; the last layer spikes, so the mean of the logits is
/// spikes per time step. Its pools sum 2x2 positions: ours average, and the weights behind make up
/// for it.
model::ModelData nmnist_network(ForeignWeights weights) {
  model::NeuronSpec fire;
  fire.kind = model::NeuronKind::kBinary;
  fire.threshold = 1.0;
  fire.decay = 1.0;
  fire.reset = model::ResetMode::kSoft;
  const model::NeuronLayer neuron{fire};
  model::ModelData model;
  model.stage = model::Stage::kFolded;
  model.network = {"nmnist_cnn", kTimeSteps, {}};
  model.network.layers = {
      {"input", {}, model::InputLayer{{2, 34, 34}, model::InputKind::kEvents}},
      {"conv0", {0}, model::ConvLayer{2, 16, 5, 2, 1, false}},
      {"fire1", {1}, neuron},
      {"conv2", {2}, model::ConvLayer{16, 16, 3, 1, 1, false}},
      {"fire3", {3}, neuron},
      {"pool4", {4}, model::AvgPoolLayer{}},
      {"conv5", {5}, model::ConvLayer{16, 8, 3, 1, 1, false}},
      {"fire6", {6}, neuron},
      {"pool7", {7}, model::AvgPoolLayer{}},
      {"affine9", {8}, model::LinearLayer{128, 256, false}},
      {"fire10", {9}, neuron},
      {"affine11", {10}, model::LinearLayer{256, kClasses, false}},
      {"fire12", {11}, neuron},
  };
  constexpr double kCellsOfPool = 4;
  model.tensors.emplace("conv0.weight", weights.tensor("0"));
  model.tensors.emplace("conv2.weight", weights.tensor("2"));
  model.tensors.emplace("conv5.weight", weights.tensor("5", kCellsOfPool));
  model.tensors.emplace("affine9.weight", weights.tensor("9", kCellsOfPool));
  model.tensors.emplace("affine11.weight", weights.tensor("11"));
  model::validate(model);
  return model;
}

struct Expected {
  int label = 0;
  std::vector<int> counts;
};

/// By the recording's path below its data set.
std::map<std::string, Expected> expected_counts(const std::string& path) {
  std::map<std::string, Expected> rows;
  std::ifstream table(path);
  std::string line;
  std::getline(table, line);  // path, label, predicted, count_0, ...
  while (std::getline(table, line)) {
    std::istringstream cells(line);
    std::string name;
    Expected row;
    int predicted = 0;
    cells >> name >> row.label >> predicted;
    row.counts.resize(kClasses);
    for (int& count : row.counts) cells >> count;
    rows[name] = row;
  }
  return rows;
}

TEST(NmnistNetwork, SpikesAsCountedElsewhere) {
  TRISPIKE_TEST_DATA(nir, "reference/nir/02_cnn");
  TRISPIKE_TEST_DATA(archive, "events/nmnist-small/nmnist-small.tar");
  const auto expected = expected_counts((nir / "nmnist_test_counts.tsv").string());
  ASSERT_EQ(expected.size(), 67u);
  const auto recordings = data::open_dataset(archive, data::Split::kTest);
  ASSERT_EQ(recordings->size(), 67);
  data::SampleForm form{2, 34, 34, {{0, 0}, {1, 1}}};
  form.frames = {.time_steps = kTimeSteps,
                 .by = data::FramesBy::kWindow,
                 .window_us = 1000,
                 .from_zero = true};
  const data::SamplePreparer samples(complete(form, *recordings));

  const Model model = Model::from(nmnist_network(ForeignWeights(nir.string())));
  Session session(model, {.record_activity = true});
  int correct = 0, differing_samples = 0, differing_spikes = 0, spikes = 0;
  for (std::int64_t i = 0; i < recordings->size(); ++i) {
    const std::string name = recordings->name(i);
    const Expected& row = expected.at(name.substr(name.find("test/")));
    const std::span<const double> rates = session.run(samples.prepare(*recordings, i));
    int difference = 0;
    for (int c = 0; c < kClasses; ++c) {
      const int count = static_cast<int>(std::lround(rates[c] * kTimeSteps));
      difference += std::abs(count - row.counts[c]);
      spikes += row.counts[c];
    }
    correct += std::max_element(rates.begin(), rates.end()) - rates.begin() == row.label ? 1 : 0;
    differing_samples += difference > 0 ? 1 : 0;
    differing_spikes += difference;
  }
  RecordProperty("differing_samples", differing_samples);
  RecordProperty("differing_spikes", differing_spikes);
  std::printf("%d of 67 right; %d of %d output spikes differ, in %d samples\n", correct,
              differing_spikes, spikes, differing_samples);
  EXPECT_EQ(correct, 65);
  EXPECT_EQ(differing_spikes, 0);
  for (const model::SynapseActivity& synapse : session.activity().synapses) {
    EXPECT_EQ(synapse.macs, 0) << synapse.layer << ": event input makes all layers add";
  }
}

}  // namespace
}  // namespace trispike::runtime
