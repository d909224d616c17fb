// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The names that other programs give to the tensors of our networks: one file per layout
// (interop/layouts/), one line each in `layouts()`. docs/interop.md describes them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/model/network.h"
#include "trispike/model/tensor.h"

namespace trispike::interop {

/// One tensor under both names. The shapes hold the same number of elements in the same order.
struct ForeignTensor {
  std::string ours;    ///< "stage1.0.norm1.weight"
  std::string theirs;  ///< "model.layer1.0.bn1.bn.weight"
  std::vector<std::int64_t> our_shape;
  std::vector<std::int64_t> their_shape;
};

struct Layout {
  std::string_view name;
  std::string_view summary;
  /// Names of networks (model/networks.h) that it can express.
  std::span<const std::string_view> networks;
  bool imports;  ///< false: export only
  /// All tensors of a network, in the order of its layers. Throws Error naming the layer that has
  /// no counterpart.
  std::vector<ForeignTensor> (*tensors)(const model::NetworkSpec& network);
  /// Looks at a tensor that the network does not need, when importing. Returns false if it says
  /// nothing (a counter); throws Error if the network computes something else with it.
  bool (*accepts_extra)(const std::string& name, const model::Tensor& tensor);
};

std::span<const Layout> layouts();

/// Throws ConfigError (key `--layout`) listing the layouts.
const Layout& layout_from_string(std::string_view name);

}  // namespace trispike::interop
