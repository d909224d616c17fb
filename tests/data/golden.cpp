// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "golden.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace trispike::data {

std::filesystem::path golden_folder() {
  return std::filesystem::path(TRISPIKE_SOURCE_DIR) / "tests/golden/data";
}

std::vector<GoldenCase> golden_cases(const std::string& kind) {
  std::ifstream lines(golden_folder() / "cases.tsv");
  std::ifstream samples(golden_folder() / "samples.bin", std::ios::binary);
  std::vector<GoldenCase> cases;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    GoldenCase item;
    std::string this_kind;
    int channels = 0;
    int height = 0;
    int width = 0;
    std::streamoff offset = 0;
    fields >> this_kind >> item.name >> item.value >> item.source >> channels >> height >> width >>
        offset;
    if (!fields) throw std::runtime_error("cases.tsv: cannot read line: " + line);
    if (this_kind != kind) continue;
    item.image = Image(channels, height, width);
    samples.seekg(offset);
    samples.read(reinterpret_cast<char*>(item.image.pixels.data()),
                 static_cast<std::streamsize>(item.image.pixels.size()));
    if (!samples) throw std::runtime_error("samples.bin ends too early");
    cases.push_back(std::move(item));
  }
  if (cases.empty()) throw std::runtime_error("no golden case of kind " + kind);
  return cases;
}

Image golden_source(const std::string& name) {
  for (GoldenCase& item : golden_cases("source")) {
    if (item.name == name) return item.image;
  }
  throw std::runtime_error("no golden source " + name);
}

int max_difference(const Image& a, const Image& b) {
  if (a.channels != b.channels || a.height != b.height || a.width != b.width) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

}  // namespace trispike::data
