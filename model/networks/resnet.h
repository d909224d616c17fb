// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What the residual networks have in common: stem, stages of basic blocks, head.
#pragma once

#include <string>

#include "trispike/model/networks.h"

namespace trispike::model {

/// How the shortcut of a block that changes size reaches the new one. Either way conv1x1 and norm
/// follow.
enum class Downsampling {
  kPool,   ///< average pool by the stride, each cell the mean of what it really covers; conv stride
           ///< 1
  kStride  ///< conv1x1 with the stride
};

/// Appends layers in the order of the authors' state dict. Each call reads what the one before
/// gave.
class ResNetBuilder {
 public:
  ResNetBuilder(std::string name, const NetworkOptions& options);

  /// Convolution, norm, neuron: `stem.<number>.*`, numbered from 0.
  void stem(std::int64_t channels, std::int64_t kernel, std::int64_t stride);
  /// `stem.pool`
  void stem_pool(const AvgPoolLayer& pool);
  /// `blocks` basic blocks, `stage<number>.<block>.*`; the first one has the stride.
  void stage(int blocks, std::int64_t channels, std::int64_t stride, Downsampling downsampling);
  /// Global pooling and the classifier: `pool`, `head`.
  NetworkSpec finish();

 private:
  int append(const std::string& name, std::vector<int> inputs, const LayerParams& params);
  int conv(const std::string& name, int input, std::int64_t in_channels, std::int64_t out_channels,
           std::int64_t kernel, std::int64_t stride);
  int norm(const std::string& name, int input, std::int64_t channels, bool stem_norm,
           bool zero_init);
  void block(const std::string& name, std::int64_t channels, std::int64_t stride,
             Downsampling downsampling);

  NetworkOptions options_;
  NetworkSpec network_;
  int last_ = 0;               // layer that the next one reads
  std::int64_t channels_ = 0;  // of that layer
  int stems_ = 0;
  int stages_ = 0;
};

NetworkSpec build_resnet8(const NetworkOptions& options);
NetworkSpec build_resnet18(const NetworkOptions& options);
NetworkSpec build_resnet19(const NetworkOptions& options);
NetworkSpec build_resnet20(const NetworkOptions& options);
NetworkSpec build_resnet34(const NetworkOptions& options);

}  // namespace trispike::model
