// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The list of architectures.
#include "trispike/model/networks.h"

#include <array>
#include <cmath>
#include <vector>

#include "networks/resnet.h"
#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

constexpr std::array<NetworkEntry, 5> kNetworks{{
    {"resnet20",
     "CIFAR, the paper's modified one: three-layer stem, stages [2,2,2,2]",
     64,
     10,
     {3, 32, 32},
     build_resnet20},
    {"resnet19", "CIFAR, wide: stages [3,3,2]", 128, 10, {3, 32, 32}, build_resnet19},
    {"resnet18", "ImageNet: stages [2,2,2,2]", 64, 1000, {3, 224, 224}, build_resnet18},
    {"resnet34", "ImageNet: stages [3,4,6,3]", 64, 1000, {3, 224, 224}, build_resnet34},
    {"resnet8",
     "small: 3 stages of one block, for 28x28 and 8x8 images",
     16,
     10,
     {1, 28, 28},
     build_resnet8},
}};

// A default where the option is 0; otherwise within reason. Exact limits are shape inference's
// matter.
std::int64_t filled(std::int64_t value, std::int64_t fallback, const char* key) {
  constexpr std::int64_t kMax = 65536;
  if (value < 0 || value > kMax) {
    throw ConfigError(key, "is " + std::to_string(value) + ", expected 1 to " +
                               std::to_string(kMax) + ", or 0 for the network's own default");
  }
  return value == 0 ? fallback : value;
}

const NetworkEntry& find_network(std::string_view name) {
  std::vector<std::string_view> names;
  for (const NetworkEntry& entry : kNetworks) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw ConfigError("network.name",
                    "unknown network " + in_quotes(name) + "; expected one of " + joined(names));
}

}  // namespace

std::span<const NetworkEntry> networks() { return kNetworks; }

NetworkSpec build_network(std::string_view name, const NetworkOptions& options) {
  const NetworkEntry& entry = find_network(name);
  NetworkOptions complete = options;
  complete.width = filled(options.width, entry.default_width, "network.width");
  complete.num_classes = filled(options.num_classes, entry.default_classes, "network.num_classes");
  const MapShape& input = entry.default_input;
  complete.input = {filled(options.input.channels, input.channels, "network.in_channels"),
                    filled(options.input.height, input.height, "network.input_height"),
                    filled(options.input.width, input.width, "network.input_width")};
  validate(options.neuron);
  if (!info(options.neuron.kind).spiking && options.time_steps != 1) {
    throw ConfigError("network.time_steps",
                      "is " + std::to_string(options.time_steps) + ", but neuron kind " +
                          in_quotes(to_string(options.neuron.kind)) + " needs 1");
  }
  if (options.time_steps < 1 || options.time_steps > 1024) {
    throw ConfigError("network.time_steps",
                      "is " + std::to_string(options.time_steps) + ", expected 1 to 1024");
  }
  if (!std::isfinite(options.norm_scale) || options.norm_scale <= 0) {
    throw ConfigError("network.norm_scale",
                      "is " + number(options.norm_scale) + ", expected a finite number > 0");
  }
  NetworkSpec network = entry.build(complete);
  infer(network);
  return network;
}

}  // namespace trispike::model
