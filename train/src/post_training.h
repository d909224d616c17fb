// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The usual post-training quantisation of a network of ReLUs (the ANN twin), simulated in floating
// point: weights and activations take the values that integers would stand for.
#pragma once

#include <cstdint>
#include <vector>

#include "src/network.h"
#include "trispike/data/loader.h"
#include "trispike/model/model_data.h"

namespace trispike::train {

/// The weights of convolutions and linear layers rounded per output channel to whole multiples of
/// max|w| / (2^(bits-1) - 1). A batch norm behind a convolution multiplies each channel by one
/// number, so that folded weights would be rounded to the same integers. `bits` in [2, 8]; throws
/// ConfigError.
model::ModelData with_rounded_weights(model::ModelData trained, int bits);

/// How often activations had which value > 0.
class ActivationHistogram {
 public:
  static constexpr int kBins = 2048;

  /// Bins divide [0, largest].
  explicit ActivationHistogram(double largest) : largest_(largest), counts_(kBins) {}

  void add(const at::Tensor& activations);
  /// The step of the integers 0 to 2^bits - 1 with the least mean squared error, what lies beyond
  /// being clipped; out of 128 ranges up to the largest value. 1 if all are 0.
  double step(int bits) const;

 private:
  double largest_;
  std::vector<double> counts_;
};

/// The steps of a network's neuron layers, in execution order, from the samples of `pictures`,
/// which is read twice. `bits` in [1, 16]; throws ConfigError, also if a layer is no ReLU.
std::vector<double> activation_steps(const Network& network, const data::Dataset& pictures,
                                     const data::LoaderOptions& loading, int bits);

/// max(0, x) as the nearest of the integers 0 to 2^bits - 1, ties to even, times `step`.
at::Tensor rounded_activation(const at::Tensor& activation, double step, int bits);

}  // namespace trispike::train
