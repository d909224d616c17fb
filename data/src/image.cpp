// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/image.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "src/normaliser.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

// ITU-R 601 luma weights in units of 2^-16.
std::uint8_t luma(const std::uint8_t* rgb) {
  return static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >>
                                   16);
}

}  // namespace

Image::Image(int channels_, int height_, int width_, std::uint8_t fill)
    : channels(channels_),
      height(height_),
      width(width_),
      pixels(std::size_t(channels_) * height_ * width_, fill) {}

Image convert_channels(Image image, int channels) {
  if (image.channels == channels) return image;
  Image out(channels, image.height, image.width);
  const std::size_t count = std::size_t(image.height) * image.width;
  for (std::size_t i = 0; i < count; ++i) {
    if (channels == 1) {
      out.pixels[i] = luma(&image.pixels[3 * i]);
    } else {
      std::fill_n(&out.pixels[3 * i], 3, image.pixels[i]);
    }
  }
  return out;
}

Image crop(const Image& image, int top, int left, int height, int width) {
  Image out(image.channels, height, width);
  const int first_column = std::max(left, 0);
  const int columns = std::min(left + width, image.width) - first_column;
  if (columns <= 0) return out;
  for (int y = std::max(top, 0); y < std::min(top + height, image.height); ++y) {
    std::copy_n(image.row(y) + std::size_t(first_column) * image.channels,
                std::size_t(columns) * image.channels,
                out.row(y - top) + std::size_t(first_column - left) * image.channels);
  }
  return out;
}

Image fit_to(Image image, int channels, int height, int width) {
  if (image.height != height || image.width != width) {
    const double scale = std::min(double(image.height) / height, double(image.width) / width);
    const int part_height = std::clamp(int(std::lround(scale * height)), 1, image.height);
    const int part_width = std::clamp(int(std::lround(scale * width)), 1, image.width);
    if (part_height != image.height || part_width != image.width) {
      image = crop(image, (image.height - part_height) / 2, (image.width - part_width) / 2,
                   part_height, part_width);
    }
    image = resize(image, height, width);
  }
  return convert_channels(std::move(image), channels);
}

Normaliser::Normaliser(const Normalisation& normalisation) : tables_(normalisation.mean.size()) {
  const auto& [mean, std] = normalisation;
  if (mean.empty() || mean.size() != std.size()) {
    throw DataError("normalisation", "",
                    std::to_string(mean.size()) + " means and " + std::to_string(std.size()) +
                        " standard deviations given, expected one of each per channel");
  }
  for (std::size_t c = 0; c < mean.size(); ++c) {
    if (!std::isfinite(mean[c]) || !std::isfinite(std[c]) || std[c] <= 0) {
      throw DataError("normalisation", "channel " + std::to_string(c),
                      "mean " + std::to_string(mean[c]) + " and standard deviation " +
                          std::to_string(std[c]) +
                          " given, expected finite numbers, the second > 0");
    }
    for (int i = 0; i < 256; ++i) {
      tables_[c][i] = static_cast<float>((i / 255.0 - mean[c]) / std[c]);
    }
  }
}

void Normaliser::apply(const Image& image, bool channels_last, std::span<float> out) const {
  if (image.channels != channels()) {
    throw DataError("normalisation", "",
                    "for " + std::to_string(channels()) + " channels, but the picture has " +
                        std::to_string(image.channels));
  }
  const std::size_t area = std::size_t(image.height) * image.width;
  const std::size_t channel_count = tables_.size();
  const std::size_t pixel_stride = channels_last ? channel_count : 1;
  const std::size_t channel_stride = channels_last ? 1 : area;
  for (std::size_t c = 0; c < channel_count; ++c) {
    const auto& table = tables_[c];
    const std::uint8_t* in = image.pixels.data() + c;
    float* to = out.data() + c * channel_stride;
    for (std::size_t i = 0; i < area; ++i) to[i * pixel_stride] = table[in[i * channel_count]];
  }
}

void normalise_into(const Image& image, const Normalisation& normalisation, bool channels_last,
                    std::span<float> out) {
  Normaliser(normalisation).apply(image, channels_last, out);
}

}  // namespace trispike::data
