// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/seeds.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <numeric>

#include "data/event_fixtures.h"
#include "support/random_weights.h"
#include "support/temporary_folder.h"
#include "trispike/interop/convert.h"
#include "trispike/model/input_tensor.h"
#include "trispike/model/model_data.h"
#include "trispike/model/networks.h"
#include "trispike/model/quantise.h"
#include "trispike/model/safetensors.h"
#include "trispike/train/recipe.h"

namespace trispike::hostile {
namespace {

namespace fs = std::filesystem;

Bytes project_file(const std::string& path) {
  return data::load(fs::path(TRISPIKE_SOURCE_DIR) / path);
}

std::vector<Bytes> golden_pictures(std::initializer_list<const char*> names) {
  std::vector<Bytes> seeds;
  for (const char* name : names) {
    seeds.push_back(project_file(std::string("tests/golden/data/") + name));
  }
  return seeds;
}

// What `write` writes to the path it is given.
template <class Write>
Bytes written(const Write& write) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("seed");
  write(path);
  return data::load(path);
}

Bytes file_of(const model::ModelData& data) {
  return written([&](const std::string& path) { model::write_model(path, data); });
}

// One layer of each kind that a trained network can have.
model::NetworkSpec small_network() {
  using namespace model;
  NetworkSpec network{"small", 2, {}};
  network.layers = {
      {"input", {}, InputLayer{{1, 4, 4}, InputKind::kStatic}},
      {"conv", {0}, ConvLayer{1, 2, 3, 1, 1, false}},
      {"norm", {1}, BatchNormLayer{.channels = 2}},
      {"neuron", {2}, NeuronLayer{neuron_preset("paper", NeuronKind::kTrainableTernary)}},
      {"conv2", {3}, ConvLayer{2, 2, 1, 1, 0, true}},
      {"add", {4, 3}, AddLayer{}},
      {"neuron2", {5}, NeuronLayer{neuron_preset("official_code", NeuronKind::kTernary)}},
      {"pool", {6}, AvgPoolLayer{.kernel = 2, .stride = 2}},
      {"global", {7}, GlobalAvgPoolLayer{}},
      {"head", {8}, LinearLayer{2, 3, true}},
  };
  return network;
}

model::ModelData small_model() {
  model::ModelData data = test::parity_weights(small_network());
  data.preprocessing = {{0.25}, {0.1}};
  data.class_names = {"cat", "dog", "bird"};
  data.provenance = R"({"data": {"format": "none", "samples": 3}})";
  return data;
}

std::vector<data::Image> grey_pictures(int count) {
  std::vector<data::Image> pictures;
  for (int k = 0; k < count; ++k) pictures.push_back(data::numbered_picture(k, 1, 8, 6));
  return pictures;
}

}  // namespace

std::vector<Bytes> model_seeds() {
  const model::ModelData trained = small_model();
  const model::ModelData folded = model::fold(trained);
  return {file_of(trained), file_of(folded), file_of(model::quantise(folded, {})),
          project_file("tests/golden/model-format-1/folded.safetensors")};
}

std::vector<Bytes> checkpoint_seeds() {
  model::ModelData data = small_model();
  data.extra_metadata = {{"checkpoint.recipe", train::to_toml(train::Recipe())},
                         {"checkpoint.state", R"({"epoch": 3})"}};
  data.extra_tensors = {
      {"checkpoint.optimizer.conv.weight", model::Tensor::from({2}, std::vector<float>{1, -1})}};
  return {file_of(data)};
}

std::vector<Bytes> safetensors_seeds() {
  model::Safetensors contents;
  contents.metadata["note"] = "for people";
  contents.tensors = {{"input", model::Tensor::from({2, 3}, std::vector<float>(6, 0.5f))},
                      {"labels", model::Tensor::from({2}, std::vector<std::int64_t>{1, 2})},
                      {"none", model::Tensor::from({0, 7}, std::vector<double>())}};
  const Bytes several =
      written([&](const std::string& path) { model::write_safetensors(path, contents); });
  const Bytes empty = written(
      [&](const std::string& path) { model::write_safetensors(path, model::Safetensors()); });
  return {several, empty};
}

model::NetworkSpec input_tensor_network(model::InputKind kind) {
  model::NetworkSpec network = small_network();
  std::get<model::InputLayer>(network.layers.front().params).kind = kind;
  return network;
}

std::vector<Bytes> input_tensor_seeds(model::InputKind kind) {
  const auto seed = [](const std::vector<std::int64_t>& shape, const auto& values) {
    model::Safetensors contents;
    contents.tensors["input"] = model::Tensor::from(shape, values);
    return written([&](const std::string& path) { model::write_safetensors(path, contents); });
  };
  const std::vector<std::int64_t> sample = model::sample_shape(input_tensor_network(kind));
  std::vector<Bytes> seeds;
  for (const std::int64_t count : {1, 3}) {
    std::vector<std::int64_t> shape = sample;
    shape.insert(shape.begin(), count);
    const auto numbers = static_cast<std::size_t>(
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
    seeds.push_back(seed(shape, std::vector<float>(numbers, 0.5f)));
    seeds.push_back(seed(shape, std::vector<double>(numbers, -2.0)));
  }
  return seeds;
}

std::vector<Bytes> network_seeds() {
  return {data::to_bytes(model::to_json(small_network())),
          data::to_bytes(model::to_json(model::fold(small_model()).network))};
}

std::vector<Bytes> recipe_seeds() {
  return {project_file("recipes/mnist-resnet8.toml"), project_file("recipes/cifar10-resnet20.toml"),
          data::to_bytes(train::to_toml(train::Recipe()))};
}

std::vector<Bytes> jpeg_seeds() {
  return golden_pictures(
      {"420.jpg", "422.jpg", "444.jpg", "cmyk.jpg", "grey.jpg", "progressive.jpg", "restart.jpg"});
}

std::vector<Bytes> png_seeds() {
  return golden_pictures({"bits.png", "colour.png", "colour_alpha.png", "grey.png",
                          "grey_alpha.png", "grey_transparent.png", "palette.png",
                          "palette_transparent.png"});
}

// As many samples as data::make_idx and make_cifar put into a test split of three classes.
std::vector<Bytes> idx_image_seeds() { return {data::idx_images(grey_pictures(3))}; }

std::vector<Bytes> idx_gzip_seeds() { return {data::gzip(idx_image_seeds().front())}; }

std::vector<Bytes> idx_label_seeds() {
  return {data::idx_labels(std::array<std::uint8_t, 3>{0, 9, 255})};
}

std::vector<Bytes> cifar10_seeds() {
  const data::Image picture = data::numbered_picture(5, 3, 32, 32);
  return {data::cifar_record(std::array<std::uint8_t, 1>{9}, picture) +
          data::cifar_record(std::array<std::uint8_t, 1>{0}, picture)};
}

std::vector<Bytes> cifar10_name_seeds() {
  return {
      data::to_bytes("airplane\nautomobile\r\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\n"
                     "truck\n\n")};
}

std::vector<Bytes> cifar100_seeds() {
  const data::Image picture = data::numbered_picture(5, 3, 32, 32);
  return {data::cifar_record(std::array<std::uint8_t, 2>{19, 99}, picture)};
}

std::vector<Bytes> cifar100_name_seeds() {
  std::string names;
  for (int k = 0; k < 100; ++k)
    names += "class " + std::to_string(k) + (k % 7 == 0 ? "\r\n" : "\n");
  return {data::to_bytes(names)};
}

std::vector<Bytes> tar_seeds() {
  return {data::make_tar(data::image_folder_files(3, 1)),
          data::make_tar({{"a/1.jpg", project_file("tests/golden/data/420.jpg")},
                          {"./b/2.png", project_file("tests/golden/data/palette.png")}})};
}

std::vector<Bytes> event_list_seeds() {
  return {data::to_bytes("# trispike event list\n# window_us 40\ntrain\tone\ta.bin\n"),
          data::to_bytes("# trispike event list\ntrain\tone\ta.bin\ntest\ttwo\ta.bin\n")};
}

std::vector<Bytes> class_list_seeds() {
  return {data::to_bytes("dog\ncat\n\n"),
          data::to_bytes("index\twnid\tname\n0\tn02\tred fox\n1\tn01\ttench\r\n")};
}

std::vector<Bytes> folder_class_seeds() {
  return {data::to_bytes("classb\tbee\nother\nclassa\tant\n"),
          data::to_bytes("index\tfolder\tname\n0\tclassa\tant\n1\tclassb\tbee\n")};
}

std::vector<Bytes> event_tar_seeds() {
  const Bytes small = data::event_sample("nmnist").bytes;
  return {data::make_tar({{"train/0/1.bin", small}, {"test/0/2.bin", small}}),
          data::make_tar({{"a/1.aedat4", data::event_sample("aedat4").bytes},
                          {"b/2.raw", data::event_sample("evt3").bytes}})};
}

std::vector<Bytes> cifar10_dvs_seeds() { return {data::event_sample("aedat2-dvs128").bytes}; }

std::vector<Bytes> cifar10_dvs_tar_seeds() {
  const Bytes recording = cifar10_dvs_seeds().front();
  return {data::make_tar({{"airplane/cifar10_airplane_0.aedat", recording},
                          {"airplane/cifar10_airplane_1.aedat", recording},
                          {"./ship/cifar10_ship_2.aedat", recording}})};
}

std::vector<Bytes> gesture_seeds() { return {data::event_sample("aedat3").bytes}; }

// Their parts are those around the sample's two events.
std::vector<Bytes> gesture_label_seeds() {
  return {
      data::to_bytes("class,startTime_usec,endTime_usec\n2,2147483000,2147483648\n"
                     "11,2147483648,2147484000\n")};
}

std::vector<Bytes> gesture_list_seeds() {
  return {data::to_bytes("user01.aedat\r\n"), data::to_bytes("\nuser01.aedat\n\n")};
}

std::vector<Bytes> event_seeds(const std::string& format) {
  std::vector<Bytes> seeds;
  for (const data::EventSample& sample : data::event_samples()) {
    if (sample.format == format) seeds.push_back(sample.bytes);
  }
  return seeds;
}

std::vector<Bytes> event_label_seeds() {
  return {data::to_bytes("class,startTime_usec,endTime_usec\n1,100,200\r\n11,200,3000000000\n")};
}

std::vector<Bytes> official_weight_seeds() {
  model::NetworkOptions options;
  options.width = 1;
  options.num_classes = 3;
  options.input = {3, 8, 8};
  options.neuron = model::neuron_preset("official_code", model::NeuronKind::kTernary);
  const model::ModelData data = test::parity_weights(model::build_network("resnet20", options));
  return {written([&](const std::string& path) {
    model::write_safetensors(path, interop::export_weights(data, "official"));
  })};
}

std::vector<Bytes> torch_seeds() {
  std::vector<Bytes> seeds;
  for (const char* name : {"dtypes.pth", "windows.pth", "checkpoint.pth", "protocol4.pth",
                           "protocol5.pth", "deflated.pth"}) {
    seeds.push_back(project_file(std::string("tests/golden/torch/") + name));
  }
  return seeds;
}

}  // namespace trispike::hostile
