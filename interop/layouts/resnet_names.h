// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What our residual networks call their layers, taken apart, for layouts that name them otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/interop/layouts.h"

namespace trispike::interop {

/// One layer of a residual network that has tensors (or could have, such as neurons).
struct ResNetLayer {
  enum class Part { kStem, kBlock, kHead };
  Part part = Part::kHead;
  int stem = 0;           ///< number of the stem's convolution, from 0
  bool only_stem = true;  ///< the stem has one convolution
  std::string stage;      ///< "1" to "4"
  std::string block;      ///< number within the stage, from 0
  bool pooled = false;    ///< the block's shortcut begins with a pool
  std::string role;       ///< "conv", "norm1", "shortcut.conv", ...: the rest of the name
};

/// A module's name in the other program; none if it has no counterpart.
using ModuleName = std::optional<std::string>(const ResNetLayer& layer);

/// The names of a program: one function or constant for each part.
struct ModuleNames {
  ModuleName* stem;
  ModuleName* block;
  std::string_view head;
};

/// The tensors of a network under those names: `<module>.weight`, `.bias`,
/// `.running_mean`, `.running_var`, and the amplitude, a scalar there, as `.<amplitude>`.
std::vector<ForeignTensor> resnet_tensors(const model::NetworkSpec& network,
                                          std::string_view layout, const ModuleNames& modules,
                                          std::string_view amplitude);

/// Counters of batch norms have no influence on what is computed afterwards.
bool is_batch_counter(std::string_view name);

}  // namespace trispike::interop
