// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/json_text.h"

#include <set>
#include <vector>

#include "src/text.h"

namespace trispike::model {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& file, std::uint64_t offset,
                int max_depth) {
  // The parser takes a zero byte for the end of the text, whatever follows.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw FormatError(file, offset + zero, "not JSON: a zero byte");
  }
  std::vector<std::set<std::string, std::less<>>> keys;  // of each object that is open
  const auto check = [&](int depth, json::parse_event_t event, const json& value) {
    switch (event) {
      case json::parse_event_t::object_start:
      case json::parse_event_t::array_start:
        if (depth >= max_depth) {
          throw FormatError(file, offset,
                            "JSON nested deeper than " + std::to_string(max_depth) + " levels");
        }
        if (event == json::parse_event_t::object_start) keys.emplace_back();
        break;
      case json::parse_event_t::object_end:
        keys.pop_back();
        break;
      case json::parse_event_t::key: {
        const auto& key = value.get_ref<const std::string&>();
        if (!keys.back().insert(key).second) {
          throw FormatError(file, offset,
                            "JSON key " + in_quotes(key) + " stands twice in one object");
        }
        break;
      }
      default:
        break;
    }
    return true;
  };
  try {
    return json::parse(text.begin(), text.end(), check);
  } catch (const json::parse_error& error) {
    throw FormatError(file, offset + (error.byte > 0 ? error.byte - 1 : 0),
                      std::string("not JSON: ") + error.what());
  } catch (const json::exception& error) {
    throw FormatError(file, offset, std::string("not JSON: ") + error.what());
  }
}

}  // namespace trispike::model
