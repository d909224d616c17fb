// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pieces of error messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trispike::interop {

/// 'name', with control characters replaced and long names cut: files may hold anything.
std::string in_quotes(std::string_view name);

/// "'a', 'b', 'c' and 14 more"
std::string first_few(const std::vector<std::string>& names);

/// "0x1f"
std::string hex(unsigned value);

}  // namespace trispike::interop
