// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The state dict of the authors' networks, as `SpikeModel(...).state_dict()` gives it. Each module
// is wrapped there: convolutions and block norms in one that calls them `pool` and `bn`, stem
// norms and the classifier in one that calls them `conv`.
#include "layouts/official.h"

#include <array>
#include <map>

#include "layouts/resnet_names.h"
#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

std::optional<std::string> find(const std::map<std::string_view, std::string_view>& names,
                                const std::string& role) {
  const auto found = names.find(role);
  if (found == names.end()) return std::nullopt;
  return std::string(found->second);
}

// One convolution: modules of their own. Several: one sequence of convolution, norm, neuron, ...
std::optional<std::string> stem_name(const ResNetLayer& layer) {
  if (layer.only_stem) {
    return find(
        {{"conv", "model.conv1.pool"}, {"norm", "model.bn1.conv"}, {"neuron", "model.relu"}},
        layer.role);
  }
  const std::string sequence = "model.conv1.";
  const int first = 3 * layer.stem;
  if (layer.role == "conv") return sequence + std::to_string(first) + ".pool";
  if (layer.role == "norm") return sequence + std::to_string(first + 1) + ".conv";
  if (layer.role == "neuron") return sequence + std::to_string(first + 2);
  return std::nullopt;
}

// The shortcut is a sequence too: pool (if there is one), convolution, norm.
std::optional<std::string> block_name(const ResNetLayer& layer) {
  const std::string block = "model.layer" + layer.stage + "." + layer.block + ".";
  const int first = layer.pooled ? 1 : 0;
  if (layer.role == "shortcut.conv") {
    return block + "downsample." + std::to_string(first) + ".pool";
  }
  if (layer.role == "shortcut.norm") {
    return block + "downsample." + std::to_string(first + 1) + ".bn";
  }
  const auto name = find({{"conv1", "conv1.pool"},
                          {"norm1", "bn1.bn"},
                          {"neuron1", "relu1"},
                          {"conv2", "conv2.pool"},
                          {"norm2", "bn2.bn"},
                          {"neuron2", "output_act"}},
                         layer.role);
  if (!name) return std::nullopt;
  return block + *name;
}

}  // namespace

std::vector<ForeignTensor> official_tensors(const model::NetworkSpec& network) {
  return resnet_tensors(network, "official", {stem_name, block_name, "model.fc.conv"},
                        "fire_ratio");
}

bool official_accepts_extra(const std::string& name, const model::Tensor& tensor) {
  if (is_batch_counter(name)) return false;
  // Factors that the authors' code has or had in comments. As ones they change nothing.
  struct Factor {
    std::string_view ending, advice;
  };
  static constexpr std::array<Factor, 3> kFactors{{
      {".fire_ratio", "an amplitude: import it with --spikes trainable"},
      {".V_th", "a trained threshold, which cannot be imported"},
      {"model.scale", "a factor per feature before the classifier, which cannot be imported"},
  }};
  for (const Factor& factor : kFactors) {
    if (!name.ends_with(factor.ending)) continue;
    for (const double value : tensor.to_double()) {
      if (value == 1) continue;
      throw Error("tensor " + in_quotes(name) + " holds " + std::to_string(value) +
                  ", expected only ones: it is " + std::string(factor.advice));
    }
  }
  return true;
}

}  // namespace trispike::interop
