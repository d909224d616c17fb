// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The list of layouts.
#include "trispike/interop/layouts.h"

#include <array>

#include "layouts/official.h"
#include "layouts/spikingjelly.h"
#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

constexpr std::array<std::string_view, 4> kOfficialNetworks{"resnet20", "resnet19", "resnet18",
                                                            "resnet34"};
constexpr std::array<std::string_view, 5> kSpikingJellyNetworks{"resnet20", "resnet19", "resnet18",
                                                                "resnet34", "resnet8"};

constexpr std::array<Layout, 2> kLayouts{{
    {"official", "the state dict of the authors' networks", kOfficialNetworks, true,
     official_tensors, official_accepts_extra},
    {"spikingjelly", "SpikingJelly's spiking_resnet, export only", kSpikingJellyNetworks, false,
     spikingjelly_tensors, nullptr},
}};

}  // namespace

std::span<const Layout> layouts() { return kLayouts; }

const Layout& layout_from_string(std::string_view name) {
  std::string names;
  for (const Layout& layout : kLayouts) {
    if (layout.name == name) return layout;
    names.append(names.empty() ? "" : ", ").append(layout.name);
  }
  throw ConfigError("--layout", "unknown layout " + in_quotes(name) + "; expected one of " + names);
}

}  // namespace trispike::interop
