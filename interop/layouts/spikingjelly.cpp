// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The names of SpikingJelly's spiking_resnet, which are those of torchvision's ResNet with `sn` for
// neurons. A stem of several convolutions is a sequence called `conv1` there, as a shortcut is one
// called `downsample`; an amplitude is a parameter of the neuron, `amplitude`.
#include "layouts/spikingjelly.h"

#include <map>

#include "layouts/resnet_names.h"

namespace trispike::interop {
namespace {

std::optional<std::string> stem_name(const ResNetLayer& layer) {
  static const std::map<std::string_view, int> kPlaces{{"conv", 0}, {"norm", 1}, {"neuron", 2}};
  const auto place = kPlaces.find(layer.role);
  if (place == kPlaces.end()) return std::nullopt;
  if (!layer.only_stem) return "conv1." + std::to_string(3 * layer.stem + place->second);
  static constexpr const char* kNames[] = {"conv1", "bn1", "sn1"};
  return kNames[place->second];
}

std::optional<std::string> block_name(const ResNetLayer& layer) {
  static const std::map<std::string_view, std::string_view> kNames{
      {"conv1", "conv1"}, {"norm1", "bn1"}, {"neuron1", "sn1"},
      {"conv2", "conv2"}, {"norm2", "bn2"}, {"neuron2", "sn2"}};
  const std::string block = "layer" + layer.stage + "." + layer.block + ".";
  const int first = layer.pooled ? 1 : 0;
  if (layer.role == "shortcut.conv") return block + "downsample." + std::to_string(first);
  if (layer.role == "shortcut.norm") return block + "downsample." + std::to_string(first + 1);
  const auto name = kNames.find(layer.role);
  if (name == kNames.end()) return std::nullopt;
  return block + std::string(name->second);
}

}  // namespace

std::vector<ForeignTensor> spikingjelly_tensors(const model::NetworkSpec& network) {
  return resnet_tensors(network, "spikingjelly", {stem_name, block_name, "fc"}, "amplitude");
}

}  // namespace trispike::interop
