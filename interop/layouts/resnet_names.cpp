// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "layouts/resnet_names.h"

#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using model::LayerInfo;
using model::NetworkSpec;
using model::TensorSpec;

constexpr std::string_view kStem = "stem.";
constexpr std::string_view kStage = "stage";

/// Up to the first dot; `rest` loses it and the dot.
std::string first_word(std::string_view& rest) {
  const std::size_t dot = std::min(rest.find('.'), rest.size());
  std::string word(rest.substr(0, dot));
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  return word;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() < 4 &&
         text.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<ResNetLayer> take_apart(const NetworkSpec& network, std::string_view name) {
  ResNetLayer layer;
  layer.role = name;
  if (name == "head") return layer;
  std::string_view rest = name;
  if (name.starts_with(kStem)) {
    rest.remove_prefix(kStem.size());
    const std::string number = first_word(rest);
    if (!is_number(number)) return std::nullopt;
    layer.part = ResNetLayer::Part::kStem;
    layer.stem = std::stoi(number);
    layer.only_stem = network.find("stem.1.conv") < 0;
  } else if (name.starts_with(kStage)) {
    rest.remove_prefix(kStage.size());
    layer.part = ResNetLayer::Part::kBlock;
    layer.stage = first_word(rest);
    layer.block = first_word(rest);
    if (!is_number(layer.stage) || !is_number(layer.block)) return std::nullopt;
    layer.pooled = network.find("stage" + layer.stage + "." + layer.block + ".shortcut.pool") >= 0;
  } else {
    return std::nullopt;
  }
  layer.role = rest;
  return layer;
}

std::optional<std::string> module_name(const ModuleNames& modules, const ResNetLayer& layer) {
  switch (layer.part) {
    case ResNetLayer::Part::kStem:
      return modules.stem(layer);
    case ResNetLayer::Part::kBlock:
      return modules.block(layer);
    case ResNetLayer::Part::kHead:
      return std::string(modules.head);
  }
  return std::nullopt;
}

}  // namespace

std::vector<ForeignTensor> resnet_tensors(const NetworkSpec& network, std::string_view layout,
                                          const ModuleNames& modules, std::string_view amplitude) {
  std::vector<ForeignTensor> tensors;
  const std::vector<LayerInfo> infos = model::infer(network);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (infos[i].tensors.empty()) continue;
    const std::string& layer = network.layers[i].name;
    const std::optional<ResNetLayer> parts = take_apart(network, layer);
    const std::optional<std::string> theirs = parts ? module_name(modules, *parts) : std::nullopt;
    if (!theirs) {
      throw Error("layer " + in_quotes(layer) + " has no counterpart in layout " +
                  in_quotes(layout));
    }
    for (const TensorSpec& tensor : infos[i].tensors) {
      const std::string role = tensor.name.substr(layer.size() + 1);
      if (role == "threshold") {
        throw Error("layer " + in_quotes(layer) +
                    " has a trained threshold of its own, for which " + "layout " +
                    in_quotes(layout) + " has no place");
      }
      const bool scalar = role == "amplitude";
      tensors.push_back({tensor.name, *theirs + "." + (scalar ? std::string(amplitude) : role),
                         tensor.shape, scalar ? std::vector<std::int64_t>{} : tensor.shape});
    }
  }
  return tensors;
}

bool is_batch_counter(std::string_view name) { return name.ends_with(".num_batches_tracked"); }

}  // namespace trispike::interop
