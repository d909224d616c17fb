// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Grey pictures made up by the test, and a data set of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/fixtures.h"

namespace trispike::test {

/// [side, side], different for each `seed`.
inline data::Image pattern(int side, int seed) {
  data::Image picture(1, side, side);
  for (int i = 0; i < side * side; ++i) {
    picture.pixels[i] =
        static_cast<std::uint8_t>((i * (37 + 2 * seed) + 91 * seed + i * i * 5) % 256);
  }
  return picture;
}

/// What CliTest::small_model() is shown: scaled to [0, 1], mean 0.25, standard deviation 0.5.
inline std::vector<double> normalised(const data::Image& picture) {
  std::vector<double> input;
  for (const std::uint8_t pixel : picture.pixels) input.push_back((pixel / 255.0 - 0.25) / 0.5);
  return input;
}

/// pattern(side, 0), pattern(side, 1), ... one after the other, normalised.
inline std::vector<double> normalised_patterns(int side, int count) {
  std::vector<double> inputs;
  for (int i = 0; i < count; ++i) {
    const std::vector<double> one = normalised(pattern(side, i));
    inputs.insert(inputs.end(), one.begin(), one.end());
  }
  return inputs;
}

/// The four files of an MNIST-like data set: picture i is pattern(side, i), of class labels[i].
/// Both splits are the same.
inline void write_idx_dataset(const std::filesystem::path& folder, int side,
                              const std::vector<std::uint8_t>& labels) {
  std::vector<data::Image> pictures;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    pictures.push_back(pattern(side, static_cast<int>(i)));
  }
  for (const std::string split : {"train", "t10k"}) {
    data::save(folder / (split + "-images-idx3-ubyte"), data::idx_images(pictures));
    data::save(folder / (split + "-labels-idx1-ubyte"), data::idx_labels(labels));
  }
}

}  // namespace trispike::test
