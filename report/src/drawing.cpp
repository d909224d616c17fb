// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/drawing.h"

#include <array>

namespace trispike::report {
namespace {

struct RoleRow {
  std::string_view variable;
  std::string_view light;
  std::string_view dark;
};

/// In the order of Role. First to fourth differ in lightness, too, so that they are told apart
/// without colour vision.
constexpr std::array<RoleRow, kRoles> kRows = {{{"--surface", "#ffffff", "#161b22"},
                                                {"--ink", "#18212c", "#e9eef4"},
                                                {"--muted", "#566270", "#9aa7b5"},
                                                {"--grid", "#dde3ea", "#2d3641"},
                                                {"--first", "#2563c9", "#74a7ff"},
                                                {"--second", "#d8571f", "#ff9b63"},
                                                {"--third", "#0b8573", "#45d0b8"},
                                                {"--fourth", "#7a4fc0", "#bfa2ff"},
                                                {"--threshold", "#b3261e", "#ff8a80"}}};

const RoleRow& row(Role role) { return kRows[static_cast<std::size_t>(role)]; }

struct Mover {
  double x, y;
  void operator()(Rectangle& r) const {
    r.x += x;
    r.y += y;
  }
  void operator()(Path& p) const {
    for (Point& point : p.points) point = {point.x + x, point.y + y};
  }
  void operator()(Text& t) const { t.at = {t.at.x + x, t.at.y + y}; }
  void operator()(Picture& p) const {
    p.x += x;
    p.y += y;
  }
};

}  // namespace

std::string_view color(Role role, Theme theme) {
  return theme == Theme::kLight ? row(role).light : row(role).dark;
}

std::string_view css_variable(Role role) { return row(role).variable; }

Role series_role(std::size_t i) {
  constexpr std::array kSeries = {Role::kFirst, Role::kSecond, Role::kThird, Role::kFourth};
  return kSeries[i % kSeries.size()];
}

void Bitmap::set(int x, int y, std::uint32_t rgba_value) {
  std::uint8_t* pixel = rgba.data() + 4 * (static_cast<std::size_t>(y) * width + x);
  for (int i = 0; i < 4; ++i) pixel[i] = static_cast<std::uint8_t>(rgba_value >> (24 - 8 * i));
}

std::uint32_t spike_color(int sign) {
  if (sign == 0) return 0;
  return sign > 0 ? 0x3f83f0ffU : 0xf07a3cffU;
}

void Drawing::rectangle(double x, double y, double width, double height, Role fill, double opacity,
                        std::string tip) {
  shapes_.emplace_back(Rectangle{x, y, width, height, fill, opacity, std::move(tip)});
}

void Drawing::line(Point from, Point to, Role color, double width, bool dashed) {
  shapes_.emplace_back(Path{{from, to}, color, width, 1, dashed});
}

void Drawing::polyline(std::vector<Point> points, Role color, double width) {
  shapes_.emplace_back(Path{std::move(points), color, width, 1, false});
}

void Drawing::area(std::vector<Point> points, Role fill, double opacity) {
  shapes_.emplace_back(Path{std::move(points), fill, 0, opacity, false});
}

void Drawing::text(Point at, std::string text, Anchor anchor, Role color, double size, bool bold) {
  shapes_.emplace_back(Text{at, std::move(text), anchor, size, color, bold});
}

void Drawing::picture(double x, double y, double width, double height, Bitmap bitmap) {
  shapes_.emplace_back(Picture{x, y, width, height, std::move(bitmap)});
}

void Drawing::add(const Drawing& other, double x, double y) {
  for (Shape shape : other.shapes_) {
    std::visit(Mover{x, y}, shape);
    shapes_.push_back(std::move(shape));
  }
}

}  // namespace trispike::report
