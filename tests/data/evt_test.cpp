// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Prophesee's formats and text: headers, clocks, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Bytes words(const std::string& header, int bytes, std::initializer_list<std::uint64_t> values) {
  Writer writer;
  writer.text(header);
  for (const std::uint64_t value : values) writer.little(value, bytes);
  return writer.bytes();
}

std::vector<std::int64_t> times(const Bytes& bytes, const std::string& name) {
  std::vector<std::int64_t> result;
  for (const Event& event : read_events(*open_events(bytes, name))) result.push_back(event.t);
  return result;
}

void expect_refused(const Bytes& bytes, const std::string& name, const std::string& message,
                    const std::string& format = "auto") {
  EXPECT_THAT([&] { read_events(*open_events(bytes, name, format)); },
              ThrowsMessage<DataError>(HasSubstr(name + ": " + message)));
}

TEST(Evt2, ReadsEveryFormOfHeader) {
  for (const auto& [header, width] : {std::pair("% evt 2.0\n", 0),
                                      {"% format EVT2;height=480;width=640\n% end\n", 640},
                                      {"% format EVT2\n% geometry 1280x720\n", 1280},
                                      {"% evt 2.0\n% geometry x\n", 0}}) {
    const auto reader = open_events(words(header, 4, {0x8000'0001, 0x1000'0000}), "a.raw");
    EXPECT_EQ(reader->format(), "evt2") << header;
    EXPECT_EQ(reader->width(), width) << header;
    EXPECT_EQ(read_events(*reader), (std::vector<Event>{{.t = 64, .p = 1}})) << header;
  }
  expect_refused(words("% evt 2.1\n", 4, {0}), "a.raw", "is no event recording");
  expect_refused(words("", 4, {0}), "a.raw", "byte 0: does not begin with a header line", "evt2");
}

// Time that runs a little backwards is left as it is; only a jump of half the range is a new loop.
TEST(Evt2, OnlyAFarJumpBackStartsANewLoop) {
  EXPECT_EQ(times(words("% evt 2.0\n", 4, {0x8000'0005, 0, 0x8000'0004, 0}), "a.raw"),
            (std::vector<std::int64_t>{320, 256}));
  EXPECT_EQ(
      times(
          words("% evt 2.0\n", 4, {0x8fff'ffff, 0, 0x8000'0000, 0, 0x8fff'ffff, 0, 0x8000'0000, 0}),
          "a.raw"),
      (std::vector<std::int64_t>{17179869120, 17179869184, 2 * 17179869184 - 64, 2 * 17179869184}));
}

TEST(Evt3, OnlyAFarJumpBackStartsANewLoop) {
  EXPECT_EQ(times(words("% evt 3.0\n", 2, {0x0000, 0x8005, 0x2000, 0x8004, 0x2000}), "a.raw"),
            (std::vector<std::int64_t>{5 * 4096, 4 * 4096}));
  EXPECT_EQ(times(words("% evt 3.0\n", 2,
                        {0x0000, 0x8fff, 0x2000, 0x8000, 0x2000, 0x8fff, 0x8000, 0x2000}),
                  "a.raw"),
            (std::vector<std::int64_t>{4095 * 4096, 16777216, 2 * 16777216}));
}

// The camera repeats "time high"; the time must not fall back to its start.
TEST(Evt3, RepeatedTimeHighKeepsTheLowBits) {
  EXPECT_EQ(times(words("% evt 3.0\n", 2, {0x0000, 0x8001, 0x6009, 0x8001, 0x2000}), "a.raw"),
            (std::vector<std::int64_t>{4096 + 9}));
}

TEST(Evt3, RefusesVectorsBeyondTheLastColumn) {
  // Base 2040: bit 7 is column 2047, bit 8 is none.
  const Bytes good = words("% evt 3.0\n", 2, {0x8000, 0x0001, 0x37f8, 0x4080});
  EXPECT_EQ(read_events(*open_events(good, "a.raw")).back().x, 2047);
  expect_refused(words("% evt 3.0\n", 2, {0x8000, 0x0001, 0x37f8, 0x4100}), "a.raw",
                 "byte 16: a vector leads beyond column 2047");
}

TEST(PropheseeHeader, MayHaveEmptyLines) {
  for (const std::string format : {"evt2", "evt3", "dat"}) {
    const EventSample sample = event_sample(format);
    const auto reader = open_events(to_bytes("% \n%  \r\n") + sample.bytes, sample.file, format);
    EXPECT_EQ(read_events(*reader), sample.events);
  }
}

TEST(Dat, RefusesOtherEvents) {
  const auto file = [](int type, int size) {
    return Writer().text("% Version 2\n").little(type, 1).little(size, 1).bytes();
  };
  EXPECT_EQ(read_events(*open_events(file(0, 8), "a.dat")), std::vector<Event>());
  expect_refused(file(14, 8), "a.dat", "byte 12: events of type 14, expected 0 or 12");
  expect_refused(file(12, 16), "a.dat", "byte 13: events of 16 bytes, expected 8");
  expect_refused(to_bytes("% Version 2\n"), "a.dat",
                 "byte 12: the recording ends within type and size of the events");
}

// Without a point in the first line, times are microseconds.
TEST(EventText, ReadsMicroseconds) {
  EXPECT_EQ(times(to_bytes("12 1 2 0\n4294967296 1 2 1\n-3 0 0 1\n"), "a.txt"),
            (std::vector<std::int64_t>{12, 4294967296, -3}));
  expect_refused(to_bytes("12 1 2 0\n1.5 1 2 0\n"), "a.txt",
                 "byte 9: line '1.5 1 2 0' is no event, expected: t x y p (t in whole");
}

TEST(EventText, RoundsSecondsHalfUp) {
  EXPECT_EQ(times(to_bytes("0.0000005 1 2 0\n0.00000049999 1 2 0\n1 0 0 0\n2. 0 0 0\n"), "a.txt"),
            (std::vector<std::int64_t>{1, 0, 1000000, 2000000}));
}

TEST(EventText, RefusesOtherLines) {
  for (const std::string line :
       {"0.5 1 2", "0.5 1 2 3", "0.5 1 2 1 9", "0.5 65536 2 1", "0.5 1 -2 1", "-0.5 1 2 1",
        "x 1 2 1", "0.5e3 1 2 1", "9223372036855.5 1 2 1", "99999999999999999999.0 1 2 1",
        "0.5 1 2 1\x01"}) {
    expect_refused(to_bytes("0.1 1 2 1\n" + line + "\n"), "a.txt", "byte 10: line '" + line + "'");
  }
  expect_refused(to_bytes("0.1 1 2 1" + std::string(2000, ' ') + "\n"), "a.txt", "byte 0: line");
}

TEST(EventText, IsNotAnyTextFile) {
  expect_refused(to_bytes("dear reader,\n"), "a.txt", "is no event recording");
}

}  // namespace
}  // namespace trispike::data
