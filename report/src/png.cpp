// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A drawing as pixels: edges are smoothed by how much of a pixel a shape covers.
#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "src/stroke_font.h"
#include "trispike/report/drawing.h"

namespace trispike::report {
namespace {

struct Color {
  double r, g, b;
};

Color parse(std::string_view hex) {
  const auto channel = [&](std::size_t i) {
    return static_cast<double>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  };
  return {channel(1), channel(3), channel(5)};
}

double distance_to_segment(Point p, Point a, Point b) {
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double length = dx * dx + dy * dy;
  const double along =
      length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0.0;
  return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

class Canvas {
 public:
  Canvas(const Drawing& drawing, Theme theme, double scale)
      : theme_(theme),
        scale_(scale),
        bitmap_(static_cast<int>(std::ceil(drawing.width() * scale)),
                static_cast<int>(std::ceil(drawing.height() * scale))) {
    const Color surface = of(Role::kSurface);
    for (int y = 0; y < bitmap_.height; ++y) {
      for (int x = 0; x < bitmap_.width; ++x) {
        std::uint8_t* pixel = at(x, y);
        put(pixel, surface, 1);
        pixel[3] = 255;
      }
    }
  }

  void operator()(const Rectangle& r) {
    const double left = r.x * scale_, right = (r.x + r.width) * scale_;
    const double top = r.y * scale_, bottom = (r.y + r.height) * scale_;
    const Color color = of(r.fill);
    for_pixels(left, top, right, bottom, [&](int x, int y) {
      const double w = std::min(right, x + 1.0) - std::max(left, double(x));
      const double h = std::min(bottom, y + 1.0) - std::max(top, double(y));
      put(at(x, y), color, r.opacity * std::clamp(w, 0.0, 1.0) * std::clamp(h, 0.0, 1.0));
    });
  }

  void operator()(const Path& p) {
    std::vector<Point> points;
    for (const Point& point : p.points) points.push_back({point.x * scale_, point.y * scale_});
    if (p.width <= 0) {
      fill(points, of(p.color), p.opacity);
    } else {
      stroke(points, of(p.color), p.width * scale_, p.opacity, p.dashed);
    }
  }

  void operator()(const Text& t) {
    const double unit = t.size * kStrokeUnit * scale_;
    const StrokedText text = stroke_text(t.text);
    const double shift = t.anchor == Anchor::kStart    ? 0
                         : t.anchor == Anchor::kMiddle ? text.width * unit / 2
                                                       : text.width * unit;
    const double width = t.size * (t.bold ? 0.125 : 0.085) * scale_;
    for (const std::vector<Point>& letter : text.strokes) {
      std::vector<Point> points;
      for (const Point& p : letter) {
        points.push_back({t.at.x * scale_ - shift + p.x * unit, t.at.y * scale_ + p.y * unit});
      }
      stroke(points, of(t.color), letter.size() == 1 ? 1.6 * width : width, 1, false);
    }
  }

  void operator()(const Picture& p) {
    const Bitmap& source = p.bitmap;
    for_pixels(
        p.x * scale_, p.y * scale_, (p.x + p.width) * scale_, (p.y + p.height) * scale_,
        [&](int x, int y) {
          const double u = ((x + 0.5) / scale_ - p.x) / p.width * source.width;
          const double v = ((y + 0.5) / scale_ - p.y) / p.height * source.height;
          if (u < 0 || v < 0 || u >= source.width || v >= source.height) return;
          const std::uint8_t* from =
              source.rgba.data() +
              4 * (static_cast<std::size_t>(v) * source.width + static_cast<std::size_t>(u));
          put(at(x, y), {double(from[0]), double(from[1]), double(from[2])}, from[3] / 255.0);
        });
  }

  const Bitmap& bitmap() const { return bitmap_; }

 private:
  Color of(Role role) const { return parse(color(role, theme_)); }
  std::uint8_t* at(int x, int y) {
    return bitmap_.rgba.data() + 4 * (static_cast<std::size_t>(y) * bitmap_.width + x);
  }
  static void put(std::uint8_t* pixel, Color color, double opacity) {
    const std::array<double, 3> channels = {color.r, color.g, color.b};
    for (std::size_t i = 0; i < 3; ++i) {
      pixel[i] = static_cast<std::uint8_t>(
          std::lround(pixel[i] + (channels[i] - pixel[i]) * std::clamp(opacity, 0.0, 1.0)));
    }
  }

  /// Those that the box touches.
  template <class Work>
  void for_pixels(double left, double top, double right, double bottom, const Work& work) {
    const int x0 = std::max(0, static_cast<int>(std::floor(left)));
    const int x1 = std::min(bitmap_.width, static_cast<int>(std::ceil(right)));
    const int y0 = std::max(0, static_cast<int>(std::floor(top)));
    const int y1 = std::min(bitmap_.height, static_cast<int>(std::ceil(bottom)));
    for (int y = y0; y < y1; ++y) {
      for (int x = x0; x < x1; ++x) work(x, y);
    }
  }

  void stroke(const std::vector<Point>& points, Color color, double width, double opacity,
              bool dashed) {
    if (points.empty()) return;
    std::vector<std::pair<Point, Point>> segments;
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
      add_dashes(points[i], points[i + 1], dashed, segments);
    }
    if (points.size() == 1) segments.emplace_back(points[0], points[0]);
    const double reach = width / 2 + 1;
    double left = points[0].x, right = left, top = points[0].y, bottom = top;
    for (const Point& p : points) {
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
    // Joints must not be painted twice, so a pixel takes its nearest segment.
    const int columns = static_cast<int>(right - left + 2 * reach) + 3;
    const int rows = static_cast<int>(bottom - top + 2 * reach) + 3;
    const int x0 = static_cast<int>(std::floor(left - reach));
    const int y0 = static_cast<int>(std::floor(top - reach));
    std::vector<float> cover(static_cast<std::size_t>(columns) * rows);
    for (const auto& [a, b] : segments) {
      const int xa = static_cast<int>(std::min(a.x, b.x) - reach) - x0;
      const int xb = static_cast<int>(std::max(a.x, b.x) + reach) - x0;
      const int ya = static_cast<int>(std::min(a.y, b.y) - reach) - y0;
      const int yb = static_cast<int>(std::max(a.y, b.y) + reach) - y0;
      for (int y = std::max(0, ya); y <= std::min(rows - 1, yb); ++y) {
        for (int x = std::max(0, xa); x <= std::min(columns - 1, xb); ++x) {
          const double away = distance_to_segment({x0 + x + 0.5, y0 + y + 0.5}, a, b);
          float& value = cover[static_cast<std::size_t>(y) * columns + x];
          value = std::max(value, float(std::clamp(width / 2 + 0.5 - away, 0.0, 1.0)));
        }
      }
    }
    for_pixels(x0, y0, x0 + columns, y0 + rows, [&](int x, int y) {
      const float value = cover[static_cast<std::size_t>(y - y0) * columns + (x - x0)];
      if (value > 0) put(at(x, y), color, opacity * value);
    });
  }

  void add_dashes(Point a, Point b, bool dashed, std::vector<std::pair<Point, Point>>& out) const {
    if (!dashed) {
      out.emplace_back(a, b);
      return;
    }
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const auto point = [&](double s) {
      return Point{a.x + (b.x - a.x) * s / length, a.y + (b.y - a.y) * s / length};
    };
    const double on = 4 * scale_, period = 7 * scale_;
    for (double s = 0; s < length; s += period) {
      out.emplace_back(point(s), point(std::min(length, s + on)));
    }
  }

  /// By the even-odd rule, 4 x 4 probes a pixel.
  void fill(const std::vector<Point>& points, Color color, double opacity) {
    constexpr int kProbes = 4;
    if (points.size() < 3) return;
    double left = points[0].x, right = left, top = points[0].y, bottom = top;
    for (const Point& p : points) {
      left = std::min(left, p.x);
      right = std::max(right, p.x);
      top = std::min(top, p.y);
      bottom = std::max(bottom, p.y);
    }
    const int x0 = std::max(0, static_cast<int>(std::floor(left)));
    const int x1 = std::min(bitmap_.width, static_cast<int>(std::ceil(right)));
    for (int y = std::max(0, int(std::floor(top)));
         y < std::min(bitmap_.height, int(std::ceil(bottom))); ++y) {
      std::vector<int> cover(static_cast<std::size_t>(std::max(0, x1 - x0)));
      for (int k = 0; k < kProbes; ++k) {
        const double at_y = y + (k + 0.5) / kProbes;
        std::vector<double> crossings;
        for (std::size_t i = 0; i < points.size(); ++i) {
          const Point& a = points[i];
          const Point& b = points[(i + 1) % points.size()];
          if ((a.y <= at_y) == (b.y <= at_y)) continue;
          crossings.push_back(a.x + (at_y - a.y) / (b.y - a.y) * (b.x - a.x));
        }
        std::sort(crossings.begin(), crossings.end());
        for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
          const auto first = static_cast<int>(std::ceil(crossings[i] * kProbes - 0.5));
          const auto last = static_cast<int>(std::ceil(crossings[i + 1] * kProbes - 0.5));
          for (int s = std::max(first, x0 * kProbes); s < std::min(last, x1 * kProbes); ++s) {
            ++cover[static_cast<std::size_t>(s / kProbes - x0)];
          }
        }
      }
      for (int x = x0; x < x1; ++x) {
        const int probes = cover[static_cast<std::size_t>(x - x0)];
        if (probes > 0) put(at(x, y), color, opacity * probes / (kProbes * kProbes));
      }
    }
  }

  Theme theme_;
  double scale_;
  Bitmap bitmap_;
};

}  // namespace

std::string to_png(const Bitmap& bitmap) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(bitmap.width);
  image.height = static_cast<png_uint_32>(bitmap.height);
  image.format = PNG_FORMAT_RGBA;
  const auto write = [&](void* bytes, png_alloc_size_t& size) {
    if (png_image_write_to_memory(&image, bytes, &size, 0, bitmap.rgba.data(), 0, nullptr) == 0) {
      throw std::runtime_error(std::string("PNG cannot be written: ") + image.message);
    }
  };
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  write(bytes.data(), size);
  bytes.resize(size);
  return bytes;
}

std::string to_png(const Drawing& drawing, Theme theme, double scale) {
  Canvas canvas(drawing, theme, scale);
  for (const Shape& shape : drawing.shapes()) std::visit(canvas, shape);
  return to_png(canvas.bitmap());
}

std::string data_uri(const Bitmap& bitmap) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string bytes = to_png(bitmap);
  std::string uri = "data:image/png;base64,";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      uri += k <= std::min<std::size_t>(3, bytes.size() - i) ? kDigits[group >> (18 - 6 * k) & 63]
                                                             : '=';
    }
  }
  return uri;
}

}  // namespace trispike::report
