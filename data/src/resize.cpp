// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Separable resampling: columns first, then rows, with fixed-point weights and a rounding to 8 bits
// in between, as Pillow does it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "trispike/data/image.h"

namespace trispike::data {
namespace {

constexpr int kWeightBits = 22;

// Which input samples make one output sample, and how much each counts in units of 2^-kWeightBits.
struct Taps {
  int first = 0;
  std::vector<std::int32_t> weights;
};

// The triangle filter's taps for each of `out_size` samples made of `in_size`.
std::vector<Taps> triangle_taps(int in_size, int out_size) {
  const double scale = double(in_size) / out_size;
  const double support = std::max(scale, 1.0);
  std::vector<Taps> all(out_size);
  std::vector<double> exact;
  for (int i = 0; i < out_size; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int end = std::min(in_size, static_cast<int>(centre + support + 0.5));
    exact.clear();
    double sum = 0.0;
    for (int k = first; k < end; ++k) {
      exact.push_back(std::max(0.0, 1.0 - std::abs((k - centre + 0.5) / support)));
      sum += exact.back();
    }
    all[i].first = first;
    for (const double weight : exact) {
      all[i].weights.push_back(static_cast<std::int32_t>(0.5 + weight / sum * (1 << kWeightBits)));
    }
  }
  return all;
}

std::uint8_t weighted(const Taps& taps, const std::uint8_t* in, std::ptrdiff_t stride) {
  std::int32_t sum = 1 << (kWeightBits - 1);
  const std::uint8_t* sample = in + taps.first * stride;
  for (const std::int32_t weight : taps.weights) {
    sum += weight * *sample;
    sample += stride;
  }
  return static_cast<std::uint8_t>(std::min(sum >> kWeightBits, 255));
}

}  // namespace

Image resize(const Image& image, int height, int width) {
  const int channels = image.channels;
  Image wide(channels, image.height, width);
  const std::vector<Taps> columns = triangle_taps(image.width, width);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        wide.row(y)[x * channels + c] = weighted(columns[x], image.row(y) + c, channels);
      }
    }
  }
  Image out(channels, height, width);
  const std::vector<Taps> rows = triangle_taps(image.height, height);
  const int line = width * channels;
  for (int y = 0; y < height; ++y) {
    for (int i = 0; i < line; ++i) {
      out.row(y)[i] = weighted(rows[y], wide.pixels.data() + i, line);
    }
  }
  return out;
}

}  // namespace trispike::data
