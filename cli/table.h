// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A plain-text table.
#pragma once

#include <string>
#include <vector>

namespace trispike::cli {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kRight;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell per column; missing cells at the end stay empty.
  void add_row(std::vector<std::string> cells);
  /// A line between rows, as above a sum.
  void add_rule() { rows_.emplace_back(); }

  /// Titles, a rule, the rows; each line ends with a newline, none with a space.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< an empty one is a rule
};

}  // namespace trispike::cli
