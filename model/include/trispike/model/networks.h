// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The architectures: one builder and one file each (model/networks/), one line each in
// `networks()`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "trispike/model/network.h"

namespace trispike::model {

struct NetworkOptions {
  std::int64_t width = 0;        ///< channels of the first stage; 0 = the network's own default
  int time_steps = 2;            ///< must be 1 for the ANN twin (neuron kind relu)
  std::int64_t num_classes = 0;  ///< 0 = the network's own default
  MapShape input{0, 0, 0};       ///< {channels, height, width}; zeros = the network's own default
  InputKind input_kind = InputKind::kStatic;
  NeuronSpec neuron{};
  bool zero_init_last_norm = false;     ///< the last norm of each block starts with weight 0
  bool stem_norm_per_time_step = true;  ///< the stem's batch statistics are those of one time step
  double norm_scale = 1.0;  ///< BatchNormLayer::scale of every norm (tdBN: alpha * V_th)
};

struct NetworkEntry {
  std::string_view name;
  std::string_view summary;
  std::int64_t default_width;
  std::int64_t default_classes;
  MapShape default_input;
  NetworkSpec (*build)(const NetworkOptions&);  ///< options with all defaults filled in
};

std::span<const NetworkEntry> networks();

/// Builds and validates. Throws ConfigError ("network.name", "network.width", ...) or ShapeError.
NetworkSpec build_network(std::string_view name, const NetworkOptions& options);

}  // namespace trispike::model
