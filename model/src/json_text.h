// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Reading JSON that nobody vouches for. Private: nlohmann-json stays out of public headers.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "trispike/model/error.h"

namespace trispike::model {

/// Parses `text`, which stands at byte `offset` of `file`. Refuses, with FormatError, whatever is
/// not JSON, repeats a key in one object, nests deeper than `max_depth`, or has more than 300,000
/// values.
nlohmann::json parse_json(std::string_view text, const std::string& file, std::uint64_t offset,
                          int max_depth);

/// The text of `json`. Throws Error naming `what` if a string in it is not UTF-8.
template <class Json>
std::string dump_json(const Json& value, const std::string& what) {
  try {
    return value.dump();
  } catch (const nlohmann::json::exception& error) {
    throw Error(what + " cannot be written as JSON: " + error.what());
  }
}

}  // namespace trispike::model
