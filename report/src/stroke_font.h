// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Letters as strokes, for PNG files: no font file and no font library is needed to draw a plot.
#pragma once

#include <string_view>
#include <vector>

#include "trispike/report/drawing.h"

namespace trispike::report {

/// A line of text with its base line's start at (0, 0); one unit is a sixth of a capital's height.
struct StrokedText {
  std::vector<std::vector<Point>> strokes;  ///< a stroke of one point is a dot
  double width = 0;
};

/// UTF-8; a box stands for what the font does not have.
StrokedText stroke_text(std::string_view utf8);

/// Units per pixel of font size: capitals are 0.72 of it high.
inline constexpr double kStrokeUnit = 0.72 / 6;

}  // namespace trispike::report
