// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 4: compressed and damaged packets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<Event> kEvents = {{.t = 5, .x = 1, .y = 2, .p = 1}, {.t = 6, .x = 3, .y = 4}};

void expect_refused(const Bytes& bytes, const std::string& message) {
  EXPECT_THAT([&] { read_events(*open_events(bytes, "a.aedat4")); },
              ThrowsMessage<DataError>(AllOf(HasSubstr("a.aedat4: byte "), HasSubstr(message))));
}

Bytes changed(Bytes bytes, std::size_t at, int value) {
  bytes.at(at) = std::byte(value);
  return bytes;
}

TEST(Aedat4, ReadsEveryCompression) {
  for (int compression = 0; compression <= 4; ++compression) {
    const Bytes file = aedat4_file(compression, {{0, aedat4_events(kEvents)}});
    EXPECT_EQ(read_events(*open_events(file, "a.aedat4")), kEvents) << compression;
  }
}

// Files that the format's makers wrote (tools/golden_events.py), with streams of every kind.
TEST(Aedat4, ReadsWhatItsMakersWrite) {
  std::vector<Event> expected;
  for (int i = 0; i < 1000; ++i) {
    expected.push_back({.t = 1'700'000'000'000'000 + 7 * i,
                        .x = static_cast<std::uint16_t>(31 * i % 346),
                        .y = static_cast<std::uint16_t>(17 * i % 260),
                        .p = static_cast<std::uint8_t>(i % 3 == 0)});
  }
  for (const std::string compression : {"none", "lz4", "lz4_high", "zstd", "zstd_high"}) {
    SCOPED_TRACE(compression);
    const auto reader = open_events(std::filesystem::path(TRISPIKE_SOURCE_DIR) /
                                    "tests/golden/events" / (compression + ".aedat4"));
    EXPECT_EQ(reader->width(), 346);
    EXPECT_EQ(reader->height(), 260);
    EXPECT_EQ(read_events(*reader), expected);
    EXPECT_EQ(reader->records(), 1000u + 5 + 2 + 1);
  }
}

// A writer that was interrupted leaves -1.
TEST(Aedat4, ReadsToTheEndWithoutADataTable) {
  const Bytes packet = aedat4_events(kEvents);
  const Bytes file = Writer()
                         .append(aedat4_header(0, -1))
                         .little(0, 4)
                         .little(packet.size(), 4)
                         .append(packet)
                         .bytes();
  EXPECT_EQ(read_events(*open_events(file, "a.aedat4")), kEvents);
}

// Behind the packets stands a table of them, which is no packet.
TEST(Aedat4, StopsAtTheDataTable) {
  const Bytes file = aedat4_file(1, {{0, aedat4_events(kEvents)}}) + to_bytes("a table");
  EXPECT_EQ(read_events(*open_events(file, "a.aedat4")), kEvents);
}

TEST(Aedat4, RefusesDamagedHeaders) {
  const Bytes good = aedat4_header(0, -1);
  for (std::size_t at = 14; at < 14 + 48; ++at) {
    for (const int value : {0x7f, 0x80, 0xff}) {
      try {
        read_events(*open_events(changed(good, at, value), "a.aedat4"));
      } catch (const DataError& error) {
        EXPECT_THAT(error.what(), HasSubstr("a.aedat4: byte "));
      }
    }
  }
  expect_refused(changed(good, 17, 0x7f), "header of 21");  // its size, highest byte
  expect_refused(changed(good, 18, 0xff), "the header is damaged");
  expect_refused(aedat4_header(5, -1), "unknown compression 5, known: 0 to 4");
  expect_refused(aedat4_header(0, 20), "its packets end at byte 20, where they do not yet begin");
  expect_refused(aedat4_header(0, 1 << 30), "by its header its packets go to byte 1073741824");
  Bytes no_xml = good;
  no_xml[14 + 48] = std::byte{'x'};  // the first '<'
  expect_refused(no_xml, "the header's XML is damaged");
}

TEST(Aedat4, RefusesDamagedPackets) {
  const Bytes events = aedat4_events(kEvents);
  const std::size_t begin = aedat4_header(0, -1).size();
  const std::string at = std::to_string(begin);
  expect_refused(aedat4_file(0, {{7, events}}),
                 "byte " + at + ": packet of stream 7, which the header does not describe");
  expect_refused(aedat4_file(0, {{1, events}}),
                 "byte " + at + ": packet of type 'EVTS', the header says 'IMUS'");
  expect_refused(aedat4_file(0, {{0, Bytes(3)}}), "packet of type '', the header says 'EVTS'");
  const Bytes good = aedat4_file(0, {{0, events}});
  expect_refused(changed(good, begin + 7, 0x7f), "are left");
  expect_refused(changed(good, begin + 7, 0xff), "packet of -");
  // The number of events: 2^31 of them do not fit.
  expect_refused(changed(good, begin + 8 + 31, 0x80), "damaged packet of pixel events");
  // The offset of the root table, the vtable, the vector.
  expect_refused(changed(good, begin + 8 + 4, 0xff), "damaged packet of pixel events");
  expect_refused(changed(good, begin + 8 + 12, 0x01), "damaged packet of pixel events");
  expect_refused(changed(good, begin + 8 + 24, 0xf0), "damaged packet of pixel events");
  expect_refused(aedat4_file(0, {{1, changed(aedat4_samples("IMUS", 2), 32, 0xff)}}),
                 "damaged packet of type IMUS");
}

TEST(Aedat4, RefusesDamagedCompression) {
  const Bytes events = aedat4_events(kEvents);
  const std::size_t begin = aedat4_header(1, -1).size() + 8;
  expect_refused(changed(aedat4_file(1, {{0, events}}), begin, 0), "damaged LZ4 data: ");
  expect_refused(changed(aedat4_file(3, {{0, events}}), begin, 0), "damaged Zstandard data: ");
  for (const int compression : {1, 3}) {
    const auto file = [&](const Bytes& packed) {
      Writer writer;
      writer.append(aedat4_header(compression, -1)).little(0, 4).little(packed.size(), 4);
      return writer.append(packed).bytes();
    };
    Bytes packed = aedat4_compress(events, compression);
    expect_refused(file(packed + to_bytes("more")), "data behind the end of the compressed data");
    packed.pop_back();
    expect_refused(file(packed), "the compressed data end too early");
    expect_refused(file({}), "the compressed data end too early");
    // 33 MiB of zeros in a few kilobytes.
    expect_refused(file(aedat4_compress(Bytes(33 << 20), compression)),
                   "unpacks to more than 32 MiB");
  }
}

}  // namespace
}  // namespace trispike::data
