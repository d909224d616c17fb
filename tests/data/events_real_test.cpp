// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Real recordings of every format against an index that was made without any of this code: counts,
// times and the SHA-256 of all events.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "event_fixtures.h"
#include "src/file_tree.h"
#include "support/data.h"
#include "trispike/data/event_labels.h"
#include "trispike/model/sha256.h"

namespace trispike::data {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<Row> table(std::istream& lines) {
  std::vector<Row> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream fields(line);
    for (std::string cell; std::getline(fields, cell, '\t');) cells.push_back(cell);
    if (names.empty()) {
      names = cells;
      continue;
    }
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) row[names[i]] = cells[i];
  }
  return rows;
}

// Of int64 t, uint16 x, uint16 y, uint8 p of each event, little-endian without gaps.
std::string digest(const std::vector<Event>& events, bool with_times) {
  model::Sha256 hash;
  for (const Event& event : events) {
    std::array<std::byte, 13> packed;
    const std::int64_t t = with_times ? event.t : 0;
    std::memcpy(packed.data(), &t, 8);
    std::memcpy(packed.data() + 8, &event.x, 2);
    std::memcpy(packed.data() + 10, &event.y, 2);
    std::memcpy(packed.data() + 12, &event.p, 1);
    hash.update(packed.data(), packed.size());
  }
  return hash.finish();
}

std::string format_of(const std::string& text) {
  const std::pair<std::string, std::string> kNames[] = {{"AEDAT 2.0 DVS128", "aedat2-dvs128"},
                                                        {"AEDAT 2.0 DAVIS", "aedat2-davis"},
                                                        {"AEDAT 3.1", "aedat3"},
                                                        {"AEDAT 4", "aedat4"},
                                                        {"nmnist-bin", "nmnist"},
                                                        {"Prophesee EVT 2.0", "evt2"},
                                                        {"Prophesee EVT 3.0", "evt3"},
                                                        {"Prophesee DAT", "dat"},
                                                        {"text", "text"}};
  for (const auto& [beginning, name] : kNames) {
    if (text.starts_with(beginning)) return name;
  }
  return "unknown";
}

void expect_number(const Row& row, const std::string& column, std::uint64_t value) {
  const auto cell = row.find(column);
  if (cell == row.end() || cell->second.empty()) return;  // the index says nothing
  EXPECT_EQ(std::to_string(value), cell->second) << column;
}

TEST(RealEvents, EqualTheIndex) {
  TRISPIKE_TEST_DATA(path, "events");
  std::ifstream file(path / "index.tsv");
  const std::vector<Row> rows = table(file);
  ASSERT_GE(rows.size(), 34u);
  std::set<std::string> formats;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.at("path"));
    const auto reader = open_events(path / row.at("path"));
    EXPECT_EQ(reader->format(), format_of(row.at("format")));
    formats.insert(std::string(reader->format()));
    const std::vector<Event> events = read_events(*reader);
    expect_number(row, "header_bytes", reader->header_bytes());
    expect_number(row, "records", reader->records());
    expect_number(row, "events", events.size());
    expect_number(row, "polarity_bit_1",
                  static_cast<std::uint64_t>(std::ranges::count(events, 1, &Event::p)));
    if (events.empty()) continue;
    expect_number(row, "t_first", static_cast<std::uint64_t>(events.front().t));
    expect_number(row, "t_last", static_cast<std::uint64_t>(events.back().t));
    // Other decoders of EVT 3.0 do not agree on the times: see the index's note.
    const bool with_times = reader->format() != "evt3";
    EXPECT_EQ(digest(events, with_times), row.at("digest"));
    if (!with_times) {
      EXPECT_GE(events.back().t, 11727457);
      EXPECT_LE(events.back().t, 11727467);
    }
  }
  EXPECT_EQ(formats.size(), event_formats().size());
}

void expect_tar(const std::filesystem::path& tar, std::size_t samples) {
  const FileTree index(tar, {"index.tsv"});
  ASSERT_EQ(index.entries().size(), 1u);
  const Bytes text = index.read(index.entries().front());
  std::istringstream lines(std::string(reinterpret_cast<const char*>(text.data()), text.size()));
  std::map<std::string, Row> rows;
  for (const Row& row : table(lines)) rows[row.at("path")] = row;
  const FileTree tree(tar, {".bin"});
  EXPECT_EQ(tree.entries().size(), samples);
  EXPECT_EQ(rows.size(), samples);
  for (const TreeEntry& entry : tree.entries()) {
    SCOPED_TRACE(entry.path);
    const Row& row = rows.at(entry.path);
    const auto reader = open_events(tree.read(entry), tree.name(entry));
    EXPECT_EQ(reader->format(), "nmnist");
    const EventSummary summary = summarise_events(*reader);
    EXPECT_EQ(std::to_string(summary.events), row.at("events"));
    EXPECT_EQ(std::to_string(summary.on_events), row.at("on_events"));
    EXPECT_EQ(std::to_string(summary.first_us), row.at("t_first_us"));
    EXPECT_EQ(std::to_string(summary.last_us), row.at("t_last_us"));
  }
}

TEST(RealEvents, EqualTheIndexOfNmnist) {
  TRISPIKE_TEST_DATA(path, "events/nmnist-small/nmnist-small.tar");
  expect_tar(path, 734);
}

TEST(RealEvents, EqualTheIndexOfTheAlphabet) {
  TRISPIKE_TEST_DATA(path, "events/alphabet/alphabet.tar");
  expect_tar(path, 51);
}

// One AEDAT 3.1 recording holds the same gestures as seven files of another format, one after the
// other; cutting it by its labels gives them back.
TEST(RealEvents, CuttingGesturesGivesTheSingleOnes) {
  TRISPIKE_TEST_DATA(path, "events/dvs-gesture");
  const std::vector<EventLabel> labels = read_event_labels(path / "gestures7_reencoded_labels.csv");
  std::map<int, std::filesystem::path> single;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".bin") {
      single[std::stoi(entry.path().filename().string())] = entry.path();
    }
  }
  ASSERT_EQ(labels.size(), single.size());
  const auto reader = open_events(path / "gestures7_reencoded.aedat");
  std::size_t cut = 0;
  cut_events(*reader, labels, [&](const EventLabel& label, const std::vector<Event>& events) {
    ++cut;
    std::vector<Event> expected = read_events(*open_events(single.at(label.label)));
    for (Event& event : expected) event.t += label.begin_us;
    EXPECT_EQ(events, expected) << label.label;
  });
  EXPECT_EQ(cut, labels.size());
}

TEST(RealEvents, ReadsAnOriginalLabelFile) {
  TRISPIKE_TEST_DATA(path, "events/dvs-gesture/user01_natural_labels.csv");
  const std::vector<EventLabel> labels = read_event_labels(path);
  ASSERT_EQ(labels.size(), 12u);
  EXPECT_EQ(labels[0], (EventLabel{.label = 1, .begin_us = 53036986, .end_us = 59508469}));
}

}  // namespace
}  // namespace trispike::data
