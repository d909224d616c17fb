// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/frames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <set>
#include <sstream>

#include "fixtures.h"
#include "src/frame_resize.h"
#include "trispike/data/error.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kWidth = 6, kHeight = 5;  // of the recordings in tests/golden/frames

std::filesystem::path golden(const std::string& file) {
  return std::filesystem::path(TRISPIKE_SOURCE_DIR "/tests/golden/frames") / file;
}

std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(cell);
  }
  return rows;
}

std::map<std::string, std::vector<Event>> golden_recordings() {
  std::map<std::string, std::vector<Event>> recordings;
  for (const auto& row : read_table(golden("events.tsv"))) {
    recordings[row.at(0)].push_back({std::stoll(row.at(1)), std::uint16_t(std::stoi(row.at(2))),
                                     std::uint16_t(std::stoi(row.at(3))),
                                     std::uint8_t(std::stoi(row.at(4)))});
  }
  return recordings;
}

// Every call of SpikingJelly and Tonic that tools/golden_frames.py made, count by count.
TEST(SliceEvents, EqualSpikingJellyAndTonic) {
  const std::map<std::string, SliceBy> kinds = {{"count_bins", SliceBy::kCountBins},
                                                {"time_bins", SliceBy::kTimeBins},
                                                {"count", SliceBy::kCount},
                                                {"window", SliceBy::kWindow}};
  const auto recordings = golden_recordings();
  const Bytes expected = load(golden("frames.bin"));
  const auto cases = read_table(golden("cases.tsv"));
  EXPECT_EQ(cases.size(), 93u);
  for (const auto& row : cases) {
    SCOPED_TRACE(row.at(0) + ", " + row.at(1));
    const std::vector<Event>& events = recordings.at(row.at(1));
    Slicing slicing;
    slicing.by = kinds.at(row.at(2));
    slicing.size = std::stoll(row.at(3));
    slicing.keep_rest = row.at(4) == "1";
    slicing.overlap = std::stod(row.at(5));
    slicing.keep_incomplete = row.at(6) == "1";
    const std::vector<EventSlice> slices = slice_events(events, slicing);
    ASSERT_EQ(slices.size(), std::stoull(row.at(7)));
    std::size_t at = std::stoull(row.at(8));
    for (const EventSlice& slice : slices) {
      std::vector<int> counts(2 * kHeight * kWidth);
      for (std::size_t i = slice.begin; i < slice.end; ++i) {
        ++counts[(events[i].p * kHeight + events[i].y) * kWidth + events[i].x];
      }
      for (const int count : counts) {
        ASSERT_EQ(count, std::to_integer<int>(expected.at(at))) << "byte " << at;
        ++at;
      }
    }
  }
}

// make_frames() cuts as slice_events() does, and puts each event where it belongs.
TEST(MakeFrames, EqualSpikingJellyAndTonic) {
  const auto recordings = golden_recordings();
  const Bytes expected = load(golden("frames.bin"));
  int compared = 0;
  for (const auto& row : read_table(golden("cases.tsv"))) {
    const bool bins = row.at(2).ends_with("_bins");
    if (!bins || row.at(5) != "0") continue;
    SCOPED_TRACE(row.at(0) + ", " + row.at(1));
    FrameOptions options;
    options.time_steps = std::stoi(row.at(3));
    options.by = row.at(2) == "count_bins" ? FramesBy::kCount : FramesBy::kTime;
    options.keep_rest = row.at(4) == "1";
    const std::vector<float> frames =
        make_frames({recordings.at(row.at(1)), kWidth, kHeight}, options);
    const std::size_t at = std::stoull(row.at(8));
    for (std::size_t i = 0; i < frames.size(); ++i) {
      ASSERT_EQ(frames[i], std::to_integer<int>(expected.at(at + i))) << "number " << i;
    }
    ++compared;
  }
  EXPECT_EQ(compared, 36);
}

TEST(SliceEvents, EmptyAndMomentaryRecordings) {
  for (const SliceBy by : {SliceBy::kCountBins, SliceBy::kTimeBins}) {
    EXPECT_EQ(slice_events({}, {.by = by, .size = 3}), std::vector<EventSlice>(3));
    const std::vector<Event> same(4, Event{7, 0, 0, 0});
    std::size_t events = 0;
    for (const EventSlice& slice : slice_events(same, {.by = by, .size = 3})) {
      events += slice.end - slice.begin;
    }
    EXPECT_EQ(events, 4u);
  }
  EXPECT_TRUE(slice_events({}, {.by = SliceBy::kWindow, .size = 3}).empty());
}

TEST(SliceEvents, RefusesWhatMakesNoSense) {
  const std::vector<Event> events = {{0, 0, 0, 0}, {std::int64_t{1} << 40, 0, 0, 0}};
  const auto message = [&](const Slicing& slicing) -> std::string {
    try {
      slice_events(events, slicing);
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({.size = 0}), HasSubstr("size: is 0"));
  EXPECT_THAT(message({.by = SliceBy::kWindow, .size = 5, .overlap = 5}), HasSubstr("overlap"));
  EXPECT_THAT(message({.by = SliceBy::kTimeBins, .size = 5, .overlap = 1}), HasSubstr("overlap"));
  EXPECT_THAT(message({.by = SliceBy::kWindow, .size = 1}), HasSubstr("more than 1048576 slices"));
}

TEST(MakeFrames, WindowsFromTheFirstEventOrFromZero) {
  const EventRecording recording{{{5, 0, 0, 1}, {14, 1, 0, 0}, {15, 1, 0, 1}, {99, 0, 0, 0}}, 2, 1};
  FrameOptions options;
  options.time_steps = 3;
  options.by = FramesBy::kWindow;
  options.window_us = 10;
  // [5, 15), [15, 25), [25, 35); of each frame polarity 0, then polarity 1.
  EXPECT_THAT(make_frames(recording, options), ElementsAre(0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0));
  options.from_zero = true;  // [0, 10), [10, 20), [20, 30)
  EXPECT_THAT(make_frames(recording, options), ElementsAre(0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0));
}

TEST(MakeFrames, SortsByTimeUnlessItCounts) {
  const EventRecording recording{
      {{30, 0, 0, 0}, {10, 1, 0, 0}, {20, 2, 0, 0}, {40, 3, 0, 0}}, 4, 1};
  FrameOptions options;
  options.time_steps = 2;
  options.by = FramesBy::kTime;  // [10, 25), [25, 40]
  EXPECT_THAT(make_frames(recording, options),
              ElementsAre(0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0));
  options.by = FramesBy::kCount;
  EXPECT_THAT(make_frames(recording, options),
              ElementsAre(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0));
}

TEST(MakeFrames, SumLosesNoEventAndStaysWhole) {
  const EventRecording recording{golden_recordings().at("dense"), kWidth, kHeight};
  for (const auto& [height, width] : {std::pair{3, 4}, std::pair{5, 6}, std::pair{11, 7}}) {
    FrameOptions options;
    options.time_steps = 4;
    options.height = height;
    options.width = width;
    const std::vector<float> frames = make_frames(recording, options);
    ASSERT_EQ(frames.size(), std::size_t(4 * 2 * height * width));
    EXPECT_EQ(std::accumulate(frames.begin(), frames.end(), 0.0F), 203.0F);
    for (const float count : frames) EXPECT_EQ(count, std::floor(count));
  }
}

TEST(MakeFrames, SumPutsEventsAtTheirScaledPlace) {
  // 6 columns to 4: 0 0 1 2 2 3; 5 rows to 3: 0 0 1 1 2.
  EventRecording recording{{}, kWidth, kHeight};
  for (std::uint16_t x = 0; x < kWidth; ++x) recording.events.push_back({x, x, 2, 0});
  for (std::uint16_t y = 0; y < kHeight; ++y) recording.events.push_back({10 + y, 0, y, 1});
  FrameOptions options;
  options.height = 3;
  options.width = 4;
  EXPECT_THAT(make_frames(recording, options),
              ElementsAre(0, 0, 0, 0, 2, 1, 2, 1, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0));
}

TEST(ResizeMaps, NearestTakesEverySoManyth) {
  const std::vector<float> row = {0, 1, 2, 3, 4, 5, 6, 7};
  std::vector<float> out(3);
  resize_maps(FrameResize::kNearest, row, 1, 8, out, 1, 3);
  EXPECT_THAT(out, ElementsAre(0, 2, 5));  // floor(i * 8 / 3)
  std::vector<float> larger(12);
  resize_maps(FrameResize::kNearest, row, 1, 8, larger, 1, 12);
  EXPECT_THAT(larger, ElementsAre(0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7));
}

TEST(ResizeMaps, BilinearAveragesUnderATriangle) {
  const std::vector<float> row = {0, 1, 2, 3};
  std::vector<float> out(2);
  resize_maps(FrameResize::kBilinear, row, 1, 4, out, 1, 2);
  // Weights 3/4, 3/4, 1/4 over 7/4 around the first centre.
  EXPECT_NEAR(out[0], (0 * 3 + 1 * 3 + 2 * 1) / 7.0, 1e-6);
  EXPECT_NEAR(out[1], (1 * 1 + 2 * 3 + 3 * 3) / 7.0, 1e-6);
  const std::vector<float> constant(2 * 12, 3.0F);
  std::vector<float> same(2 * 10);
  resize_maps(FrameResize::kBilinear, constant, 3, 4, same, 5, 2);
  EXPECT_THAT(same, testing::Each(testing::FloatNear(3, 1e-5)));
}

TEST(MakeFrames, RefusesWhatFitsNoFrames) {
  const auto message = [](const FrameOptions& options, const EventRecording& recording) {
    try {
      make_frames(recording, options);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const EventRecording good{{{0, 1, 2, 0}}, 3, 3};
  EXPECT_EQ(message({}, good), "no error");
  EXPECT_THAT(message({.time_steps = 0}, good), HasSubstr("time_steps: is 0"));
  EXPECT_THAT(message({.by = FramesBy::kWindow}, good), HasSubstr("window_us: is 0"));
  EXPECT_THAT(message({.window_us = 5}, good), HasSubstr("window_us: is 5"));
  EXPECT_THAT(message({.height = -1}, good), HasSubstr("height: is -1"));
  EXPECT_THAT(message({.time_steps = 1024, .height = 16384, .width = 16384}, good),
              HasSubstr("numbers of a sample"));
  EXPECT_THAT(message({}, {{{0, 1, 3, 0}}, 3, 3}),
              HasSubstr("x 1, y 3, outside the sensor of 3x3"));
  EXPECT_THAT(message({}, {{{0, 1, 2, 0}}, 0, 0}), HasSubstr("height of the sensor: is 0"));
  EXPECT_EQ(message({.sensor_height = 3, .sensor_width = 3}, {{{0, 1, 2, 0}}, 0, 0}), "no error");
}

TEST(AugmentFrames, FlipsAndRollsAllFramesAlike) {
  // Two maps of 2x3.
  const std::vector<float> frames = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
  const auto moved = [&](bool flip, int down, int right) {
    std::vector<float> out(frames.size());
    for (int m = 0; m < 2; ++m) {
      for (int y = 0; y < 2; ++y) {
        for (int x = 0; x < 3; ++x) {
          const int to_y = ((y + down) % 2 + 2) % 2;
          const int to_x = (((flip ? 2 - x : x) + right) % 3 + 3) % 3;
          out[(m * 2 + to_y) * 3 + to_x] = frames[(m * 2 + y) * 3 + x];
        }
      }
    }
    return out;
  };
  std::set<std::vector<float>> possible;
  for (const bool flip : {false, true}) {
    for (const int down : {-1, 0, 1}) {
      for (const int right : {-1, 0, 1}) possible.insert(moved(flip, down, right));
    }
  }
  std::set<std::vector<float>> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Random random(seed);
    std::vector<float> changed = frames;
    augment_frames(changed, 2, 3, true, 1, random);
    EXPECT_TRUE(possible.contains(changed));
    seen.insert(changed);
    Random again(seed);
    std::vector<float> same = frames;
    augment_frames(same, 2, 3, true, 1, again);
    EXPECT_EQ(same, changed);
  }
  EXPECT_EQ(seen, possible) << "every change happens";
  Random random(0);
  std::vector<float> untouched = frames;
  augment_frames(untouched, 2, 3, false, 0, random);
  EXPECT_EQ(untouched, frames);
}

}  // namespace
}  // namespace trispike::data
