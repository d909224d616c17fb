// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <algorithm>

#include "format.h"

namespace trispike::cli {
namespace {

constexpr std::string_view kGap = "  ";

}  // namespace

void Table::add_row(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    widths.push_back(display_width(columns_[c].title));
    for (const std::vector<std::string>& row : rows_) {
      widths[c] = std::max(widths[c], row.empty() ? 0 : display_width(row[c]));
    }
  }

  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string padding(widths[c] - display_width(cells[c]), ' ');
      text += c > 0 ? kGap : "";
      text += columns_[c].align == Align::kLeft ? cells[c] + padding : padding + cells[c];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  };
  std::vector<std::string> rule;
  for (const std::size_t width : widths) {
    rule.emplace_back(width, '-');
  }
  add_line(titles);
  add_line(rule);
  for (const std::vector<std::string>& row : rows_) {
    add_line(row.empty() ? rule : row);
  }
  return text;
}

}  // namespace trispike::cli
