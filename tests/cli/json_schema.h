// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Checks JSON against the part of JSON Schema that docs/schemas/ uses. A keyword it does not know
// is a fault of the schema, never passed over.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace trispike::test {

class JsonSchema {
 public:
  using Json = nlohmann::json;

  explicit JsonSchema(Json schema) : schema_(std::move(schema)) {}

  /// Every violation, as "<JSON pointer>: <reason>"; empty if `value` is valid.
  std::vector<std::string> violations(const Json& value) const {
    std::vector<std::string> found;
    check(schema_, value, "", found);
    return found;
  }

 private:
  static void check(const Json& schema, const Json& value, const std::string& at,
                    std::vector<std::string>& found) {
    refuse_unknown_keywords(schema, at);
    if (schema.contains("type") && !has_type(schema["type"], value)) {
      found.push_back(at + ": " + value.type_name() + ", expected " + schema["type"].dump());
      return;
    }
    if (schema.contains("enum")) {
      const Json& allowed = schema["enum"];
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        found.push_back(at + ": " + value.dump() + ", expected one of " + allowed.dump());
      }
    }
    if (value.is_number()) {
      check_number(schema, value.get<double>(), at, found);
    } else if (value.is_array()) {
      check_array(schema, value, at, found);
    } else if (value.is_object()) {
      check_object(schema, value, at, found);
    }
  }

  static void refuse_unknown_keywords(const Json& schema, const std::string& at) {
    static const std::set<std::string> kKnown = {"$schema",    "$id",
                                                 "title",      "description",
                                                 "type",       "enum",
                                                 "properties", "required",
                                                 "items",      "minItems",
                                                 "maxItems",   "minimum",
                                                 "maximum",    "additionalProperties"};
    for (const auto& [keyword, unused] : schema.items()) {
      if (!kKnown.contains(keyword)) {
        throw std::logic_error("schema of '" + at + "': unknown keyword '" + keyword + "'");
      }
    }
  }

  static bool has_type(const Json& type, const Json& value) {
    if (type.is_array()) {
      return std::any_of(type.begin(), type.end(),
                         [&](const Json& one) { return has_type(one, value); });
    }
    const std::string name = type;
    if (name == "integer") return value.is_number_integer();
    if (name == "number") return value.is_number();
    if (name == "string") return value.is_string();
    if (name == "boolean") return value.is_boolean();
    if (name == "array") return value.is_array();
    if (name == "object") return value.is_object();
    if (name == "null") return value.is_null();
    throw std::logic_error("schema: unknown type '" + name + "'");
  }

  static void check_number(const Json& schema, double value, const std::string& at,
                           std::vector<std::string>& found) {
    if (schema.contains("minimum") && value < schema["minimum"].get<double>()) {
      found.push_back(at + ": " + std::to_string(value) + ", minimum " + schema["minimum"].dump());
    }
    if (schema.contains("maximum") && value > schema["maximum"].get<double>()) {
      found.push_back(at + ": " + std::to_string(value) + ", maximum " + schema["maximum"].dump());
    }
  }

  static void check_array(const Json& schema, const Json& value, const std::string& at,
                          std::vector<std::string>& found) {
    if (value.size() < schema.value("minItems", std::size_t{0}) ||
        value.size() > schema.value("maxItems", value.size())) {
      found.push_back(at + ": " + std::to_string(value.size()) + " items");
    }
    for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
      check(schema["items"], value[i], at + "/" + std::to_string(i), found);
    }
  }

  static void check_object(const Json& schema, const Json& value, const std::string& at,
                           std::vector<std::string>& found) {
    for (const Json& key : schema.value("required", Json::array())) {
      if (!value.contains(key.get<std::string>())) {
        found.push_back(at + ": '" + key.get<std::string>() + "' is missing");
      }
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [key, member] : value.items()) {
      if (properties.contains(key)) {
        check(properties[key], member, at + "/" + key, found);
      } else if (!schema.value("additionalProperties", true)) {
        found.push_back(at + ": '" + key + "' is unexpected");
      }
    }
  }

  Json schema_;
};

}  // namespace trispike::test
