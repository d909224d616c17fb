// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A report as one HTML file that needs nothing else: style sheet and plots are in it. Light and
// dark follow the reader's system, and it fits phones.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "trispike/report/drawing.h"

namespace trispike::report {

/// A figure that stands out at the top.
struct Tile {
  std::string value;  ///< "67.2 %"
  std::string label;  ///< "accuracy"
  std::string note;   ///< "of 10,000 test images"
};

struct HtmlTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  int text_columns = 1;  ///< so many from the left are texts, the others numbers
};

/// All texts given to it are plain: it escapes them.
class Page {
 public:
  Page(std::string title, std::string subtitle);

  void tiles(const std::vector<Tile>& tiles);
  /// A heading; what follows belongs to it.
  void section(const std::string& title, const std::string& text = {});
  void paragraph(const std::string& text);
  void list(const std::vector<std::string>& items);
  void table(const HtmlTable& table, const std::string& caption = {});
  /// Plots side by side where there is room. `name` is that of the PNG files: "rates".
  void plots(const std::string& name, const std::vector<Drawing>& drawings);
  /// One plot over the whole width; on narrow screens it scrolls.
  void wide_plot(const std::string& name, const Drawing& drawing);
  /// Commands, as typed.
  void code(const std::string& text);

  std::string html() const;
  /// Every plot with a file name of its own, without ending.
  const std::vector<std::pair<std::string, Drawing>>& drawings() const { return drawings_; }

 private:
  void close_section();

  std::string title_;
  std::string subtitle_;
  std::string body_;
  bool section_open_ = false;
  std::vector<std::pair<std::string, Drawing>> drawings_;
};

/// A field of a CSV file, quoted if it has to be.
std::string csv_field(const std::string& text);
/// One line with its end.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace trispike::report
