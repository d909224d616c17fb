// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pieces of error messages.
#pragma once

#include <string>
#include <string_view>

namespace trispike::model {

/// 'name', with control characters replaced and long names cut: files may hold anything.
std::string in_quotes(std::string_view name);

/// The shortest decimal text that reads back as `value`.
std::string number(double value);

/// "a, b, c"
template <class Names>
std::string joined(const Names& names) {
  std::string text;
  for (const auto& name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

}  // namespace trispike::model
