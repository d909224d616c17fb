// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/page.h"

#include "src/concat.h"

namespace trispike::report {
namespace {

std::string variables(Theme theme) {
  std::string css;
  for (int i = 0; i < kRoles; ++i) {
    const Role role = static_cast<Role>(i);
    css += concat({css_variable(role), ":", color(role, theme), ";"});
  }
  css += theme == Theme::kLight ? "--page:#f3f5f8;--shadow:0 1px 2px rgba(20,30,45,.08);"
                                : "--page:#0d1117;--shadow:none;";
  return css;
}

constexpr const char* kStyle = R"css(
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);
 font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 4px}
.sub,.note{color:var(--muted);margin:0 0 20px;overflow-wrap:anywhere}
.note{margin:4px 0 14px;max-width:80ch}
section{background:var(--surface);border:1px solid var(--grid);border-radius:14px;
 padding:20px 22px;margin:18px 0;box-shadow:var(--shadow)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px}
.tile{background:var(--surface);border:1px solid var(--grid);border-radius:14px;padding:14px 16px;
 box-shadow:var(--shadow)}
.tile b{display:block;font-size:1.55rem;line-height:1.2;font-weight:650;letter-spacing:-.01em;
 font-variant-numeric:tabular-nums}
.tile span{display:block;font-weight:600;font-size:.87rem}
.tile small{color:var(--muted)}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(330px,100%),1fr));
 gap:22px 30px;margin-top:12px}
.plots svg,.wide svg{display:block;width:100%;height:auto;font-family:inherit}
.plots svg{max-width:460px}
.wide{overflow-x:auto;margin-top:12px}
.scroll{overflow-x:auto;margin:10px -4px 0;padding:0 4px}
table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;color:var(--muted);padding:0 0 6px}
th,td{padding:5px 10px;border-bottom:1px solid var(--grid);text-align:right;white-space:nowrap}
th{color:var(--muted);font-weight:600;border-bottom-color:var(--muted);vertical-align:bottom}
.t{text-align:left}
tr:last-child td{border-bottom:0}
ul{margin:6px 0;padding-left:20px;max-width:90ch}
pre{background:var(--page);border-radius:10px;padding:12px 14px;overflow-x:auto;margin:10px 0;
 font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
@media(max-width:520px){main{padding:18px 12px 40px}section{padding:16px 14px}
 h1{font-size:1.4rem}.tiles{grid-template-columns:1fr 1fr}.tile b{font-size:1.25rem}}
@media print{section,.tile{break-inside:avoid;box-shadow:none}}
)css";

}  // namespace

Page::Page(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void Page::tiles(const std::vector<Tile>& tiles) {
  close_section();
  body_ += "<div class=\"tiles\">\n";
  for (const Tile& tile : tiles) {
    body_ += concat({"<div class=\"tile\"><b>", escape(tile.value), "</b><span>",
                     escape(tile.label), "</span><small>", escape(tile.note), "</small></div>\n"});
  }
  body_ += "</div>\n";
}

void Page::section(const std::string& title, const std::string& text) {
  close_section();
  body_ += concat({"<section>\n<h2>", escape(title), "</h2>\n"});
  section_open_ = true;
  if (!text.empty()) paragraph(text);
}

void Page::close_section() {
  if (section_open_) body_ += "</section>\n";
  section_open_ = false;
}

void Page::paragraph(const std::string& text) {
  body_ += concat({"<p class=\"note\">", escape(text), "</p>\n"});
}

void Page::list(const std::vector<std::string>& items) {
  body_ += "<ul>\n";
  for (const std::string& item : items) body_ += concat({"<li>", escape(item), "</li>\n"});
  body_ += "</ul>\n";
}

void Page::table(const HtmlTable& table, const std::string& caption) {
  const auto cells = [&](const std::vector<std::string>& texts, const char* tag) {
    std::string row = "<tr>";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const bool text = static_cast<int>(i) < table.text_columns;
      row += concat({"<", tag, text ? " class=\"t\">" : ">",
                     escape(i < texts.size() ? texts[i] : ""), "</", tag, ">"});
    }
    return row + "</tr>\n";
  };
  body_ += "<div class=\"scroll\"><table>";
  if (!caption.empty()) body_ += concat({"<caption>", escape(caption), "</caption>"});
  body_ += concat({"\n<thead>", cells(table.columns, "th"), "</thead>\n<tbody>\n"});
  for (const auto& row : table.rows) body_ += cells(row, "td");
  body_ += "</tbody></table></div>\n";
}

void Page::plots(const std::string& name, const std::vector<Drawing>& drawings) {
  body_ += "<div class=\"plots\">\n";
  for (std::size_t i = 0; i < drawings.size(); ++i) {
    body_ += concat({"<div>", to_svg(drawings[i]), "</div>\n"});
    drawings_.emplace_back(drawings.size() == 1 ? name : name + "-" + std::to_string(i + 1),
                           drawings[i]);
  }
  body_ += "</div>\n";
}

void Page::wide_plot(const std::string& name, const Drawing& drawing) {
  // Below its own width text could not be read any more.
  const std::string width = std::to_string(static_cast<int>(drawing.width()));
  const std::string largest = std::to_string(static_cast<int>(1.35 * drawing.width()));
  body_ += concat({"<div class=\"wide\"><div style=\"min-width:", width, "px;max-width:", largest,
                   "px\">", to_svg(drawing), "</div></div>\n"});
  drawings_.emplace_back(name, drawing);
}

void Page::code(const std::string& text) { body_ += concat({"<pre>", escape(text), "</pre>\n"}); }

std::string Page::html() const {
  return concat(
      {"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
       escape(title_), "</title>\n<style>\n:root{", variables(Theme::kLight),
       "}\n@media(prefers-color-scheme:dark){:root{", variables(Theme::kDark), "}}", kStyle,
       "</style>\n</head>\n<body>\n<main>\n<h1>", escape(title_), "</h1>\n<p class=\"sub\">",
       escape(subtitle_), "</p>\n", body_, section_open_ ? "</section>\n" : "",
       "</main>\n</body>\n</html>\n"});
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line += ',';
    line += csv_field(fields[i]);
  }
  return line + "\n";
}

}  // namespace trispike::report
