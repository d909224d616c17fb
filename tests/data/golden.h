// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Results of Pillow in tests/golden/data, written by tools/golden_images.py.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "trispike/data/image.h"

namespace trispike::data {

struct GoldenCase {
  std::string name;
  double value = 0.0;
  std::string source;
  Image image;
};

std::filesystem::path golden_folder();

/// All cases of a kind: "source", "operation", "resize", "decode".
std::vector<GoldenCase> golden_cases(const std::string& kind);

/// The picture with that name of kind "source".
Image golden_source(const std::string& name);

/// Largest difference of two samples; 256 if the pictures differ in size or channels.
int max_difference(const Image& a, const Image& b);

}  // namespace trispike::data
