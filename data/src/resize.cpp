// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Separable resampling: columns first, then rows, with fixed-point weights and a rounding to 8 bits
// in between, as Pillow does it. Sums of whole numbers are exact, so the order of the loops is
// free.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "trispike/data/image.h"

namespace trispike::data {
namespace {

constexpr int kWeightBits = 22;
constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

// Which input samples make each of some output samples, and how much they count in units of
// 2^-kWeightBits.
struct Taps {
  std::vector<int> first;          // input sample of the first weight, per output sample
  std::vector<std::size_t> begin;  // of its weights; one more entry marks the end
  std::vector<std::int32_t> weights;

  int size() const { return static_cast<int>(first.size()); }
  int count(int i) const { return static_cast<int>(begin[i + 1] - begin[i]); }
  const std::int32_t* of(int i) const { return weights.data() + begin[i]; }
};

// The triangle filter's taps of the output samples [from, from + count) where `in_size` samples
// become `out_size`.
Taps triangle_taps(int in_size, std::int64_t out_size, std::int64_t from, int count) {
  const double scale = double(in_size) / double(out_size);
  const double support = std::max(scale, 1.0);
  const double per_sample = 1.0 / support;
  Taps taps;
  taps.begin.push_back(0);
  std::vector<double> exact;
  for (int i = 0; i < count; ++i) {
    const double centre = (double(from + i) + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int end = std::min(in_size, static_cast<int>(centre + support + 0.5));
    exact.clear();
    double sum = 0.0;
    for (int k = first; k < end; ++k) {
      exact.push_back(std::max(0.0, 1.0 - std::abs((k - centre + 0.5) * per_sample)));
      sum += exact.back();
    }
    taps.first.push_back(first);
    for (const double weight : exact) {
      taps.weights.push_back(static_cast<std::int32_t>(0.5 + weight / sum * (1 << kWeightBits)));
    }
    taps.begin.push_back(taps.weights.size());
  }
  return taps;
}

std::uint8_t rounded(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::min(sum >> kWeightBits, 255));
}

// The output samples of one row of `Channels` interleaved channels that begins at sample `left`.
template <int Channels>
void resample_row(const Taps& columns, int left, const std::uint8_t* in, std::uint8_t* out) {
  for (int x = 0; x < columns.size(); ++x, out += Channels) {
    const std::int32_t* weights = columns.of(x);
    const std::uint8_t* sample = in + std::size_t(columns.first[x] - left) * Channels;
    std::int32_t sums[Channels];
    std::fill_n(sums, Channels, kHalf);
    for (int k = 0; k < columns.count(x); ++k, sample += Channels) {
      for (int c = 0; c < Channels; ++c) sums[c] += weights[k] * sample[c];
    }
    for (int c = 0; c < Channels; ++c) out[c] = rounded(sums[c]);
  }
}

// The rows [top, bottom) with their columns resampled; the columns of `image` begin at `left`.
Image resample_columns(const Image& image, const Taps& columns, int left, int top, int bottom) {
  Image out(image.channels, bottom - top, columns.size());
  const auto resample = image.channels == 1 ? resample_row<1> : resample_row<3>;
  for (int y = top; y < bottom; ++y) resample(columns, left, image.row(y), out.row(y - top));
  return out;
}

// The columns [left, right) with their rows resampled; the rows of `image` begin at `top`.
Image resample_rows(const Image& image, const Taps& rows, int top, int left, int right) {
  Image out(image.channels, rows.size(), right - left);
  const std::size_t line = std::size_t(right - left) * image.channels;
  std::vector<std::int32_t> sums(line);
  for (int y = 0; y < rows.size(); ++y) {
    std::ranges::fill(sums, kHalf);
    for (int k = 0; k < rows.count(y); ++k) {
      const std::int32_t weight = rows.of(y)[k];
      const std::uint8_t* in =
          image.row(rows.first[y] - top + k) + std::size_t(left) * image.channels;
      for (std::size_t i = 0; i < line; ++i) sums[i] += weight * in[i];
    }
    std::ranges::transform(sums, out.row(y), rounded);
  }
  return out;
}

// Pillow 13 begins with the rows where that leaves much less for the second pass; the order shows,
// by at most one level, because of the rounding in between.
bool begins_with_rows(const Image& image, std::int64_t full_height, std::int64_t full_width) {
  const std::int64_t fewer_rows = image.height - full_height;
  const std::int64_t fewer_columns = image.width - full_width;
  return fewer_rows > 0 && fewer_rows > 2 * fewer_columns;
}

}  // namespace

Image resize_part(const Image& image, std::int64_t full_height, std::int64_t full_width,
                  std::int64_t top, std::int64_t left, int height, int width) {
  const Taps columns = triangle_taps(image.width, full_width, left, width);
  const Taps rows = triangle_taps(image.height, full_height, top, height);
  if (begins_with_rows(image, full_height, full_width)) {
    const int first = columns.first.front();
    const int end = columns.first.back() + columns.count(width - 1);
    return resample_columns(resample_rows(image, rows, 0, first, end), columns, first, 0, height);
  }
  const int first = rows.first.front();
  const int end = rows.first.back() + rows.count(height - 1);
  return resample_rows(resample_columns(image, columns, 0, first, end), rows, first, 0, width);
}

Image resize(const Image& image, int height, int width) {
  return resize_part(image, height, width, 0, 0, height, width);
}

}  // namespace trispike::data
