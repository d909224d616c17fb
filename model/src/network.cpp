// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Validation of a network's graph and shape inference, layer by layer.
#include "trispike/model/network.h"

#include <array>
#include <cmath>
#include <set>

#include "src/text.h"
#include "trispike/model/error.h"
#include "trispike/model/tensor.h"

namespace trispike::model {
namespace {

// Limits that keep every count within 64 bits and a hostile file from asking for absurd memory.
// They lie far beyond any real network: a full resnet34 at 224x224 has 2^24 neurons and 2^32
// operations.
constexpr std::int64_t kMaxDimension = 65536;
constexpr std::size_t kMaxLayers = 10000;
constexpr int kMaxTimeSteps = 1024;
constexpr std::int64_t kMaxMapElements = std::int64_t{1} << 28;
constexpr std::int64_t kMaxTotalMapElements = std::int64_t{1} << 31;
constexpr std::int64_t kMaxWeightElements = std::int64_t{1} << 40;
constexpr std::int64_t kMaxMacs = std::int64_t{1} << 48;
constexpr std::size_t kMaxNameLength = 200;

constexpr std::array<std::string_view, 9> kTypeNames{"input",           "conv",   "batch_norm",
                                                     "neuron",          "add",    "avg_pool",
                                                     "global_avg_pool", "linear", "scale"};
static_assert(kTypeNames.size() == std::variant_size_v<LayerParams>);

std::string map_string(const MapShape& shape) {
  return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
         std::to_string(shape.width);
}

// The product of positive factors, or -1 where it exceeds `limit`.
std::int64_t product(std::initializer_list<std::int64_t> factors, std::int64_t limit) {
  std::int64_t result = 1;
  for (const std::int64_t factor : factors) {
    if (factor > limit / result) return -1;
    result *= factor;
  }
  return result;
}

// Infers one layer from the maps it reads.
class LayerInference {
 public:
  LayerInference(const NetworkSpec& network, const Layer& layer, std::vector<MapShape> inputs)
      : network_(network), layer_(layer), inputs_(std::move(inputs)) {}

  LayerInfo infer() {
    std::visit([this](const auto& params) { (*this)(params); }, layer_.params);
    check_dimension(info_.shape.channels, "output channels");
    check_dimension(info_.shape.height, "output height");
    check_dimension(info_.shape.width, "output width");
    require(
        product({info_.shape.channels, info_.shape.height, info_.shape.width}, kMaxMapElements) > 0,
        "its output " + map_string(info_.shape) + " has more than 2^28 elements");
    return std::move(info_);
  }

 private:
  void operator()(const InputLayer& input) { info_.shape = input.shape; }

  void operator()(const ConvLayer& conv) {
    check_dimension(conv.in_channels, "in_channels");
    check_dimension(conv.out_channels, "out_channels");
    check_window(conv.kernel, conv.stride);
    require(conv.padding >= 0 && conv.padding < conv.kernel,
            "padding is " + std::to_string(conv.padding) + ", expected 0 <= padding < kernel " +
                std::to_string(conv.kernel));
    check_channels(conv.in_channels);
    info_.shape = {conv.out_channels,
                   windows(inputs_[0].height, conv.kernel, conv.stride, conv.padding, false),
                   windows(inputs_[0].width, conv.kernel, conv.stride, conv.padding, false)};
    add_tensor("weight", {conv.out_channels, conv.in_channels, conv.kernel, conv.kernel});
    if (conv.bias) add_tensor("bias", {conv.out_channels});
    set_macs({info_.shape.height, info_.shape.width, conv.out_channels, conv.in_channels,
              conv.kernel, conv.kernel});
  }

  void operator()(const BatchNormLayer& norm) {
    check_channels(norm.channels);
    check_positive(norm.scale, "scale");
    check_positive(norm.eps, "eps");
    require(norm.momentum > 0 && norm.momentum <= 1,
            "momentum is " + number(norm.momentum) + ", expected a number in (0, 1]");
    info_.shape = inputs_[0];
    add_tensor("weight", {norm.channels});
    add_tensor("bias", {norm.channels});
    add_tensor("running_mean", {norm.channels}, false);
    add_tensor("running_var", {norm.channels}, false);
  }

  void operator()(const NeuronLayer& neuron) {
    try {
      validate(neuron.neuron);
    } catch (const ConfigError& error) {
      throw ShapeError(layer_.name, error.what());
    }
    const NeuronKindInfo& kind = model::info(neuron.neuron.kind);
    require(kind.spiking || network_.time_steps == 1, "neuron kind '" + std::string(kind.name) +
                                                          "' works with 1 time step only, not " +
                                                          std::to_string(network_.time_steps));
    info_.shape = inputs_[0];
    if (kind.trainable_amplitude) {
      info_.tensors.push_back({layer_.name + ".amplitude", {1}, true});
      info_.amplitudes = 1;
    }
    if (neuron.neuron.trainable_threshold) {
      info_.tensors.push_back({layer_.name + ".threshold", {1}, true});
    }
  }

  void operator()(const AddLayer&) {
    require(inputs_[0] == inputs_[1], "cannot add maps of different shapes, " +
                                          map_string(inputs_[0]) + " and " +
                                          map_string(inputs_[1]));
    info_.shape = inputs_[0];
  }

  void operator()(const AvgPoolLayer& pool) {
    check_window(pool.kernel, pool.stride);
    require(pool.padding >= 0 && pool.padding <= pool.kernel / 2,
            "padding is " + std::to_string(pool.padding) +
                ", expected at least 0 and at most half the kernel " + std::to_string(pool.kernel));
    info_.shape = {
        inputs_[0].channels,
        windows(inputs_[0].height, pool.kernel, pool.stride, pool.padding, pool.ceil_mode),
        windows(inputs_[0].width, pool.kernel, pool.stride, pool.padding, pool.ceil_mode)};
  }

  void operator()(const GlobalAvgPoolLayer&) { info_.shape = {inputs_[0].channels, 1, 1}; }

  void operator()(const LinearLayer& linear) {
    require(linear.in_features == inputs_[0].elements(),
            "in_features is " + std::to_string(linear.in_features) + ", but its input " +
                map_string(inputs_[0]) + " has " + std::to_string(inputs_[0].elements()) +
                " elements");
    check_dimension(linear.out_features, "out_features");
    info_.shape = {linear.out_features, 1, 1};
    add_tensor("weight", {linear.out_features, linear.in_features});
    if (linear.bias) add_tensor("bias", {linear.out_features});
    set_macs({linear.out_features, linear.in_features});
  }

  void operator()(const ScaleLayer& scale) {
    check_channels(scale.channels);
    info_.shape = inputs_[0];
    add_tensor("weight", {scale.channels});
    set_macs({info_.shape.channels, info_.shape.height, info_.shape.width});
  }

  // Number of positions of a sliding window. In ceil mode the last one may reach over the end, but
  // must start inside the map or its left padding: so every window covers at least one cell of the
  // map.
  std::int64_t windows(std::int64_t size, std::int64_t kernel, std::int64_t stride,
                       std::int64_t padding, bool ceil_mode) const {
    const std::int64_t room = size + 2 * padding - kernel;
    if (!ceil_mode) {
      require(room >= 0, "the map " + map_string(inputs_[0]) + " is too small for a " +
                             std::to_string(kernel) + "x" + std::to_string(kernel) +
                             " window with padding " + std::to_string(padding));
      return room / stride + 1;
    }
    const std::int64_t positions = room <= 0 ? 1 : (room + stride - 1) / stride + 1;
    return (positions - 1) * stride < size + padding ? positions : positions - 1;
  }

  void add_tensor(const char* role, std::vector<std::int64_t> shape, bool trainable = true) {
    std::int64_t elements = 1;
    for (const std::int64_t size : shape) {
      elements = product({elements, size}, kMaxWeightElements);
      require(elements > 0,
              std::string(role) + " " + shape_string(shape) + " has more than 2^40 elements");
    }
    if (trainable) info_.parameters += elements;
    info_.tensors.push_back({layer_.name + "." + role, std::move(shape), trainable});
  }

  void set_macs(std::initializer_list<std::int64_t> factors) {
    info_.dense_macs = product(factors, kMaxMacs);
    require(info_.dense_macs > 0, "it has more than 2^48 multiply-accumulates per time step");
  }

  void check_window(std::int64_t kernel, std::int64_t stride) const {
    check_dimension(kernel, "kernel");
    check_dimension(stride, "stride");
  }

  void check_channels(std::int64_t channels) const {
    require(channels == inputs_[0].channels, "is made for " + std::to_string(channels) +
                                                 " channels, but its input has " +
                                                 std::to_string(inputs_[0].channels));
  }

  void check_dimension(std::int64_t value, const char* what) const {
    require(value >= 1 && value <= kMaxDimension, std::string(what) + " is " +
                                                      std::to_string(value) + ", expected 1 to " +
                                                      std::to_string(kMaxDimension));
  }

  void check_positive(double value, const char* what) const {
    require(std::isfinite(value) && value > 0,
            std::string(what) + " is " + number(value) + ", expected a finite number > 0");
  }

  void require(bool ok, const std::string& message) const {
    if (!ok) throw ShapeError(layer_.name, message);
  }

  const NetworkSpec& network_;
  const Layer& layer_;
  std::vector<MapShape> inputs_;
  LayerInfo info_;
};

std::size_t arity(const LayerParams& params) {
  if (std::holds_alternative<InputLayer>(params)) return 0;
  return std::holds_alternative<AddLayer>(params) ? 2 : 1;
}

bool valid_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
  return !name.empty() && name.size() <= kMaxNameLength &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

void check_network(const NetworkSpec& network) {
  const auto require = [](bool ok, const std::string& message) {
    if (!ok) throw ShapeError("network", message);
  };
  require(network.time_steps >= 1 && network.time_steps <= kMaxTimeSteps,
          "time_steps is " + std::to_string(network.time_steps) + ", expected 1 to " +
              std::to_string(kMaxTimeSteps));
  require(!network.layers.empty() && network.layers.size() <= kMaxLayers,
          "it has " + std::to_string(network.layers.size()) + " layers, expected 1 to " +
              std::to_string(kMaxLayers));
}

// Names, types and edges: everything that needs no shapes.
void check_graph(const NetworkSpec& network) {
  std::set<std::string_view> names;
  std::vector<bool> used(network.layers.size(), false);
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    const std::string type(type_name(layer.params));
    if (!valid_name(layer.name)) {
      throw ShapeError(std::to_string(i), "its name " + in_quotes(layer.name) +
                                              " is not of 1 to 200 characters a-z, 0-9, _ and .");
    }
    if (!names.insert(layer.name).second) {
      throw ShapeError(layer.name, "the name is taken by an earlier layer");
    }
    if ((i == 0) != std::holds_alternative<InputLayer>(layer.params)) {
      throw ShapeError(layer.name, i == 0 ? "the first layer must be the input, not " + type
                                          : "only the first layer may be an input");
    }
    if (layer.inputs.size() != arity(layer.params)) {
      throw ShapeError(layer.name, "a layer of type " + type + " reads " +
                                       std::to_string(arity(layer.params)) + " inputs, not " +
                                       std::to_string(layer.inputs.size()));
    }
    for (const int input : layer.inputs) {
      if (input < 0 || static_cast<std::size_t>(input) >= i) {
        throw ShapeError(layer.name, "reads layer number " + std::to_string(input) +
                                         ", expected an earlier one, 0 to " +
                                         std::to_string(i - 1));
      }
      used[static_cast<std::size_t>(input)] = true;
    }
  }
  for (std::size_t i = 0; i + 1 < network.layers.size(); ++i) {
    if (!used[i]) throw ShapeError(network.layers[i].name, "no later layer reads it");
  }
}

}  // namespace

std::string_view type_name(const LayerParams& params) { return kTypeNames[params.index()]; }

std::int64_t NetworkSpec::num_classes() const { return infer(*this).back().shape.channels; }

int NetworkSpec::find(std::string_view layer_name) const {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == layer_name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<LayerInfo> infer(const NetworkSpec& network) {
  check_network(network);
  check_graph(network);
  std::vector<LayerInfo> infos;
  infos.reserve(network.layers.size());
  std::int64_t total_elements = 0;
  for (const Layer& layer : network.layers) {
    std::vector<MapShape> inputs;
    for (const int input : layer.inputs) {
      inputs.push_back(infos[static_cast<std::size_t>(input)].shape);
    }
    infos.push_back(LayerInference(network, layer, std::move(inputs)).infer());
    total_elements += infos.back().shape.elements();
    if (total_elements > kMaxTotalMapElements) {
      throw ShapeError(layer.name, "the maps up to here have more than 2^31 elements together");
    }
  }
  const MapShape& logits = infos.back().shape;
  if (logits.height != 1 || logits.width != 1) {
    throw ShapeError(
        network.layers.back().name,
        "the last layer must give one vector of logits, not a map " + map_string(logits));
  }
  return infos;
}

}  // namespace trispike::model
