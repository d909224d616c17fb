// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Real data sets for tests: the folder that the environment variable TRISPIKE_DATA names.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace trispike::test {

/// TRISPIKE_DATA/<relative>, or nothing if the variable is unset or empty (the test then skips). If
/// it is set and the file is missing, this throws, so that the test fails rather than passes
/// unseen.
inline std::optional<std::filesystem::path> test_data(const std::string& relative) {
  const char* root = std::getenv("TRISPIKE_DATA");
  if (root == nullptr || *root == '\0') return std::nullopt;
  const std::filesystem::path path = std::filesystem::path(root) / relative;
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error("TRISPIKE_DATA is set, but " + path.string() + " is missing");
  }
  return path;
}

}  // namespace trispike::test

/// Defines `variable` as test_data(relative), or skips the test with the reason.
#define TRISPIKE_TEST_DATA(variable, relative)                    \
  const std::optional<std::filesystem::path> variable##_or_none = \
      trispike::test::test_data(relative);                        \
  if (!variable##_or_none) {                                      \
    GTEST_SKIP() << "TRISPIKE_DATA is not set: " << (relative);   \
  }                                                               \
  const std::filesystem::path& variable = *variable##_or_none
