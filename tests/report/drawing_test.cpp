// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/drawing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include "src/stroke_font.h"

namespace trispike::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What libpng reads out of the bytes.
Bitmap decode(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGBA;
  Bitmap bitmap(static_cast<int>(image.width), static_cast<int>(image.height));
  EXPECT_NE(png_image_finish_read(&image, nullptr, bitmap.rgba.data(), 0, nullptr), 0);
  return bitmap;
}

std::string hex(const Bitmap& bitmap, int x, int y) {
  const std::uint8_t* p = bitmap.rgba.data() + 4 * (static_cast<std::size_t>(y) * bitmap.width + x);
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", p[0], p[1], p[2]);
  return text;
}

TEST(Drawing, SvgNamesRolesNotColours) {
  Drawing drawing(100, 50, "A <title> & more");
  drawing.rectangle(1, 2, 3.5, 4, Role::kFirst, 1, "tip \"x\"");
  drawing.line({0, 0}, {10, 10}, Role::kThreshold, 1, true);
  drawing.text({5, 6}, "a<b", Anchor::kEnd);
  const std::string svg = to_svg(drawing);
  EXPECT_THAT(svg, StartsWith("<svg viewBox=\"0 0 100 50\""));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"A &lt;title&gt; &amp; more\""));
  EXPECT_THAT(svg, HasSubstr("width=\"3.5\" height=\"4\" fill=\"var(--first)\""));
  EXPECT_THAT(svg, HasSubstr("<title>tip &quot;x&quot;</title>"));
  EXPECT_THAT(svg, HasSubstr("stroke-dasharray"));
  EXPECT_THAT(svg, HasSubstr("text-anchor=\"end\""));
  EXPECT_THAT(svg, HasSubstr("a&lt;b"));
  EXPECT_THAT(svg, Not(HasSubstr("#")));
}

TEST(Drawing, PngHasTheThemesColours) {
  Drawing drawing(20, 10, "");
  drawing.rectangle(2, 2, 6, 6, Role::kFirst);
  for (const Theme theme : {Theme::kLight, Theme::kDark}) {
    const Bitmap bitmap = decode(to_png(drawing, theme, 2));
    EXPECT_EQ(bitmap.width, 40);
    EXPECT_EQ(bitmap.height, 20);
    EXPECT_EQ(hex(bitmap, 10, 10), color(Role::kFirst, theme));
    EXPECT_EQ(hex(bitmap, 30, 10), color(Role::kSurface, theme));
  }
}

TEST(Drawing, EdgesAreCoveredInPart) {
  Drawing drawing(4, 4, "");
  drawing.rectangle(0, 0, 1.5, 4, Role::kInk);
  const Bitmap bitmap = decode(to_png(drawing, Theme::kLight, 1));
  EXPECT_EQ(hex(bitmap, 0, 1), color(Role::kInk, Theme::kLight));
  EXPECT_EQ(hex(bitmap, 2, 1), color(Role::kSurface, Theme::kLight));
  EXPECT_NE(hex(bitmap, 1, 1), color(Role::kInk, Theme::kLight));
  EXPECT_NE(hex(bitmap, 1, 1), color(Role::kSurface, Theme::kLight));
}

TEST(Drawing, AreasLinesTextsAndPicturesArePainted) {
  Drawing drawing(60, 60, "");
  drawing.area({{0, 0}, {20, 0}, {20, 20}, {0, 20}}, Role::kSecond, 1);
  drawing.polyline({{0, 30}, {60, 30}}, Role::kThird, 4);
  Bitmap spikes(2, 1);
  spikes.set(0, 0, spike_color(1));
  drawing.picture(40, 0, 20, 10, spikes);
  drawing.text({0, 58}, "T", Anchor::kStart, Role::kInk, 20);
  const Bitmap bitmap = decode(to_png(drawing, Theme::kLight, 1));
  EXPECT_EQ(hex(bitmap, 10, 10), color(Role::kSecond, Theme::kLight));
  EXPECT_EQ(hex(bitmap, 30, 30), color(Role::kThird, Theme::kLight));
  EXPECT_EQ(hex(bitmap, 45, 5), "#3f83f0");
  EXPECT_EQ(hex(bitmap, 55, 5), color(Role::kSurface, Theme::kLight));  // transparent
  bool written = false;
  for (int x = 0; x < 12; ++x)
    written |= hex(bitmap, x, 50) != color(Role::kSurface, Theme::kLight);
  EXPECT_TRUE(written);
}

TEST(Drawing, ShapesBeyondTheEdgesAreCutOff) {
  Drawing drawing(10, 10, "");
  drawing.rectangle(-5, -5, 100, 100, Role::kFirst);
  drawing.line({-50, 5}, {50, 5}, Role::kInk, 3);
  drawing.area({{-9, -9}, {99, -9}, {99, 99}}, Role::kSecond, 0.5);
  Drawing moved(10, 10, "");
  moved.add(drawing, 3, -4);
  EXPECT_EQ(decode(to_png(moved, Theme::kDark, 1)).width, 10);
}

TEST(Bitmap, DataUriIsAPng) {
  Bitmap bitmap(3, 2);
  bitmap.set(2, 1, 0x01020304);
  const std::string uri = data_uri(bitmap);
  EXPECT_THAT(uri, StartsWith("data:image/png;base64,iVBORw0KGgo"));
  EXPECT_EQ((uri.size() - 22) % 4, 0u);
  EXPECT_EQ(decode(to_png(bitmap)).rgba, bitmap.rgba);
}

TEST(StrokeFont, WidthsAndUnknownLetters) {
  EXPECT_EQ(stroke_text("").width, 0);
  EXPECT_LT(stroke_text("i").width, stroke_text("m").width);
  EXPECT_GT(stroke_text("a b").width, stroke_text("ab").width);
  EXPECT_EQ(stroke_text("\xc2\xb1").strokes.size(), 3u);  // plus-minus
  EXPECT_EQ(stroke_text("\xff\xfe").strokes.size(), 2u);  // two boxes
  EXPECT_EQ(stroke_text("\xe2\x82").strokes.size(), 1u);  // cut off
}

}  // namespace
}  // namespace trispike::report
