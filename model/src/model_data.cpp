// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Model files, see docs/file-format.md.
#include "trispike/model/model_data.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <set>

#include "src/json_text.h"
#include "src/text.h"
#include "trispike/model/error.h"
#include "trispike/model/quantise.h"
#include "trispike/model/safetensors.h"
#include "trispike/model/sha256.h"

namespace trispike::model {
namespace {

using nlohmann::json;
using Metadata = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kFormat = "1";
constexpr std::string_view kExtraPrefix = "checkpoint.";
constexpr std::string_view kExtraDigest = "checkpoint.sha256";
constexpr std::string_view kTensorDigest = "trispike.sha256";
constexpr std::string_view kMetadataDigest = "trispike.metadata_sha256";
constexpr std::array<std::string_view, 3> kStages{"trained", "folded", "quantised"};
constexpr int kMaxProvenanceDepth = 32;
constexpr std::array<std::string_view, 3> kFramesBy{"count", "time", "window"};
constexpr std::array<std::string_view, 3> kFrameResize{"sum", "nearest", "bilinear"};
constexpr std::int64_t kMaxWindow = std::int64_t{1} << 40;
constexpr std::int64_t kMaxSensor = 1 << 14;

bool is_extra(std::string_view name) { return name.starts_with(kExtraPrefix); }

// Over all metadata but the digest itself: "key NUL value NUL" in key order.
std::string digest(const Metadata& metadata) {
  Sha256 sha;
  for (const auto& [key, value] : metadata) {
    if (key == kMetadataDigest) continue;
    sha.update(key);
    sha.update(std::string_view("\0", 1));
    sha.update(value);
    sha.update(std::string_view("\0", 1));
  }
  return sha.finish();
}

/// Of the tensors that a model of this stage has. Throws ShapeError.
std::set<std::string, std::less<>> tensor_names(const NetworkSpec& network, Stage stage) {
  std::set<std::string, std::less<>> names;
  if (stage == Stage::kQuantised) {
    for (const QuantisedTensor& spec : quantised_tensors(network)) names.insert(spec.name);
  } else {
    for (const LayerInfo& info : infer(network)) {
      for (const TensorSpec& spec : info.tensors) names.insert(spec.name);
    }
  }
  return names;
}

class Validator {
 public:
  Validator(const ModelData& model, const std::string& file) : model_(model), file_(file) {}

  void run() const {
    for (const Layer& layer : model_.network.layers) check_stage(layer);
    try {
      const std::vector<LayerInfo> infos = infer(model_.network);
      check_class_names(infos.back().shape.channels);
      if (model_.stage == Stage::kQuantised) {
        for (const QuantisedTensor& spec : quantised_tensors(model_.network)) check_tensor(spec);
      } else {
        for (const LayerInfo& info : infos) {
          for (const TensorSpec& spec : info.tensors) check_tensor(spec);
        }
      }
      check_names();
    } catch (const ShapeError& error) {
      fail(error.what());
    }
    check_preprocessing();
    if (!model_.provenance.empty() &&
        !parse_json(model_.provenance, file_ + " (trispike.provenance)", 0, kMaxProvenanceDepth)
             .is_object()) {
      fail("trispike.provenance is not a JSON object");
    }
    check_extras();
  }

 private:
  const Tensor& tensor_of_shape(const std::string& name,
                                const std::vector<std::int64_t>& shape) const {
    const auto found = model_.tensors.find(name);
    if (found == model_.tensors.end()) fail("tensor " + in_quotes(name) + " is missing");
    if (found->second.shape != shape) {
      fail("tensor " + in_quotes(name) + " has shape " + shape_string(found->second.shape) +
           ", the network needs " + shape_string(shape));
    }
    return found->second;
  }

  void check_tensor(const TensorSpec& spec) const {
    const Tensor& tensor = tensor_of_shape(spec.name, spec.shape);
    if (tensor.dtype != DType::kF32 && tensor.dtype != DType::kF64) {
      fail("tensor " + in_quotes(spec.name) + " has dtype " + std::string(to_string(tensor.dtype)) +
           ", expected F32 or F64");
    }
    check_numbers(spec.name, tensor);
  }

  void check_tensor(const QuantisedTensor& spec) const {
    const Tensor& tensor = tensor_of_shape(spec.name, spec.shape);
    if (tensor.dtype != spec.dtype) {
      fail("tensor " + in_quotes(spec.name) + " has dtype " + std::string(to_string(tensor.dtype)) +
           ", expected " + std::string(to_string(spec.dtype)));
    }
    if (spec.dtype == DType::kI8) check_range<std::int8_t>(spec, tensor);
    if (spec.dtype == DType::kI32) check_range<std::int32_t>(spec, tensor);
    if (spec.dtype == DType::kF64) check_range<double>(spec, tensor);
  }

  template <class Number>
  void check_range(const QuantisedTensor& spec, const Tensor& tensor) const {
    for (std::size_t i = 0; i < tensor.data.size() / sizeof(Number); ++i) {
      Number value;
      std::memcpy(&value, tensor.data.data() + i * sizeof value, sizeof value);
      if (!(value >= spec.lowest && value <= spec.highest)) {
        fail("tensor " + in_quotes(spec.name) + " holds " + number(value) + " at element " +
             std::to_string(i) + ", expected " + number(spec.lowest) + " to " +
             number(spec.highest));
      }
    }
  }

  void check_names() const {
    const std::set<std::string, std::less<>> known = tensor_names(model_.network, model_.stage);
    for (const auto& [name, tensor] : model_.tensors) {
      if (!known.contains(name)) {
        fail("tensor " + in_quotes(name) + " belongs to no layer of the network");
      }
    }
  }

  void check_numbers(const std::string& name, const Tensor& tensor) const {
    const bool variance = name.ends_with(".running_var");
    const bool threshold = name.ends_with(".threshold");
    const std::vector<double> values = tensor.to_double();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i]) || (variance && values[i] < 0) ||
          (threshold && values[i] <= 0)) {
        fail("tensor " + in_quotes(name) + " holds " + number(values[i]) + " at element " +
             std::to_string(i) + ", expected a finite number" +
             (variance    ? " >= 0"
              : threshold ? " > 0"
                          : ""));
      }
    }
  }

  void check_stage(const Layer& layer) const {
    const auto* neuron = std::get_if<NeuronLayer>(&layer.params);
    const bool amplitude = neuron && info(neuron->neuron.kind).trainable_amplitude;
    const bool to_be_folded = std::holds_alternative<BatchNormLayer>(layer.params) || amplitude ||
                              (neuron && neuron->neuron.trainable_threshold);
    const bool from_folding = std::holds_alternative<ScaleLayer>(layer.params);
    if (model_.stage == Stage::kTrained ? from_folding : to_be_folded) {
      fail("a model of stage " + in_quotes(to_string(model_.stage)) + " cannot have layer " +
           in_quotes(layer.name) + " of type " + std::string(type_name(layer.params)) +
           (amplitude ? " with a trainable amplitude"
            : neuron  ? " with a trainable threshold"
                      : ""));
    }
  }

  void check_class_names(std::int64_t classes) const {
    const auto names = static_cast<std::int64_t>(model_.class_names.size());
    if (names != 0 && names != classes) {
      fail("there are " + std::to_string(names) + " class names for " + std::to_string(classes) +
           " classes");
    }
  }

  void check_preprocessing() const {
    const Preprocessing& preprocessing = model_.preprocessing;
    check_channels(preprocessing.mean, "mean");
    check_channels(preprocessing.std, "std");
    for (const double value : preprocessing.std) {
      if (value <= 0) fail("preprocessing std holds " + number(value) + ", expected a number > 0");
    }
    if (preprocessing.resize_shorter < 0 ||
        preprocessing.resize_shorter > Preprocessing::kMaxResize) {
      fail("preprocessing resize_shorter is " + std::to_string(preprocessing.resize_shorter) +
           ", expected 0 to " + std::to_string(Preprocessing::kMaxResize));
    }
    if (preprocessing.frames) check_frames(*preprocessing.frames);
  }

  void check_frames(const FrameBinning& frames) const {
    const InputLayer& input = model_.network.input();
    if (input.kind == InputKind::kStatic || input.shape.channels != 2) {
      fail("preprocessing has frames of events, but the network's input is " +
           std::string(to_string(input.kind)) + " of " + std::to_string(input.shape.channels) +
           " channels, expected frames or events of 2");
    }
    if (std::ranges::find(kFramesBy, frames.by) == kFramesBy.end()) {
      fail("preprocessing has frames by " + in_quotes(frames.by) + ", expected one of " +
           joined(kFramesBy));
    }
    if (std::ranges::find(kFrameResize, frames.resize) == kFrameResize.end()) {
      fail("preprocessing has frames with resize " + in_quotes(frames.resize) +
           ", expected one of " + joined(kFrameResize));
    }
    const bool windows = frames.by == "window";
    if (windows ? frames.window_us < 1 || frames.window_us > kMaxWindow : frames.window_us != 0) {
      fail("preprocessing has frames with window_us " + std::to_string(frames.window_us) +
           ", expected 1 to 2^40 for windows, else 0");
    }
    for (const std::int64_t side : {frames.sensor_height, frames.sensor_width}) {
      if (side < 0 || side > kMaxSensor) {
        fail("preprocessing has frames of a sensor with a side of " + std::to_string(side) +
             ", expected 0 to " + std::to_string(kMaxSensor));
      }
    }
  }

  void check_channels(const std::vector<double>& values, const std::string& what) const {
    const auto channels = static_cast<std::size_t>(model_.network.input().shape.channels);
    if (!values.empty() && values.size() != channels) {
      fail("preprocessing " + what + " has " + std::to_string(values.size()) + " numbers for " +
           std::to_string(channels) + " channels");
    }
    for (const double value : values) {
      if (!std::isfinite(value)) fail("preprocessing " + what + " holds " + number(value));
    }
  }

  void check_extras() const {
    for (const auto& [name, tensor] : model_.extra_tensors) {
      if (!is_extra(name) || model_.tensors.contains(name)) refuse_extra("tensor", name);
    }
    for (const auto& [key, value] : model_.extra_metadata) {
      if (!is_extra(key) || key == kExtraDigest) refuse_extra("metadata", key);
    }
  }

  void refuse_extra(const std::string& what, const std::string& name) const {
    fail("extra " + what + " " + in_quotes(name) +
         " must have a name of its own that starts with '" + std::string(kExtraPrefix) + "'");
  }

  [[noreturn]] void fail(const std::string& message) const { throw FormatError(file_, 0, message); }

  const ModelData& model_;
  const std::string& file_;
};

// What is not used is left out, so that earlier versions read the file.
json preprocessing_json(const Preprocessing& preprocessing) {
  json value = {{"mean", preprocessing.mean}, {"std", preprocessing.std}};
  if (preprocessing.frames) {
    const FrameBinning& frames = *preprocessing.frames;
    value["frames"] = {{"by", frames.by},
                       {"window_us", frames.window_us},
                       {"from_zero", frames.from_zero},
                       {"keep_rest", frames.keep_rest},
                       {"resize", frames.resize},
                       {"sensor_height", frames.sensor_height},
                       {"sensor_width", frames.sensor_width}};
  }
  if (preprocessing.resize_shorter != 0) value["resize_shorter"] = preprocessing.resize_shorter;
  return value;
}

class ModelReader {
 public:
  ModelReader(const std::string& path, Safetensors contents)
      : path_(path), contents_(std::move(contents)) {}

  ModelData read() {
    const std::string& format = metadata("trispike.format");
    if (format != kFormat) {
      fail("has format " + in_quotes(format) + " (written by trispike " +
           in_quotes(metadata("trispike.version")) + "), this program reads format '" +
           std::string(kFormat) + "'");
    }
    check_digest(kMetadataDigest, digest(contents_.metadata), "the other metadata");
    ModelData model;
    model.stage = stage();
    model.network = network_from_json(metadata("trispike.network"), path_ + " (trispike.network)");
    split_tensors(model);
    check_digest(kTensorDigest, model::digest(model.tensors), "the network's tensors");
    if (!model.extra_tensors.empty()) {
      check_digest(kExtraDigest, model::digest(model.extra_tensors), "the extra tensors");
    }
    model.preprocessing = preprocessing();
    model.class_names = class_names();
    model.provenance = metadata("trispike.provenance");
    for (const auto& [key, value] : contents_.metadata) {
      if (is_extra(key) && key != kExtraDigest) model.extra_metadata.emplace(key, value);
    }
    validate(model, path_);
    return model;
  }

 private:
  Stage stage() const {
    const std::string& name = metadata("trispike.stage");
    for (std::size_t i = 0; i < kStages.size(); ++i) {
      if (kStages[i] == name) return static_cast<Stage>(i);
    }
    fail("has the unknown stage " + in_quotes(name) + "; expected one of " + joined(kStages));
  }

  // An extra tensor is one with the prefix that the network does not claim.
  void split_tensors(ModelData& model) {
    TensorMap rest = std::move(contents_.tensors);
    try {
      for (const std::string& name : tensor_names(model.network, model.stage)) {
        if (auto node = rest.extract(name)) model.tensors.insert(std::move(node));
      }
    } catch (const ShapeError& error) {
      fail(error.what());
    }
    while (!rest.empty()) {
      auto node = rest.extract(rest.begin());
      (is_extra(node.key()) ? model.extra_tensors : model.tensors).insert(std::move(node));
    }
  }

  Preprocessing preprocessing() const {
    const json value = json_of("trispike.preprocessing");
    if (!value.is_object() || !value.contains("mean") || !value.contains("std")) {
      fail("has trispike.preprocessing that is not an object of mean and std");
    }
    Preprocessing result{numbers(value["mean"]), numbers(value["std"])};
    for (const auto& [key, entry] : value.items()) {
      if (key == "mean" || key == "std") continue;
      if (key == "frames") {
        result.frames = frames(entry);
      } else if (key != "resize_shorter") {
        fail("has trispike.preprocessing with the unknown key " + in_quotes(key));
      } else if (!entry.is_number_integer()) {
        fail("has trispike.preprocessing whose resize_shorter is no whole number");
      } else {
        result.resize_shorter = entry.get<std::int64_t>();
      }
    }
    return result;
  }

  FrameBinning frames(const json& value) const {
    if (!value.is_object()) fail("has trispike.preprocessing whose frames are no object");
    FrameBinning frames;
    std::size_t found = 0;
    const auto read = [&](const char* key, bool (json::*is_right)() const, auto& field) {
      const auto entry = value.find(key);
      if (entry == value.end() || !((*entry).*is_right)()) {
        fail("has trispike.preprocessing whose frames lack " + in_quotes(key) +
             " or have it with a value of another kind");
      }
      entry->get_to(field);
      ++found;
    };
    read("by", &json::is_string, frames.by);
    read("window_us", &json::is_number_integer, frames.window_us);
    read("from_zero", &json::is_boolean, frames.from_zero);
    read("keep_rest", &json::is_boolean, frames.keep_rest);
    read("resize", &json::is_string, frames.resize);
    read("sensor_height", &json::is_number_integer, frames.sensor_height);
    read("sensor_width", &json::is_number_integer, frames.sensor_width);
    if (found != value.size()) {
      fail("has trispike.preprocessing whose frames have an unknown key");
    }
    return frames;
  }

  std::vector<double> numbers(const json& array) const {
    std::vector<double> values;
    if (!array.is_array()) fail("has trispike.preprocessing whose mean or std is no array");
    for (const json& value : array) {
      if (!value.is_number()) fail("has trispike.preprocessing with something not a number");
      values.push_back(value.get<double>());
    }
    return values;
  }

  std::vector<std::string> class_names() const {
    const json value = json_of("trispike.class_names");
    std::vector<std::string> names;
    if (!value.is_array()) fail("has trispike.class_names that is no array");
    for (const json& name : value) {
      if (!name.is_string()) fail("has trispike.class_names with something not a string");
      names.push_back(name.get<std::string>());
    }
    return names;
  }

  json json_of(std::string_view key) const {
    return parse_json(metadata(key), path_ + " (" + std::string(key) + ")", 0, kMaxProvenanceDepth);
  }

  const std::string& metadata(std::string_view key) const {
    const auto found = contents_.metadata.find(key);
    if (found == contents_.metadata.end()) {
      fail("has no metadata '" + std::string(key) + "': not a model file of trispike");
    }
    return found->second;
  }

  void check_digest(std::string_view key, const std::string& found, const char* what) const {
    if (metadata(key) != found) {
      fail("is damaged: the SHA-256 of " + std::string(what) + " is " + found + ", expected " +
           in_quotes(metadata(key)));
    }
  }

  [[noreturn]] void fail(const std::string& message) const { throw FormatError(path_, 0, message); }

  const std::string& path_;
  Safetensors contents_;
};

}  // namespace

std::string_view to_string(Stage stage) { return kStages.at(static_cast<std::size_t>(stage)); }

void validate(const ModelData& model, const std::string& file) { Validator(model, file).run(); }

std::string digest(const TensorMap& tensors) {
  constexpr std::string_view kEnd("\0", 1);
  Sha256 sha;
  for (const auto& [name, tensor] : tensors) {
    sha.update(name);
    sha.update(kEnd);
    sha.update(to_string(tensor.dtype));
    sha.update(kEnd);
    sha.update(shape_string(tensor.shape));
    sha.update(kEnd);
    sha.update(tensor.data.data(), tensor.data.size());
  }
  return sha.finish();
}

ModelData read_model(const std::string& path) {
  return ModelReader(path, read_safetensors(path)).read();
}

void write_model(const std::string& path, const ModelData& model) {
  validate(model, path);
  Safetensors contents{model.tensors, model.extra_metadata};
  Metadata& metadata = contents.metadata;
  metadata["trispike.version"] = TRISPIKE_VERSION;
  metadata["trispike.format"] = kFormat;
  metadata["trispike.stage"] = to_string(model.stage);
  metadata["trispike.network"] = to_json(model.network);
  metadata["trispike.preprocessing"] = preprocessing_json(model.preprocessing).dump();
  metadata["trispike.class_names"] =
      dump_json(json(model.class_names), path + ": trispike.class_names");
  metadata["trispike.provenance"] = model.provenance;
  metadata[std::string(kTensorDigest)] = digest(model.tensors);
  if (!model.extra_tensors.empty()) {
    metadata[std::string(kExtraDigest)] = digest(model.extra_tensors);
    contents.tensors.insert(model.extra_tensors.begin(), model.extra_tensors.end());
  }
  metadata[std::string(kMetadataDigest)] = digest(metadata);
  write_safetensors(path, contents);
}

ModelData cast(ModelData model, DType dtype) {
  for (auto& [name, tensor] : model.tensors) {
    const bool floating = tensor.dtype == DType::kF32 || tensor.dtype == DType::kF64;
    if (floating) tensor = tensor.cast(dtype);
  }
  return model;
}

}  // namespace trispike::model
