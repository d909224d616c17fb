// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Training with rounded weights: the grid on which `trispike export --arithmetic integer` will put
// them (model/src/quantise.cpp, docs/integer.md). Forward computes with weights on it, the gradient
// goes through the rounding as if it were not there (Bengio et al. 2013).
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <vector>

#include "src/network.h"

namespace trispike::train {

/// A layer's weights as forward multiplies with them.
struct GridWeight {
  at::Tensor weight;
  at::Tensor factor;  ///< [out]: the product is to be multiplied with it; undefined: it is not
};

class WeightGrid {
 public:
  /// `bits` is 6, 7 or 8. Throws ConfigError if integer arithmetic cannot run the network.
  WeightGrid(const Network& network, int bits);

  /// The real value of one unit of the integers, [out], of each convolution and linear layer (index
  /// into spec().layers), from the network's weights, norms' weights, running variances and
  /// amplitudes as they are now. Weights are integers within +-limit() times it.
  using Steps = std::map<int, at::Tensor>;
  Steps steps(const Network& network) const;

  double limit() const { return limit_; }

  /// `weight` [out, ...] on the grid. Where it is cast to another type for the product, it comes as
  /// integers times a power of two, which bfloat16 and float16 hold exactly, and the rest of the
  /// step, in [1, 2), as a factor.
  GridWeight round(const at::Tensor& weight, const at::Tensor& step, bool is_cast) const;

  /// A copy whose weights lie on the grid; all else is the same.
  Network rounded(const Network& network) const;

 private:
  struct Synapse {
    int layer;       ///< convolution or linear
    int norm;        ///< behind it; -1: none
    int source;      ///< neurons whose spikes it reads, or the input
    double divisor;  ///< of the pools in between
  };
  struct Membrane {
    std::vector<Synapse> synapses;
    bool one_scale;  ///< all channels have the same: the logits
  };
  at::Tensor gain(const Network& network, const Synapse& synapse) const;

  std::vector<Membrane> membranes_;
  double limit_;
};

/// y [N, C, H, W] times factor [C], float32 or float64, in the type of y.
at::Tensor scale_channels(const at::Tensor& y, const at::Tensor& factor);

}  // namespace trispike::train
