// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A network as data: a graph of typed layers. Training instantiates it, folding rewrites it, the
// runtime plans and executes it, analysis counts on it, the command line prints it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trispike/model/neuron.h"

namespace trispike::model {

/// Size of one sample's feature map at one time step. A vector is {features, 1, 1}.
struct MapShape {
  std::int64_t channels = 0;
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t elements() const { return channels * height * width; }
  bool operator==(const MapShape&) const = default;
};

/// What the network is shown.
enum class InputKind {
  kStatic,  ///< one image, the same at every time step (direct coding)
  kFrames,  ///< one map of real numbers per time step
  kEvents   ///< one map per time step: how many events came, whole numbers >= 0. Only adds.
};
std::string_view to_string(InputKind kind);  ///< "static", "frames", "events"

struct InputLayer {
  MapShape shape;
  InputKind kind = InputKind::kStatic;
  bool operator==(const InputLayer&) const = default;
};

/// Square kernel, zero padding. Tensors: `weight` [out, in, k, k], `bias` [out] if `bias`.
struct ConvLayer {
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  std::int64_t padding = 1;
  bool bias = false;
  bool operator==(const ConvLayer&) const = default;
};

/// Batch norm over the samples and positions of all time steps together, or of each time step alone
/// (`per_time_step`; one set of running statistics either way, moved T times a forward in the
/// second case). Tensors: `weight`, `bias`, `running_mean`, `running_var`, each [channels].
struct BatchNormLayer {
  std::int64_t channels = 0;
  bool per_time_step = false;
  bool zero_init = false;  ///< training starts with weight 0 instead of 1
  double scale = 1.0;      ///< constant factor on the normalised value (tdBN: alpha * V_th)
  double eps = 1e-5;
  double momentum = 0.1;
  bool operator==(const BatchNormLayer&) const = default;
};

/// Charge, fire, reset. Tensors: `amplitude` [1] if the kind has a trainable one, `threshold` [1]
/// if the neuron's is trainable.
struct NeuronLayer {
  NeuronSpec neuron;
  bool operator==(const NeuronLayer&) const = default;
};

/// Sum of two maps of one shape.
struct AddLayer {
  bool operator==(const AddLayer&) const = default;
};

struct AvgPoolLayer {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
  bool ceil_mode = false;
  /// True: always divide by kernel^2. False: by the cells inside the map, as at a border in ceil
  /// mode.
  bool count_padding = false;
  bool operator==(const AvgPoolLayer&) const = default;
};

/// Mean over all positions: {C, H, W} to {C, 1, 1}.
struct GlobalAvgPoolLayer {
  bool operator==(const GlobalAvgPoolLayer&) const = default;
};

/// Reads its input as one vector (channel-major). Tensors: `weight` [out, in], `bias` [out] if
/// `bias`.
struct LinearLayer {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
  bool bias = true;
  bool operator==(const LinearLayer&) const = default;
};

/// One constant per channel: what folding makes of an identity shortcut. Tensor: `weight`
/// [channels].
struct ScaleLayer {
  std::int64_t channels = 0;
  bool operator==(const ScaleLayer&) const = default;
};

using LayerParams = std::variant<InputLayer, ConvLayer, BatchNormLayer, NeuronLayer, AddLayer,
                                 AvgPoolLayer, GlobalAvgPoolLayer, LinearLayer, ScaleLayer>;

struct Layer {
  std::string name;  ///< unique, `[a-z0-9_.]+`; its tensors are `<name>.weight` and so on
  std::vector<int>
      inputs;  ///< indices of earlier layers: none for the input, two for Add, else one
  LayerParams params;
  bool operator==(const Layer&) const = default;
};

/// Layers in execution order. Layer 0 is the input, the last one gives the logits of a time step;
/// the network's answer is their mean over the time steps.
struct NetworkSpec {
  std::string name;
  int time_steps = 1;
  std::vector<Layer> layers;

  const InputLayer& input() const { return std::get<InputLayer>(layers.front().params); }
  std::int64_t num_classes() const;
  /// Index of the layer called `name`; -1 if there is none.
  int find(std::string_view name) const;
  bool operator==(const NetworkSpec&) const = default;
};

/// A tensor that a layer owns.
struct TensorSpec {
  std::string name;  ///< `<layer>.<role>`
  std::vector<std::int64_t> shape;
  bool trainable = true;  ///< false: running statistics
};

/// What shape inference finds out about one layer.
struct LayerInfo {
  MapShape shape;                   ///< of its output
  std::vector<TensorSpec> tensors;  ///< in the order of the authors' state dict
  std::int64_t parameters = 0;      ///< trainable numbers, amplitudes and thresholds not counted
  std::int64_t amplitudes = 0;      ///< trainable amplitudes
  std::int64_t dense_macs =
      0;  ///< multiply-accumulates for one sample and time step if nothing is zero
};

/// Checks the graph (indices, names, arity, shapes, ranges) and infers each layer's output shape
/// and tensors. Throws ShapeError naming the layer.
std::vector<LayerInfo> infer(const NetworkSpec& network);

/// Name of a layer's type as in model files: "conv", "batch_norm", "neuron", ...
std::string_view type_name(const LayerParams& params);

/// JSON as stored in model files (docs/file-format.md). `from_json` validates: it throws
/// FormatError on anything unknown, missing or out of range and never allocates more than the text
/// justifies.
std::string to_json(const NetworkSpec& network);
NetworkSpec network_from_json(std::string_view text, const std::string& file = "network");

}  // namespace trispike::model
