// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Resizing is separable: each axis has, for every place of the result, a list of places of the
// original with weights.
#include "src/frame_resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace trispike::data {
namespace {

/// What one place of the result is made of: places `first`, `first` + 1, ... of the original.
struct Mix {
  int first = 0;
  std::vector<float> weights;
};

/// In float32, as torch does it: where the product should be whole, its rounding decides.
std::vector<Mix> nearest(int from, int to) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  std::vector<Mix> mixes(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const int place = static_cast<int>(std::floor(static_cast<float>(i) * scale));
    mixes[i] = {std::min(place, from - 1), {1.0F}};
  }
  return mixes;
}

/// A triangle over the source; when shrinking it is as wide as the scale.
std::vector<Mix> bilinear(int from, int to) {
  const double scale = double(from) / to;
  const double support = std::max(scale, 1.0);
  std::vector<Mix> mixes(static_cast<std::size_t>(to));
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    Mix& mix = mixes[i];
    mix.first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int end = std::min(from, static_cast<int>(centre + support + 0.5));
    double sum = 0;
    for (int k = mix.first; k < end; ++k) {
      const double weight = std::max(0.0, 1.0 - std::abs(k + 0.5 - centre) / support);
      mix.weights.push_back(static_cast<float>(weight));
      sum += weight;
    }
    for (float& weight : mix.weights) weight = static_cast<float>(weight / sum);
  }
  return mixes;
}

}  // namespace

void resize_maps(FrameResize how, std::span<const float> maps, int height, int width,
                 std::span<float> out, int to_height, int to_width) {
  const auto mixes = how == FrameResize::kNearest ? nearest : bilinear;
  const std::vector<Mix> columns = mixes(width, to_width);
  const std::vector<Mix> rows = mixes(height, to_height);
  std::vector<float> narrow(std::size_t(height) * to_width);
  while (!maps.empty()) {
    for (int y = 0; y < height; ++y) {
      const float* row = maps.data() + std::size_t(y) * width;
      for (int x = 0; x < to_width; ++x) {
        const Mix& mix = columns[x];
        float sum = 0;
        for (std::size_t k = 0; k < mix.weights.size(); ++k) {
          sum += mix.weights[k] * row[mix.first + k];
        }
        narrow[std::size_t(y) * to_width + x] = sum;
      }
    }
    for (int y = 0; y < to_height; ++y) {
      const Mix& mix = rows[y];
      float* to = out.data() + std::size_t(y) * to_width;
      std::fill_n(to, to_width, 0.0F);
      for (std::size_t k = 0; k < mix.weights.size(); ++k) {
        const float* from = narrow.data() + (mix.first + k) * to_width;
        for (int x = 0; x < to_width; ++x) to[x] += mix.weights[k] * from[x];
      }
    }
    maps = maps.subspan(std::size_t(height) * width);
    out = out.subspan(std::size_t(to_height) * to_width);
  }
}

}  // namespace trispike::data
