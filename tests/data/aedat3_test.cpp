// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 3.1: packets that are not what they should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::ThrowsMessage;

const std::string kHeader = "#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n";  // 42 bytes

struct Packet {
  int type = 1;
  int size = 8;
  int time_offset = 4;
  int overflow = 0;
  int capacity = 1;
  int number = 1;
};

Bytes file_of(const Packet& packet, const std::string& header = kHeader) {
  const auto put = [](Writer& writer, int value, int bytes) {
    writer.little(static_cast<std::uint64_t>(value), bytes);
  };
  Writer writer;
  writer.text(header);
  put(writer, packet.type, 2);
  put(writer, 1, 2);
  for (const int value : {packet.size, packet.time_offset, packet.overflow, packet.capacity,
                          packet.number, packet.number}) {
    put(writer, value, 4);
  }
  return writer.little(1, 4).little(77, 4).bytes();
}

void expect_refused(const Bytes& bytes, const std::string& message) {
  EXPECT_THAT([&] { read_events(*open_events(bytes, "a.aedat")); },
              ThrowsMessage<DataError>("a.aedat: " + message));
}

TEST(Aedat3, ReadsOnePacket) {
  EXPECT_EQ(read_events(*open_events(file_of({}), "a.aedat")), std::vector<Event>{{.t = 77}});
}

TEST(Aedat3, RefusesDamagedPackets) {
  expect_refused(file_of({.type = 14}), "byte 42: unknown packet type 14");
  expect_refused(file_of({.type = -1}), "byte 42: unknown packet type -1");
  expect_refused(file_of({.size = 0}),
                 "byte 42: packet with event size 0, 1 events, time overflow 0");
  expect_refused(file_of({.capacity = -1, .number = -1}),
                 "byte 42: packet with event size 8, -1 events, time overflow 0");
  expect_refused(file_of({.overflow = -5}),
                 "byte 42: packet with event size 8, 1 events, time overflow -5");
  expect_refused(file_of({.capacity = 2}),
                 "byte 58: packet with room for 2 events and 1 events; in a file both are equal");
  expect_refused(file_of({.size = 2147483647, .capacity = 2147483647, .number = 2147483647}),
                 "byte 42: packet of 4611686014132420609 bytes, the file has 8 more");
  expect_refused(file_of({.size = 4, .capacity = 2, .number = 2}),
                 "byte 46: polarity events of 4 bytes with the time at 4, expected 8 and 4");
  expect_refused(file_of({.time_offset = 0}),
                 "byte 46: polarity events of 8 bytes with the time at 0, expected 8 and 4");
}

TEST(Aedat3, SkipsPacketsOfUsers) {
  EXPECT_EQ(read_events(*open_events(file_of({.type = 100}), "a.aedat")), std::vector<Event>());
}

TEST(Aedat3, RefusesHeadersItCannotRead) {
  expect_refused(file_of({}, "#!AER-DAT3.1\r\n#Format: Serial-TS\r\n#!END-HEADER\r\n"),
                 "byte 14: the events are encoded as 'Serial-TS', expected RAW");
  expect_refused(file_of({}, "#!AER-DAT3.1\r\n"), "byte 14: the header has no line #!END-HEADER");
}

}  // namespace
}  // namespace trispike::data
