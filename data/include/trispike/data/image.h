// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A picture of 8-bit samples, and what brings one to the form a network expects.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace trispike::data {

/// Rows from the top, pixels from the left, channels interleaved: [H, W, C]. One channel is grey,
/// three are red, green, blue.
struct Image {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<std::uint8_t> pixels;

  Image() = default;
  /// All samples have the value `fill`.
  Image(int channels_, int height_, int width_, std::uint8_t fill = 0);

  std::uint8_t* row(int y) { return pixels.data() + std::size_t(y) * width * channels; }
  const std::uint8_t* row(int y) const { return pixels.data() + std::size_t(y) * width * channels; }
  bool operator==(const Image&) const = default;
};

/// Per channel mean and standard deviation of samples scaled to [0, 1].
struct Normalisation {
  std::vector<double> mean;
  std::vector<double> std;
  bool operator==(const Normalisation&) const = default;
};

/// Bilinear with antialiasing when shrinking: the filter's support grows with the scale. Equal to
/// Pillow's BILINEAR (version 13), sample for sample. `height` and `width` must be > 0.
Image resize(const Image& image, int height, int width);

/// The part [top, top + height) x [left, left + width) of what resize(image, full_height,
/// full_width) gives, without making the rest. It must lie inside.
Image resize_part(const Image& image, std::int64_t full_height, std::int64_t full_width,
                  std::int64_t top, std::int64_t left, int height, int width);

/// Grey from colour by ITU-R 601 luma, colour from grey by repetition. `channels` is 1 or 3.
Image convert_channels(Image image, int channels);

/// The part [top, top + height) x [left, left + width), zero where it leaves the picture.
Image crop(const Image& image, int top, int left, int height, int width);

/// The picture as a network of input {channels, height, width} sees it: the largest centred part
/// with that aspect ratio, resized, with that many channels. A picture of the right form passes
/// unchanged.
Image fit_to(Image image, int channels, int height, int width);

/// (sample / 255 - mean) / std as [C, H, W], or as [H, W, C] if `channels_last`. `out` has as many
/// elements as the picture has samples. Throws DataError if the channel counts differ.
void normalise_into(const Image& image, const Normalisation& normalisation, bool channels_last,
                    std::span<float> out);

}  // namespace trispike::data
