// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A NetworkSpec as JSON and back. The fields of a layer are listed once, in `fields()`; a writer
// and a reader walk the same list.
#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <set>

#include "src/json_text.h"
#include "src/text.h"
#include "trispike/model/error.h"
#include "trispike/model/network.h"

namespace trispike::model {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 8;

constexpr std::array<std::string_view, 3> kInputKinds{"static", "frames", "events"};

void from_string(std::string_view name, InputKind& kind) {
  const auto found = std::ranges::find(kInputKinds, name);
  if (found == kInputKinds.end()) {
    throw ConfigError("kind", "unknown input kind " + in_quotes(name) + "; expected one of " +
                                  joined(kInputKinds));
  }
  kind = static_cast<InputKind>(found - kInputKinds.begin());
}

void from_string(std::string_view name, NeuronKind& kind) { kind = neuron_kind_from_string(name); }
void from_string(std::string_view name, ResetMode& mode) { mode = reset_mode_from_string(name); }
void from_string(std::string_view name, SurrogateKind& kind) {
  kind = surrogate_kind_from_string(name);
}

template <class Archive>
void fields(Archive& archive, InputLayer& input) {
  archive("channels", input.shape.channels);
  archive("height", input.shape.height);
  archive("width", input.shape.width);
  archive("kind", input.kind);
}

template <class Archive>
void fields(Archive& archive, ConvLayer& conv) {
  archive("in_channels", conv.in_channels);
  archive("out_channels", conv.out_channels);
  archive("kernel", conv.kernel);
  archive("stride", conv.stride);
  archive("padding", conv.padding);
  archive("bias", conv.bias);
}

template <class Archive>
void fields(Archive& archive, BatchNormLayer& norm) {
  archive("channels", norm.channels);
  archive("per_time_step", norm.per_time_step);
  archive("zero_init", norm.zero_init);
  archive("scale", norm.scale);
  archive("eps", norm.eps);
  archive("momentum", norm.momentum);
}

template <class Archive>
void fields(Archive& archive, NeuronLayer& layer) {
  NeuronSpec& neuron = layer.neuron;
  archive("kind", neuron.kind);
  archive("threshold", neuron.threshold);
  archive("decay", neuron.decay);
  archive("strict", neuron.strict);
  archive("reset", neuron.reset);
  archive("detach_reset", neuron.detach_reset);
  archive("surrogate", neuron.surrogate.kind);
  archive("surrogate_width", neuron.surrogate.width);
  archive.if_true("trainable_threshold", neuron.trainable_threshold);
}

template <class Archive>
void fields(Archive&, AddLayer&) {}

template <class Archive>
void fields(Archive& archive, AvgPoolLayer& pool) {
  archive("kernel", pool.kernel);
  archive("stride", pool.stride);
  archive("padding", pool.padding);
  archive("ceil_mode", pool.ceil_mode);
  archive("count_padding", pool.count_padding);
}

template <class Archive>
void fields(Archive&, GlobalAvgPoolLayer&) {}

template <class Archive>
void fields(Archive& archive, LinearLayer& linear) {
  archive("in_features", linear.in_features);
  archive("out_features", linear.out_features);
  archive("bias", linear.bias);
}

template <class Archive>
void fields(Archive& archive, ScaleLayer& scale) {
  archive("channels", scale.channels);
}

class Writer {
 public:
  explicit Writer(nlohmann::ordered_json& object) : object_(object) {}

  void operator()(const char* key, std::int64_t value) { object_[key] = value; }
  void operator()(const char* key, double value) { object_[key] = value; }
  void operator()(const char* key, bool value) { object_[key] = value; }
  /// What came later than format 1: earlier versions read the files that go without.
  void if_true(const char* key, bool value) {
    if (value) object_[key] = value;
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char* key, Enum value) { object_[key] = std::string(to_string(value)); }

 private:
  nlohmann::ordered_json& object_;
};

// Reads the fields of an object; every field must be there, and nothing else.
class Reader {
 public:
  Reader(const json& value, std::string where, const std::string& file)
      : object_(value), where_(std::move(where)), file_(file) {
    require(object_.is_object(), "is " + std::string(object_.type_name()) + ", expected an object");
  }

  const json& at(const char* key) {
    const auto found = object_.find(key);
    require(found != object_.end(), "has no key '" + std::string(key) + "'");
    known_.insert(key);
    return *found;
  }

  void operator()(const char* key, std::int64_t& value) {
    const json& field = at(key);
    expect(field.is_number_integer() &&
               (!field.is_number_unsigned() ||
                field.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max()),
           key, field, "a whole number");
    value = field.get<std::int64_t>();
  }

  void operator()(const char* key, int& value) {
    std::int64_t wide = 0;
    (*this)(key, wide);
    expect(wide >= 0 && wide <= std::numeric_limits<int>::max(), key, object_[key],
           "a small whole number");
    value = static_cast<int>(wide);
  }

  void operator()(const char* key, double& value) {
    const json& field = at(key);
    expect(field.is_number(), key, field, "a number");
    value = field.get<double>();
  }

  void operator()(const char* key, bool& value) {
    const json& field = at(key);
    expect(field.is_boolean(), key, field, "true or false");
    value = field.get<bool>();
  }

  void if_true(const char* key, bool& value) {
    value = object_.contains(key);
    if (!value) return;
    (*this)(key, value);
    expect(value, key, object_[key], "true, or not to be there");
  }

  void operator()(const char* key, std::string& value) {
    const json& field = at(key);
    expect(field.is_string(), key, field, "a string");
    value = field.get<std::string>();
  }

  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const char* key, Enum& value) {
    std::string name;
    (*this)(key, name);
    try {
      from_string(name, value);
    } catch (const ConfigError& error) {
      require(false, error.what());
    }
  }

  const json& array(const char* key) {
    const json& field = at(key);
    expect(field.is_array(), key, field, "an array");
    return field;
  }

  void finish() const {
    for (const auto& [key, value] : object_.items()) {
      require(known_.contains(key), "has the unknown key " + in_quotes(key));
    }
  }

  void require(bool ok, const std::string& message) const {
    if (!ok) throw FormatError(file_, 0, where_ + " " + message);
  }

 private:
  void expect(bool ok, const char* key, const json& field, const char* expected) const {
    if (!ok) {
      require(false, "has " + in_quotes(field.dump(-1, ' ', true)) + " for '" + key +
                         "', expected " + expected);
    }
  }

  const json& object_;
  std::string where_;
  const std::string& file_;
  std::set<std::string, std::less<>> known_;  // keys asked for so far
};

// The parameters of type number `index` of the variant, default-constructed.
template <std::size_t index = 0>
bool make_params(std::string_view type, LayerParams& params) {
  if constexpr (index < std::variant_size_v<LayerParams>) {
    params.emplace<index>();
    return type_name(params) == type || make_params<index + 1>(type, params);
  } else {
    return false;
  }
}

Layer read_layer(const json& value, std::size_t number, const std::map<std::string, int>& earlier,
                 const std::string& file) {
  Layer layer;
  Reader reader(value, "layer " + std::to_string(number), file);
  std::string type;
  reader("name", layer.name);
  reader("type", type);
  for (const json& input : reader.array("inputs")) {
    const auto found = input.is_string() ? earlier.find(input.get<std::string>()) : earlier.end();
    reader.require(found != earlier.end(), in_quotes(layer.name) + " reads " +
                                               in_quotes(input.dump(-1, ' ', true)) +
                                               ", which is no earlier layer");
    layer.inputs.push_back(found->second);
  }
  reader.require(make_params(type, layer.params), "has the unknown type " + in_quotes(type));
  std::visit([&](auto& params) { fields(reader, params); }, layer.params);
  reader.finish();
  return layer;
}

}  // namespace

std::string_view to_string(InputKind kind) {
  return kInputKinds.at(static_cast<std::size_t>(kind));
}

std::string to_json(const NetworkSpec& network) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const Layer& layer : network.layers) {
    nlohmann::ordered_json object;
    object["name"] = layer.name;
    object["type"] = std::string(type_name(layer.params));
    object["inputs"] = nlohmann::ordered_json::array();
    for (const int input : layer.inputs) {
      object["inputs"].push_back(network.layers.at(static_cast<std::size_t>(input)).name);
    }
    Writer writer(object);
    LayerParams params = layer.params;
    std::visit([&](auto& p) { fields(writer, p); }, params);
    layers.push_back(std::move(object));
  }
  nlohmann::ordered_json root;
  root["name"] = network.name;
  root["time_steps"] = network.time_steps;
  root["layers"] = std::move(layers);
  return dump_json(root, "network " + in_quotes(network.name));
}

NetworkSpec network_from_json(std::string_view text, const std::string& file) {
  const json root = parse_json(text, file, 0, kMaxDepth);
  Reader reader(root, "network", file);
  NetworkSpec network;
  reader("name", network.name);
  reader("time_steps", network.time_steps);
  std::map<std::string, int> earlier;
  for (const json& value : reader.array("layers")) {
    const std::size_t number = network.layers.size();
    network.layers.push_back(read_layer(value, number, earlier, file));
    earlier.emplace(network.layers.back().name, static_cast<int>(number));
  }
  reader.finish();
  try {
    infer(network);
  } catch (const ShapeError& error) {
    throw FormatError(file, 0, error.what());
  }
  return network;
}

}  // namespace trispike::model
