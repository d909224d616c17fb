// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What commands that name a network have in common.
#pragma once

#include <string>

#include "trispike/model/network.h"

namespace trispike::cli {

/// "3x32x32": channels, height, width. Throws ConfigError naming `option`.
model::MapShape parse_input_shape(const std::string& text, const std::string& option);

/// The names of all networks, for messages and help.
std::string network_names();

}  // namespace trispike::cli
