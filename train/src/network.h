// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A NetworkSpec as LibTorch parameters and a forward pass over all time steps.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trispike/model/model_data.h"
#include "trispike/model/network.h"

namespace trispike::train {

struct Parameter {
  std::string name;     ///< `<layer>.<role>`
  at::Tensor tensor;    ///< leaf that requires a gradient
  bool decays = false;  ///< weight decay applies: convolution and linear weights
  std::optional<double> lowest = std::nullopt;  ///< updates end here; none: they may go anywhere
};

struct ForwardOptions {
  bool training = false;  ///< batch statistics; gradients if grad mode is on
  bool fused = true;      ///< the kernels instead of the op-by-op reference
  /// Type of the activations and of copies of the weights; neurons compute in float32 or float64.
  /// None: the weights' own.
  std::optional<at::ScalarType> maps = std::nullopt;
  bool pack_spikes = true;  ///< backward keeps two bits of each; only with `fused`, on the CPU
  /// Stretches of so many neuron layers are computed again in backward instead of kept: up to
  /// a third more time, memory for one stretch. Same gradients; with `fused` bit for bit, but in
  /// float32 up to rounding, since no convolution is computed by events then. 0: none. Not with
  /// record_spikes.
  int recompute = 0;
  bool record_spikes = false;
  /// In evaluation of a network of ReLUs: integers of so many bits at each neuron layer, times
  /// `activation_steps` (in execution order). 0: as they are.
  int activation_bits = 0;
  std::vector<double> activation_steps = {};
  /// Convolutions and linear layers multiply with weights rounded to it; null: with their own.
  const class WeightGrid* grid = nullptr;
  class Communicator* group = nullptr;  ///< batch statistics over its ranks; null: this one's
};

struct ForwardResult {
  at::Tensor logits;                     ///< [N, classes], mean over the time steps
  std::vector<at::Tensor> firing_rates;  ///< scalar per neuron layer, in execution order
  std::vector<at::Tensor> spikes;        ///< [T*N, C, H, W] with amplitude, if recorded
};

class Network {
 public:
  /// Freshly initialised: convolutions N(0, 2 / (k^2 out)), linear weights N(0, 1 / in^2), norms 1
  /// and 0, amplitudes 1 (the authors' initialisation), thresholds the spec's. `dtype` is float32
  /// or float64. The values do not depend on the device.
  Network(model::NetworkSpec spec, std::uint64_t seed, at::ScalarType dtype = at::kFloat,
          at::Device device = at::kCPU);
  /// With the weights of a model of stage `trained`.
  explicit Network(const model::ModelData& data, at::ScalarType dtype = at::kFloat,
                   at::Device device = at::kCPU);

  /// `input`, on the network's device, is [N, C, H, W] for static networks, [N, T, C, H, W] for
  /// frames.
  ForwardResult forward(const at::Tensor& input, const ForwardOptions& options) const;

  const model::NetworkSpec& spec() const { return spec_; }
  at::Device device() const { return device_; }
  std::vector<Parameter>& parameters() { return parameters_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// Neuron layers in execution order: index into spec().layers.
  const std::vector<int>& neuron_layers() const { return neuron_layers_; }
  /// Elements of one sample's map at one time step, per neuron layer.
  const std::vector<std::int64_t>& neuron_counts() const { return neuron_counts_; }
  /// A layer's own tensor, which must be there: `weight`, `amplitude`, ...
  const at::Tensor& tensor(int layer, const char* role) const;
  bool has(int layer, const char* role) const;

  /// Parameters and running statistics themselves, in one order on all machines.
  std::vector<at::Tensor> state() const;
  /// Copies all tensors, running statistics included, out of (in the order of state()) and into the
  /// network.
  model::TensorMap tensors() const;
  void load(const model::TensorMap& tensors);

 private:
  struct Fusion {       ///< what a neuron layer computes together with
    int norm = -1;      ///< its batch norm
    int residual = -1;  ///< the other operand of the sum in front
    int current = -1;   ///< the layer whose output is the input current (before the norm)
  };
  void plan();
  struct NormState norm_state(int layer) const;
  struct Run;         ///< one forward pass
  struct Stretch;     ///< layers that backward computes again
  struct Recomputed;  ///< those as one differentiable operation
  void run_recomputed(Run& run, int first, int last) const;

  model::NetworkSpec spec_;
  at::ScalarType dtype_;
  at::Device device_;
  std::vector<Parameter> parameters_;
  std::map<std::string, at::Tensor, std::less<>> buffers_;
  std::map<std::string, at::Tensor, std::less<>> by_name_;  ///< parameters and buffers
  std::vector<Fusion> fusions_;                             ///< per layer; only neurons have one
  std::vector<bool> absorbed_;                              ///< layers done inside a neuron layer
  std::vector<int> last_reader_;                            ///< per layer; -1: nobody
  std::vector<int> neuron_layers_;
  std::vector<std::int64_t> neuron_counts_;
};

/// A tensor of the model as LibTorch's, and back (F32, F64, BF16, I64).
at::Tensor to_torch(const model::Tensor& tensor);
model::Tensor from_torch(const at::Tensor& tensor);
/// Copies the tensor called `name` out of a checkpoint's extra tensors, which nobody has looked at.
/// Throws Error naming it if it is missing, of another shape or type than `to`, or not finite.
void restore(const at::Tensor& to, const std::string& name, const model::TensorMap& in);

}  // namespace trispike::train
