// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 2.0: which camera a file is from, and where its header ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Bytes recording(const std::string& header, std::initializer_list<std::uint32_t> addresses) {
  Writer writer;
  writer.text(header);
  for (const std::uint32_t address : addresses) writer.big(address, 4).big(1, 4);
  return writer.bytes();
}

// Other programs than jAER write headers that name no camera.
TEST(Aedat2, TellsCamerasApartByTheirAddresses) {
  const std::string header = "#!AER-DAT2.0\r\n# saveaerdat.m\r\n";
  const auto dvs = open_events(recording(header, {0x0000'7fff, 0x0000'0000}), "a.aedat");
  EXPECT_EQ(dvs->format(), "aedat2-dvs128");
  const auto davis = open_events(recording(header, {0x0000'0000, 0x0040'1000}), "a.aedat");
  EXPECT_EQ(davis->format(), "aedat2-davis");
  EXPECT_EQ(davis->width(), 0);
  EXPECT_EQ(read_events(*davis).back(), (Event{.t = 1, .x = 1, .y = 1, .p = 0}));
}

TEST(Aedat2, ReadsTheSizeOfTheCamera) {
  const auto reader = open_events(
      recording("#!AER-DAT2.0\n# AEChip: eu.seebetter.ini.chips.davis.Davis346red\n", {}), "a");
  EXPECT_EQ(reader->format(), "aedat2-davis");
  EXPECT_EQ(reader->width(), 346);
  EXPECT_EQ(reader->height(), 260);
}

// 0x23 is '#': a first record that begins with it is told from a header line by the zeros in it.
TEST(Aedat2, RecordsMayBeginLikeAHeaderLine) {
  const std::string header = "#!AER-DAT2.0\r\n# AEChip: DAVIS240C\r\n";
  const auto reader = open_events(recording(header, {0x2300'1000, 0x2300'2000}), "a.aedat");
  EXPECT_EQ(reader->header_bytes(), header.size());
  EXPECT_EQ(read_events(*reader),
            (std::vector<Event>{{.t = 1, .x = 1, .y = 140, .p = 0}, {.t = 1, .x = 2, .y = 140}}));
}

TEST(Aedat2, RefusesAnEndlessHeader) {
  const Bytes line = to_bytes("#!AER-DAT2.0\n#" + std::string(2 << 20, 'x'));
  EXPECT_THAT(
      [&] { open_events(line, "a.aedat"); },
      ThrowsMessage<DataError>("a.aedat: byte 13: a line of the header has more than 1 MiB"));
  std::string lines = "#!AER-DAT2.0\n";
  while (lines.size() <= 16 << 20) lines += "#" + std::string(1000, 'x') + "\n";
  EXPECT_THAT([&] { open_events(to_bytes(lines), "a.aedat"); },
              ThrowsMessage<DataError>(HasSubstr("the header has more than 16 MiB")));
}

TEST(Aedat2, RefusesAnotherVersion) {
  EXPECT_THAT([] { open_events(to_bytes("#!AER-DAT1.0\r\n"), "a.aedat", "aedat2-dvs128"); },
              ThrowsMessage<DataError>("a.aedat: byte 0: does not begin with #!AER-DAT2.0"));
  EXPECT_THAT([] { open_events(Bytes(), "a.aedat", "aedat2-davis"); },
              ThrowsMessage<DataError>("a.aedat: byte 0: does not begin with #!AER-DAT2.0"));
}

}  // namespace
}  // namespace trispike::data
