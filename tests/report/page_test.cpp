// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trispike::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Page example() {
  Page page("Title & <b>", "sub");
  page.tiles({{"1", "one", "note"}});
  page.section("First", "<script>");
  page.table({{"name", "value"}, {{"a<b", "2"}, {"short"}}, 1}, "caption");
  page.plots("plot", {Drawing(10, 10, "x"), Drawing(10, 10, "y")});
  page.section("Second");
  page.list({"item"});
  page.code("trispike & co");
  page.wide_plot("wide", Drawing(700, 10, "z"));
  return page;
}

TEST(Page, NeedsNothingElse) {
  const std::string html = example().html();
  for (const char* foreign : {"http://", "https://", "<script", "<link", "@import", "url("}) {
    EXPECT_THAT(html, Not(HasSubstr(foreign)));
  }
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(html, HasSubstr("name=\"viewport\""));
}

TEST(Page, EscapesTexts) {
  const std::string html = example().html();
  EXPECT_THAT(html, HasSubstr("<title>Title &amp; &lt;b&gt;</title>"));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(html, HasSubstr("<td class=\"t\">a&lt;b</td><td>2</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"t\">short</td><td></td>"));
}

TEST(Page, ElementsAreClosed) {
  const std::string html = example().html();
  const auto count = [&](const std::string& part) {
    int n = 0;
    for (std::size_t at = html.find(part); at != std::string::npos; at = html.find(part, at + 1)) {
      ++n;
    }
    return n;
  };
  for (const std::string name : {"section", "div", "table", "svg", "ul", "main"}) {
    EXPECT_EQ(count("<" + name + ">") + count("<" + name + " "), count("</" + name + ">")) << name;
  }
}

TEST(Page, EveryPlotHasAName) {
  std::vector<std::string> names;
  const Page page = example();
  for (const auto& [name, drawing] : page.drawings()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("plot-1", "plot-2", "wide"));
}

TEST(Csv, QuotesWhatHasTo) {
  EXPECT_EQ(csv_line({"a", "b,c", "d\"e", "", "f\ng"}), "a,\"b,c\",\"d\"\"e\",,\"f\ng\"\n");
  EXPECT_EQ(csv_line({"", "x"}), ",x\n");
}

}  // namespace
}  // namespace trispike::report
