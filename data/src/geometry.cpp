// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Each function finds, for every output pixel, the place in the input it comes from. Coordinates
// are those of pixel corners: pixel i covers [i, i + 1). Rounding follows Pillow's, step by step,
// because with nearest neighbours a last-bit difference would show as another pixel.
#include "src/geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

namespace trispike::data {
namespace {

constexpr std::uint8_t kOutside = 128;

// Cubic convolution with a = -1 between v[1] and v[2], at fraction t from v[1].
double cubic(const double (&v)[4], double t) {
  const double linear = -v[0] + v[2];
  const double square = 2 * (v[0] - v[1]) + v[2] - v[3];
  const double cube = -v[0] + v[1] - v[2] + v[3];
  return v[1] + t * (linear + t * (square + t * cube));
}

std::uint8_t to_sample(double v) {
  return v <= 0.0 ? 0 : v >= 255.0 ? 255 : static_cast<std::uint8_t>(v);
}

// Shifts one line of `count` samples, `stride` apart: output i shows the place i + shift.
void shift_line(const std::uint8_t* in, std::uint8_t* out, int count, std::ptrdiff_t stride,
                double shift) {
  for (int i = 0; i < count; ++i) {
    const double place = (i + 0.5) + shift;
    if (place < 0.0 || place >= count) continue;
    const double centre = place - 0.5;
    const int left = static_cast<int>(std::floor(centre));
    double v[4];
    for (int k = 0; k < 4; ++k) v[k] = in[std::clamp(left - 1 + k, 0, count - 1) * stride];
    out[i * stride] = to_sample(cubic(v, centre - left));
  }
}

// Input index of each output index moved by `shift`, or -1 outside.
std::vector<int> moved(int count, double shift) {
  std::vector<int> from(count, -1);
  double place = shift + 0.5;
  for (int i = 0; i < count; ++i, place += 1.0) {
    if (place >= 0.0 && place < count) from[i] = static_cast<int>(place);
  }
  return from;
}

// 16.16 fixed point.
int to_fixed(double v) { return static_cast<int>(std::floor(v * 65536.0 + 0.5)); }

double round_to_15_digits(double v) { return std::round(v * 1e15) / 1e15; }

}  // namespace

Image shear_x(const Image& image, double factor) {
  Image out(image.channels, image.height, image.width, kOutside);
  for (int y = 0; y < image.height; ++y) {
    for (int c = 0; c < image.channels; ++c) {
      shift_line(image.row(y) + c, out.row(y) + c, image.width, image.channels, factor * (y + 0.5));
    }
  }
  return out;
}

Image shear_y(const Image& image, double factor) {
  Image out(image.channels, image.height, image.width, kOutside);
  const std::ptrdiff_t row_stride = std::ptrdiff_t(image.width) * image.channels;
  for (int x = 0; x < image.width; ++x) {
    for (int c = 0; c < image.channels; ++c) {
      const std::ptrdiff_t column = std::ptrdiff_t(x) * image.channels + c;
      shift_line(image.pixels.data() + column, out.pixels.data() + column, image.height, row_stride,
                 factor * (x + 0.5));
    }
  }
  return out;
}

Image translate(const Image& image, double dx, double dy) {
  Image out(image.channels, image.height, image.width, kOutside);
  const std::vector<int> columns = moved(image.width, dx);
  const std::vector<int> rows = moved(image.height, dy);
  for (int y = 0; y < image.height; ++y) {
    if (rows[y] < 0) continue;
    for (int x = 0; x < image.width; ++x) {
      if (columns[x] < 0) continue;
      std::copy_n(image.row(rows[y]) + columns[x] * image.channels, image.channels,
                  out.row(y) + x * image.channels);
    }
  }
  return out;
}

Image rotate(const Image& image, double degrees) {
  const double radians = -degrees * (std::numbers::pi / 180.0);
  const double cosine = round_to_15_digits(std::cos(radians));
  const double sine = round_to_15_digits(std::sin(radians));
  const double centre_x = image.width / 2.0;
  const double centre_y = image.height / 2.0;
  // Corner coordinates (x, y) of the output come from (cos x + sin y + offset_x, -sin x + cos y +
  // offset_y).
  const double offset_x = cosine * -centre_x + sine * -centre_y + centre_x;
  const double offset_y = -sine * -centre_x + cosine * -centre_y + centre_y;
  const int step_cos = to_fixed(cosine);
  const int step_sin = to_fixed(sine);
  const int step_minus_sin = to_fixed(-sine);
  int row_x = to_fixed(offset_x + cosine * 0.5 + sine * 0.5);
  int row_y = to_fixed(offset_y + -sine * 0.5 + cosine * 0.5);

  Image out(image.channels, image.height, image.width, kOutside);
  for (int y = 0; y < image.height; ++y, row_x += step_sin, row_y += step_cos) {
    int place_x = row_x;
    int place_y = row_y;
    for (int x = 0; x < image.width; ++x, place_x += step_cos, place_y += step_minus_sin) {
      const int from_x = place_x >> 16;
      const int from_y = place_y >> 16;
      if (from_x < 0 || from_x >= image.width || from_y < 0 || from_y >= image.height) continue;
      std::copy_n(image.row(from_y) + from_x * image.channels, image.channels,
                  out.row(y) + x * image.channels);
    }
  }
  return out;
}

}  // namespace trispike::data
