// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A picture as a list of shapes. It knows roles, not colours, so that one drawing serves light and
// dark pages (to_svg) and PNG files of either theme (to_png).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trispike::report {

/// What a colour is for.
enum class Role : std::uint8_t {
  kSurface,  ///< what plots stand on
  kInk,      ///< text and marks that must be read
  kMuted,    ///< axis labels, secondary text
  kGrid,     ///< grid lines and frames
  kFirst,    ///< series, in this order; also spikes +1
  kSecond,   ///< also spikes -1
  kThird,
  kFourth,
  kThreshold  ///< lines that mark a limit
};
inline constexpr int kRoles = 9;

enum class Theme { kLight, kDark };

/// "#rrggbb".
std::string_view color(Role role, Theme theme);
/// The name of the role's custom property in a page's style sheet: "--first".
std::string_view css_variable(Role role);
/// The role of series i of a plot; there are four.
Role series_role(std::size_t i);

struct Point {
  double x = 0;
  double y = 0;
};

enum class Anchor { kStart, kMiddle, kEnd };

/// Red, green, blue, alpha, row by row; 4 * width * height bytes.
struct Bitmap {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;

  Bitmap() = default;
  Bitmap(int w, int h) : width(w), height(h), rgba(std::size_t(4) * w * h) {}
  void set(int x, int y, std::uint32_t rgba_value);  ///< 0xRRGGBBAA
};

/// A spike of this sign as 0xRRGGBBAA, readable on both themes; 0 is transparent.
std::uint32_t spike_color(int sign);

struct Rectangle {
  double x, y, width, height;
  Role fill;
  double opacity;
  std::string tip;  ///< shown when pointed at
};
struct Path {
  std::vector<Point> points;
  Role color;
  double width;  ///< of the line; 0: filled instead
  double opacity;
  bool dashed;
};
struct Text {
  Point at;  ///< on the base line
  std::string text;
  Anchor anchor;
  double size;
  Role color;
  bool bold;
};
struct Picture {
  double x, y, width, height;
  Bitmap bitmap;
};
using Shape = std::variant<Rectangle, Path, Text, Picture>;

/// Units are CSS pixels, y grows downwards.
class Drawing {
 public:
  /// `title`: what it shows, for those who cannot see it.
  Drawing(double width, double height, std::string title)
      : width_(width), height_(height), title_(std::move(title)) {}

  void rectangle(double x, double y, double width, double height, Role fill, double opacity = 1,
                 std::string tip = {});
  void line(Point from, Point to, Role color, double width = 1, bool dashed = false);
  void polyline(std::vector<Point> points, Role color, double width = 1.5);
  void area(std::vector<Point> points, Role fill, double opacity);
  void text(Point at, std::string text, Anchor anchor = Anchor::kStart, Role color = Role::kMuted,
            double size = 11, bool bold = false);
  void picture(double x, double y, double width, double height, Bitmap bitmap);
  /// All shapes of another drawing, moved.
  void add(const Drawing& other, double x, double y);

  double width() const { return width_; }
  double height() const { return height_; }
  const std::string& title() const { return title_; }
  const std::vector<Shape>& shapes() const { return shapes_; }

 private:
  double width_;
  double height_;
  std::string title_;
  std::vector<Shape> shapes_;
};

/// An <svg> element for a page that defines the roles' custom properties.
std::string to_svg(const Drawing& drawing);

/// The bytes of a PNG file, `scale` pixels a unit. Throws std::runtime_error if libpng does.
std::string to_png(const Drawing& drawing, Theme theme, double scale = 2);
std::string to_png(const Bitmap& bitmap);

/// "data:image/png;base64,...".
std::string data_uri(const Bitmap& bitmap);

/// With &, <, > and quotes replaced.
std::string escape(std::string_view text);

}  // namespace trispike::report
