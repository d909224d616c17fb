// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/enhance.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <utility>

namespace trispike::data {
namespace {

using Table = std::array<std::uint8_t, 256>;
using Histogram = std::array<std::int64_t, 256>;

// plain + factor * (image - plain): between the two for factors in [0, 1], beyond them else. Single
// precision and truncation, as in Pillow.
Image blend(const Image& plain, const Image& image, double factor_in_double) {
  const float factor = static_cast<float>(factor_in_double);
  Image out(image.channels, image.height, image.width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const int from = plain.pixels[i];
    const float value = from + factor * (image.pixels[i] - from);
    out.pixels[i] = static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f));
  }
  return out;
}

Image map(const Image& image, const Table& table) {
  Image out = image;
  for (std::uint8_t& sample : out.pixels) sample = table[sample];
  return out;
}

// Each channel through a table made of its histogram.
Image map_channels(const Image& image, const std::function<Table(const Histogram&)>& make_table) {
  Image out = image;
  const std::size_t channels = image.channels;
  for (std::size_t c = 0; c < channels; ++c) {
    Histogram histogram{};
    for (std::size_t i = c; i < image.pixels.size(); i += channels) ++histogram[image.pixels[i]];
    const Table table = make_table(histogram);
    for (std::size_t i = c; i < out.pixels.size(); i += channels) {
      out.pixels[i] = table[out.pixels[i]];
    }
  }
  return out;
}

Table identity() {
  Table table;
  for (int i = 0; i < 256; ++i) table[i] = static_cast<std::uint8_t>(i);
  return table;
}

std::pair<int, int> occupied_range(const Histogram& histogram) {
  int low = 0;
  int high = 255;
  while (low < 255 && histogram[low] == 0) ++low;
  while (high > 0 && histogram[high] == 0) --high;
  return {low, high};
}

Table equalizing(const Histogram& histogram) {
  const auto [low, high] = occupied_range(histogram);
  std::int64_t total = 0;
  for (const std::int64_t count : histogram) total += count;
  // The brightest level needs no room above it.
  const std::int64_t step = (total - histogram[high]) / 255;
  if (low >= high || step == 0) return identity();
  Table table;
  std::int64_t below = step / 2;
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<std::uint8_t>(std::min<std::int64_t>(below / step, 255));
    below += histogram[i];
  }
  return table;
}

Table stretching(const Histogram& histogram) {
  const auto [low, high] = occupied_range(histogram);
  if (low >= high) return identity();
  const double scale = 255.0 / (high - low);
  const double offset = -low * scale;
  Table table;
  for (int i = 0; i < 256; ++i) {
    table[i] = static_cast<std::uint8_t>(std::clamp(static_cast<int>(i * scale + offset), 0, 255));
  }
  return table;
}

// 3x3 mean with weight 5 in the middle; the border stays.
Image smooth(const Image& image) {
  Image out = image;
  const int channels = image.channels;
  constexpr float kEdge = 1.0f / 13.0f;
  constexpr float kMiddle = 5.0f / 13.0f;
  for (int y = 1; y + 1 < image.height; ++y) {
    const std::uint8_t* const rows[3] = {image.row(y + 1), image.row(y), image.row(y - 1)};
    for (int i = channels; i < (image.width - 1) * channels; ++i) {
      float sum = 0.5f;
      for (int k = 0; k < 3; ++k) {
        sum += rows[k][i - channels] * kEdge + rows[k][i] * (k == 1 ? kMiddle : kEdge) +
               rows[k][i + channels] * kEdge;
      }
      out.row(y)[i] = static_cast<std::uint8_t>(std::min(sum, 255.0f));
    }
  }
  return out;
}

}  // namespace

Image adjust_color(const Image& image, double factor) {
  if (image.channels == 1) return image;
  return blend(convert_channels(convert_channels(image, 1), 3), image, factor);
}

Image adjust_contrast(const Image& image, double factor) {
  const Image grey = convert_channels(image, 1);
  std::int64_t sum = 0;
  for (const std::uint8_t sample : grey.pixels) sum += sample;
  const double mean = double(sum) / double(grey.pixels.size());
  const Image flat(image.channels, image.height, image.width,
                   static_cast<std::uint8_t>(mean + 0.5));
  return blend(flat, image, factor);
}

Image adjust_brightness(const Image& image, double factor) {
  return blend(Image(image.channels, image.height, image.width), image, factor);
}

Image adjust_sharpness(const Image& image, double factor) {
  return blend(smooth(image), image, factor);
}

Image solarize(const Image& image, double threshold) {
  Table table = identity();
  for (int i = 0; i < 256; ++i) {
    if (i >= threshold) table[i] = static_cast<std::uint8_t>(255 - i);
  }
  return map(image, table);
}

Image posterize(const Image& image, int bits) {
  Table table = identity();
  for (std::uint8_t& sample : table) sample &= static_cast<std::uint8_t>(0xff << (8 - bits));
  return map(image, table);
}

Image equalize(const Image& image) { return map_channels(image, equalizing); }

Image autocontrast(const Image& image) { return map_channels(image, stretching); }

Image invert(const Image& image) {
  Table table;
  for (int i = 0; i < 256; ++i) table[i] = static_cast<std::uint8_t>(255 - i);
  return map(image, table);
}

}  // namespace trispike::data
