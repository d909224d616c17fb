// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace trispike::report {

/// All parts in a row. (GCC 12 warns, wrongly, of literal + std::string.)
inline std::string concat(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

}  // namespace trispike::report
