// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Answers for programs (docs/cli.md, docs/schemas/).
#pragma once

#include <nlohmann/json.hpp>

#include "console.h"

namespace trispike::cli {

/// Keys stay in the order in which they were written.
using Json = nlohmann::ordered_json;

/// One line on standard output. File names need not be UTF-8: other bytes become U+FFFD.
inline void print_json(const Json& value) {
  print(value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace trispike::cli
