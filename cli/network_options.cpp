// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "network_options.h"

#include <regex>

#include "trispike/model/error.h"
#include "trispike/model/networks.h"

namespace trispike::cli {

model::MapShape parse_input_shape(const std::string& text, const std::string& option) {
  static const std::regex kPattern(R"(([1-9]\d{0,5})x([1-9]\d{0,5})x([1-9]\d{0,5}))");
  std::smatch match;
  if (!std::regex_match(text, match, kPattern)) {
    throw ConfigError(option,
                      "'" + text + "' is no size, expected CHANNELSxHEIGHTxWIDTH as in 3x32x32");
  }
  return {std::stoll(match[1]), std::stoll(match[2]), std::stoll(match[3])};
}

std::string network_names() {
  std::string names;
  for (const model::NetworkEntry& entry : model::networks()) {
    names.append(names.empty() ? "" : ", ").append(entry.name);
  }
  return names;
}

}  // namespace trispike::cli
