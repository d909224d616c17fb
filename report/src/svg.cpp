// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cmath>

#include "src/concat.h"
#include "trispike/report/drawing.h"

namespace trispike::report {
namespace {

/// Two decimals at most: a hundredth of a pixel cannot be seen, and pages stay small.
std::string number(double value) {
  const double rounded = std::round(value * 100) / 100;
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.begin(), buffer.end(), rounded == 0 ? 0.0 : rounded).ptr;
  return {buffer.data(), end};
}

std::string attribute(std::string_view name, double value) {
  return concat({" ", name, "=\"", number(value), "\""});
}

std::string paint(std::string_view property, Role role) {
  return concat({" ", property, "=\"var(", css_variable(role), ")\""});
}

struct Writer {
  std::string& svg;

  void operator()(const Rectangle& r) const {
    svg += concat({"<rect", attribute("x", r.x), attribute("y", r.y), attribute("width", r.width),
                   attribute("height", r.height), paint("fill", r.fill)});
    if (r.opacity < 1) svg += attribute("opacity", r.opacity);
    svg += r.tip.empty() ? "/>" : concat({"><title>", escape(r.tip), "</title></rect>"});
  }
  void operator()(const Path& p) const {
    svg += "<path d=\"";
    for (std::size_t i = 0; i < p.points.size(); ++i) {
      svg += concat({i == 0 ? "M" : "L", number(p.points[i].x), " ", number(p.points[i].y)});
    }
    if (p.width > 0) {
      svg += concat({"\" fill=\"none\" stroke-linejoin=\"round\"", paint("stroke", p.color),
                     attribute("stroke-width", p.width)});
      if (p.dashed) svg += " stroke-dasharray=\"4 3\"";
    } else {
      svg += concat({"Z\"", paint("fill", p.color)});
    }
    if (p.opacity < 1) svg += attribute("opacity", p.opacity);
    svg += "/>";
  }
  void operator()(const Text& t) const {
    constexpr std::array<std::string_view, 3> kAnchors = {"start", "middle", "end"};
    svg += concat({"<text", attribute("x", t.at.x), attribute("y", t.at.y),
                   attribute("font-size", t.size), " text-anchor=\"",
                   kAnchors[static_cast<std::size_t>(t.anchor)], "\"", paint("fill", t.color),
                   t.bold ? " font-weight=\"600\"" : "", ">", escape(t.text), "</text>"});
  }
  void operator()(const Picture& p) const {
    svg += concat({"<image", attribute("x", p.x), attribute("y", p.y), attribute("width", p.width),
                   attribute("height", p.height),
                   " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" href=\"",
                   data_uri(p.bitmap), "\"/>"});
  }
};

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string to_svg(const Drawing& drawing) {
  std::string svg =
      concat({"<svg viewBox=\"0 0 ", number(drawing.width()), " ", number(drawing.height()),
              "\" role=\"img\" aria-label=\"", escape(drawing.title()), "\">"});
  for (const Shape& shape : drawing.shapes()) std::visit(Writer{svg}, shape);
  return svg + "</svg>";
}

}  // namespace trispike::report
