// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The checker of the other tests must itself find faults.
#include "json_schema.h"

#include <gtest/gtest.h>

namespace trispike::test {
namespace {

using Json = nlohmann::json;

std::vector<std::string> check(const char* schema, const char* value) {
  return JsonSchema(Json::parse(schema)).violations(Json::parse(value));
}

TEST(JsonSchema, Types) {
  EXPECT_TRUE(check(R"({"type":"number"})", "3").empty());
  EXPECT_TRUE(check(R"({"type":["string","null"]})", "null").empty());
  EXPECT_EQ(check(R"({"type":"integer"})", "3.5").size(), 1u);
  EXPECT_EQ(check(R"({"type":"string"})", "3").size(), 1u);
}

TEST(JsonSchema, Ranges) {
  EXPECT_TRUE(check(R"({"type":"number","minimum":0,"maximum":1})", "1").empty());
  EXPECT_EQ(check(R"({"type":"number","minimum":0,"maximum":1})", "1.5").size(), 1u);
  EXPECT_EQ(check(R"({"type":"number","minimum":0})", "-1").size(), 1u);
  EXPECT_EQ(check(R"({"enum":["a","b"]})", R"("c")").size(), 1u);
}

TEST(JsonSchema, ArraysAndObjects) {
  const char* schema =
      R"({"type":"object","additionalProperties":false,"required":["a"],
          "properties":{"a":{"type":"array","minItems":1,"items":{"type":"integer"}}}})";
  EXPECT_TRUE(check(schema, R"({"a":[1,2]})").empty());
  EXPECT_EQ(check(schema, R"({"a":[]})"), std::vector<std::string>{"/a: 0 items"});
  EXPECT_EQ(check(schema, R"({"a":[1,"x"]})"),
            std::vector<std::string>{R"(/a/1: string, expected "integer")"});
  EXPECT_EQ(check(schema, "{}"), std::vector<std::string>{": 'a' is missing"});
  EXPECT_EQ(check(schema, R"({"a":[1],"b":2})"), std::vector<std::string>{": 'b' is unexpected"});
}

TEST(JsonSchema, UnknownKeywordIsAFault) {
  EXPECT_THROW(check(R"({"pattern":"x"})", R"("x")"), std::logic_error);
}

}  // namespace
}  // namespace trispike::test
