// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Model files: round trips, digests, and files that must be refused.
#include "trispike/model/model_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

#include "support/random_weights.h"
#include "support/temporary_folder.h"
#include "trispike/model/error.h"
#include "trispike/model/networks.h"
#include "trispike/model/safetensors.h"
#include "trispike/model/sha256.h"

namespace trispike::model {
namespace {

using ::testing::HasSubstr;

// Convolution, norm, neuron with amplitude, head: small enough to flip every byte of its file.
ModelData tiny_model() {
  NetworkSpec network{"tiny", 2, {}};
  network.layers = {
      {"input", {}, InputLayer{{1, 2, 2}, InputKind::kStatic}},
      {"conv", {0}, ConvLayer{1, 2, 1, 1, 0, false}},
      {"norm", {1}, BatchNormLayer{.channels = 2}},
      {"neuron", {2}, NeuronLayer{neuron_preset("paper", NeuronKind::kTrainableTernary)}},
      {"pool", {3}, GlobalAvgPoolLayer{}},
      {"head", {4}, LinearLayer{2, 2, true}},
  };
  ModelData model = test::parity_weights(network);
  model.preprocessing = {{0.25}, {0.1}};
  model.class_names = {"cat", "dög"};
  model.provenance = R"({"data":"none"})";
  return model;
}

ModelData checkpoint() {
  ModelData model = tiny_model();
  model.extra_metadata = {{"checkpoint.epoch", "3"}, {"checkpoint.recipe", "[train]\n"}};
  model.extra_tensors = {{"checkpoint.rng", Tensor::from({2}, std::vector<std::int64_t>{1, -1})}};
  return model;
}

void expect_equal(const ModelData& a, const ModelData& b) {
  EXPECT_EQ(a.network, b.network);
  EXPECT_EQ(a.stage, b.stage);
  EXPECT_EQ(a.tensors, b.tensors);
  EXPECT_EQ(a.preprocessing, b.preprocessing);
  EXPECT_EQ(a.class_names, b.class_names);
  EXPECT_EQ(a.provenance, b.provenance);
  EXPECT_EQ(a.extra_metadata, b.extra_metadata);
  EXPECT_EQ(a.extra_tensors, b.extra_tensors);
}

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class ModelFile : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("x.safetensors");

  std::string read_error() {
    try {
      read_model(path_);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  // What reading says about tiny_model()'s file after a change that keeps the metadata's digest
  // right.
  std::string read_error_after(const std::function<void(Safetensors&)>& change) {
    write_model(path_, tiny_model());
    Safetensors contents = read_safetensors(path_);
    change(contents);
    Sha256 sha;
    for (const auto& [key, value] : contents.metadata) {
      if (key != "trispike.metadata_sha256") sha.update(key + '\0' + value + '\0');
    }
    contents.metadata["trispike.metadata_sha256"] = sha.finish();
    write_safetensors(path_, contents);
    return read_error();
  }
};

TEST_F(ModelFile, RoundTripOfEveryStage) {
  for (const ModelData& model :
       {tiny_model(), checkpoint(), fold(tiny_model()), cast(fold(tiny_model()), DType::kF32)}) {
    write_model(path_, model);
    expect_equal(read_model(path_), model);
  }
}

TEST_F(ModelFile, SettingsMayBeAbsent) {
  ModelData model = tiny_model();
  model.preprocessing = {};
  model.class_names.clear();
  model.provenance.clear();
  write_model(path_, model);
  expect_equal(read_model(path_), model);
}

TEST_F(ModelFile, ResizingBeforeACropIsKept) {
  ModelData model = tiny_model();
  model.preprocessing.resize_shorter = 256;
  write_model(path_, model);
  EXPECT_EQ(read_safetensors(path_).metadata.at("trispike.preprocessing"),
            R"({"mean":[0.25],"resize_shorter":256,"std":[0.1]})");
  expect_equal(read_model(path_), model);
  EXPECT_EQ(fold(model).preprocessing, model.preprocessing);
}

TEST_F(ModelFile, MetadataIsWhatTheFormatSays) {
  write_model(path_, checkpoint());
  const auto metadata = read_safetensors(path_).metadata;
  EXPECT_EQ(metadata.at("trispike.format"), "1");
  EXPECT_EQ(metadata.at("trispike.stage"), "trained");
  EXPECT_EQ(metadata.at("trispike.network"), to_json(tiny_model().network));
  EXPECT_EQ(metadata.at("trispike.preprocessing"), R"({"mean":[0.25],"std":[0.1]})");
  EXPECT_EQ(metadata.at("trispike.class_names"), R"(["cat","dög"])");
  EXPECT_EQ(metadata.at("trispike.provenance"), R"({"data":"none"})");
  EXPECT_EQ(metadata.at("trispike.sha256"), digest(tiny_model().tensors));
  EXPECT_EQ(metadata.at("checkpoint.sha256"), digest(checkpoint().extra_tensors));
  EXPECT_FALSE(metadata.at("trispike.version").empty());
  EXPECT_EQ(metadata.at("checkpoint.epoch"), "3");
  EXPECT_EQ(metadata.size(), 12u);
}

// Computed with Python's hashlib over the bytes that docs/file-format.md lists.
TEST(Digest, IsTheDocumentedOne) {
  const TensorMap tensors{{"a.weight", Tensor::from({2, 1}, std::vector<float>{1, -2})},
                          {"b", Tensor::from({}, std::vector<double>{0.5})}};
  EXPECT_EQ(digest(tensors), "331b26a911bb05b04a88984f26a7e806fab857ffed08c3e816f449b75bab2649");
  EXPECT_EQ(digest({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_F(ModelFile, EveryFlippedByteIsRefused) {
  write_model(path_, checkpoint());
  const std::string whole = bytes_of(path_);
  const auto put = [this](std::size_t position, char byte) {
    std::fstream stream(path_, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(static_cast<std::streamoff>(position)).put(byte);
  };
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int mask : {0x01, 0x20, 0xff}) {
      put(i, static_cast<char>(whole[i] ^ mask));
      EXPECT_THROW(read_model(path_), FormatError) << "byte " << i << " mask " << mask;
    }
    put(i, whole[i]);
  }
  expect_equal(read_model(path_), checkpoint());
}

TEST_F(ModelFile, DamageIsNamed) {
  const auto flip_first_of = [this](const std::string& tensor) {
    write_model(path_, checkpoint());
    Safetensors contents = read_safetensors(path_);
    contents.tensors.at(tensor).data[0] ^= std::byte{1};
    write_safetensors(path_, contents);
    return read_error();
  };
  EXPECT_THAT(flip_first_of("conv.weight"),
              HasSubstr("is damaged: the SHA-256 of the network's tensors is "));
  EXPECT_THAT(flip_first_of("checkpoint.rng"),
              HasSubstr("is damaged: the SHA-256 of the extra tensors is "));
  write_model(path_, tiny_model());
  Safetensors contents = read_safetensors(path_);
  contents.metadata["trispike.class_names"] = R"(["cat","dog"])";
  write_safetensors(path_, contents);
  EXPECT_THAT(read_error(), HasSubstr("is damaged: the SHA-256 of the other metadata is "));
}

TEST_F(ModelFile, MetadataIsChecked) {
  const auto set = [this](const char* key, const char* value) {
    return read_error_after([=](Safetensors& file) { file.metadata[key] = value; });
  };
  EXPECT_THAT(set("trispike.format", "2"), HasSubstr("has format '2' (written by trispike '"));
  EXPECT_THAT(set("trispike.stage", "cooked"),
              HasSubstr("unknown stage 'cooked'; expected one of trained, folded, quantised"));
  EXPECT_THAT(set("trispike.stage", "folded"),
              HasSubstr("a model of stage 'folded' cannot have layer 'norm' of type batch_norm"));
  EXPECT_THAT(set("trispike.network", "{}"),
              HasSubstr("x.safetensors (trispike.network): byte 0: network has no key 'name'"));
  EXPECT_THAT(set("trispike.network", "{\"name\":"),
              HasSubstr("x.safetensors (trispike.network): byte 8: not JSON"));
  EXPECT_THAT(set("trispike.preprocessing", "[]"), HasSubstr("not an object of mean and std"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":[1,2],"std":[]})"),
              HasSubstr("preprocessing mean has 2 numbers for 1 channels"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":[],"std":[0]})"),
              HasSubstr("preprocessing std holds 0, expected a number > 0"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":["x"],"std":[]})"),
              HasSubstr("something not a number"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":1,"std":[]})"), HasSubstr("is no array"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":[],"std":[],"gamma":2})"),
              HasSubstr("unknown key 'gamma'"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":[],"std":[],"resize_shorter":2.5})"),
              HasSubstr("resize_shorter is no whole number"));
  EXPECT_THAT(set("trispike.preprocessing", R"({"mean":[],"std":[],"resize_shorter":-1})"),
              HasSubstr("resize_shorter is -1, expected 0 to 16384"));
  EXPECT_THAT(set("trispike.class_names", "{}"), HasSubstr("class_names that is no array"));
  EXPECT_THAT(set("trispike.class_names", "[1,2]"), HasSubstr("something not a string"));
  EXPECT_THAT(set("trispike.class_names", R"(["a"])"),
              HasSubstr("there are 1 class names for 2 classes"));
  EXPECT_THAT(set("trispike.provenance", "[]"), HasSubstr("provenance is not a JSON object"));
  EXPECT_THAT(set("trispike.provenance", "x"),
              HasSubstr("(trispike.provenance): byte 0: not JSON"));
  for (const char* key :
       {"trispike.format", "trispike.stage", "trispike.network", "trispike.preprocessing",
        "trispike.class_names", "trispike.provenance", "trispike.sha256"}) {
    const auto erase = [=](Safetensors& file) { file.metadata.erase(key); };
    EXPECT_THAT(read_error_after(erase), HasSubstr(std::string("has no metadata '") + key)) << key;
  }
}

TEST_F(ModelFile, AnOrdinarySafetensorsFileIsNoModel) {
  write_safetensors(path_, {tiny_model().tensors, {}});
  EXPECT_THAT(read_error(), HasSubstr("has no metadata 'trispike.format': not a model file"));
}

TEST_F(ModelFile, ACheckpointWithoutItsDigestIsRefused) {
  const auto add = [](Safetensors& file) {
    file.tensors["checkpoint.x"] = Tensor::from({1}, std::vector<float>{1});
  };
  EXPECT_THAT(read_error_after(add), HasSubstr("has no metadata 'checkpoint.sha256'"));
}

struct Fault {
  const char* expected;  // part of the message
  void (*make)(ModelData& model);
};

TEST(ValidateModel, NamesWhatIsWrong) {
  const std::vector<Fault> faults{
      {"model: byte 0: tensor 'conv.weight' is missing",
       [](ModelData& m) { m.tensors.erase("conv.weight"); }},
      {"tensor 'head.scale' belongs to no layer of the network",
       [](ModelData& m) { m.tensors["head.scale"] = Tensor::from({1}, std::vector<float>{1}); }},
      {"tensor 'conv.weight' has shape [2], the network needs [2, 1, 1, 1]",
       [](ModelData& m) { m.tensors["conv.weight"].shape = {2}; }},
      {"tensor 'conv.weight' has dtype I64, expected F32 or F64",
       [](ModelData& m) {
         m.tensors["conv.weight"] = Tensor::from({2, 1, 1, 1}, std::vector<std::int64_t>{1, 2});
       }},
      {"tensor 'head.bias' holds nan at element 1, expected a finite number",
       [](ModelData& m) {
         m.tensors["head.bias"] = Tensor::from({2}, std::vector<double>{0, std::nan("")});
       }},
      {"tensor 'head.bias' holds -inf at element 0",
       [](ModelData& m) {
         const float infinity = std::numeric_limits<float>::infinity();
         m.tensors["head.bias"] = Tensor::from({2}, std::vector<float>{-infinity, 0});
       }},
      {"tensor 'norm.running_var' holds -1 at element 0, expected a finite number >= 0",
       [](ModelData& m) {
         m.tensors["norm.running_var"] = Tensor::from({2}, std::vector<float>{-1, 1});
       }},
      {"layer 'conv': stride is 0",
       [](ModelData& m) { std::get<ConvLayer>(m.network.layers[1].params).stride = 0; }},
      {"a model of stage 'folded' cannot have layer 'norm'",
       [](ModelData& m) { m.stage = Stage::kFolded; }},
      {"layer 'neuron' of type neuron with a trainable amplitude",
       [](ModelData& m) {
         m = fold(m);
         std::get<NeuronLayer>(m.network.layers[2].params).neuron.kind =
             NeuronKind::kTrainableTernary;
         m.tensors["neuron.amplitude"] = Tensor::from({1}, std::vector<float>{1});
       }},
      {"layer 'neuron' of type neuron with a trainable threshold",
       [](ModelData& m) {
         m = fold(m);
         std::get<NeuronLayer>(m.network.layers[2].params).neuron.trainable_threshold = true;
         m.tensors["neuron.threshold"] = Tensor::from({1}, std::vector<float>{1});
       }},
      {"tensor 'neuron.threshold' holds 0 at element 0, expected a finite number > 0",
       [](ModelData& m) {
         std::get<NeuronLayer>(m.network.layers[3].params).neuron.trainable_threshold = true;
         m.tensors["neuron.threshold"] = Tensor::from({1}, std::vector<float>{0});
       }},
      {"a model of stage 'trained' cannot have layer 'scale' of type scale",
       [](ModelData& m) {
         m.network.layers[4] = {"scale", {3}, ScaleLayer{2}};
         m.network.layers[5] = {"head", {4}, LinearLayer{8, 2, false}};
         m.tensors = {};
         for (const LayerInfo& info : infer(m.network)) {
           for (const TensorSpec& spec : info.tensors) {
             std::size_t elements = 1;
             for (const std::int64_t size : spec.shape) elements *= static_cast<std::size_t>(size);
             m.tensors[spec.name] = Tensor::from(spec.shape, std::vector<float>(elements, 1));
           }
         }
       }},
      {"there are 3 class names for 2 classes", [](ModelData& m) { m.class_names.resize(3); }},
      {"preprocessing std has 2 numbers",
       [](ModelData& m) {
         m.preprocessing.std = {1, 1};
       }},
      {"preprocessing mean holds nan", [](ModelData& m) { m.preprocessing.mean = {std::nan("")}; }},
      {"extra tensor 'momentum' must have a name of its own that starts with 'checkpoint.'",
       [](ModelData& m) { m.extra_tensors["momentum"] = {}; }},
      {"extra metadata 'trispike.stage' must have a name of its own",
       [](ModelData& m) { m.extra_metadata["trispike.stage"] = "folded"; }},
      {"extra metadata 'checkpoint.sha256' must have a name of its own",
       [](ModelData& m) { m.extra_metadata["checkpoint.sha256"] = ""; }},
  };
  const test::TemporaryFolder folder;
  for (const Fault& fault : faults) {
    ModelData model = tiny_model();
    fault.make(model);
    try {
      validate(model);
      ADD_FAILURE() << "not refused: " << fault.expected;
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr(fault.expected));
    }
    EXPECT_THROW(write_model(folder.file("x"), model), FormatError);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

/// A network that is shown events, and how recordings become its maps.
ModelData event_model() {
  ModelData model = tiny_model();
  model.network.layers[0].params = InputLayer{{2, 2, 2}, InputKind::kEvents};
  model.network.layers[1].params = ConvLayer{2, 2, 1, 1, 0, false};
  model.tensors["conv.weight"] = Tensor::from({2, 2, 1, 1}, std::vector<float>{1, 2, 3, 4});
  model.preprocessing = {{0, 0}, {1, 1}};
  model.preprocessing.frames = FrameBinning{"window", 1000, true, false, "nearest", 34, 36};
  return model;
}

TEST(EventModel, SurvivesItsFileAndFolding) {
  const test::TemporaryFolder folder;
  const ModelData model = event_model();
  write_model(folder.file("events"), model);
  expect_equal(read_model(folder.file("events")), model);
  EXPECT_EQ(fold(model).preprocessing, model.preprocessing);
}

TEST(EventModel, FramesThatMakeNoSenseAreRefused) {
  const std::vector<std::pair<std::string, std::function<void(ModelData&)>>> faults = {
      {"frames by 'day'", [](ModelData& m) { m.preprocessing.frames->by = "day"; }},
      {"window_us 0, expected", [](ModelData& m) { m.preprocessing.frames->window_us = 0; }},
      {"window_us 1000, expected", [](ModelData& m) { m.preprocessing.frames->by = "time"; }},
      {"resize 'cubic'", [](ModelData& m) { m.preprocessing.frames->resize = "cubic"; }},
      {"a side of -1", [](ModelData& m) { m.preprocessing.frames->sensor_width = -1; }},
      {"a side of 99999", [](ModelData& m) { m.preprocessing.frames->sensor_height = 99999; }},
      {"the network's input is static",
       [](ModelData& m) {
         const auto frames = m.preprocessing.frames;
         m = tiny_model();
         m.preprocessing.frames = frames;
       }},
  };
  for (const auto& [expected, change] : faults) {
    ModelData model = event_model();
    change(model);
    try {
      validate(model);
      ADD_FAILURE() << "not refused: " << expected;
    } catch (const FormatError& error) {
      EXPECT_THAT(error.what(), HasSubstr(expected));
    }
  }
}

TEST(CastModel, RoundsEveryFloatingTensor) {
  const ModelData folded = fold(tiny_model());
  const ModelData narrow = cast(folded, DType::kF32);
  for (const auto& [name, tensor] : narrow.tensors) {
    EXPECT_EQ(tensor.dtype, DType::kF32) << name;
    EXPECT_EQ(tensor, folded.tensors.at(name).cast(DType::kF32)) << name;
  }
  EXPECT_NO_THROW(validate(narrow));
}

// Files of every released format must stay readable. Written by version 0.1.0 from this very model.
TEST(OldFiles, Format1) {
  const std::string golden = std::string(TRISPIKE_SOURCE_DIR) + "/tests/golden/model-format-1/";
  expect_equal(read_model(golden + "checkpoint.safetensors"), checkpoint());
  expect_equal(read_model(golden + "folded.safetensors"), fold(tiny_model()));
}

}  // namespace
}  // namespace trispike::model
