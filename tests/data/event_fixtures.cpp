// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "event_fixtures.h"

#include <stdexcept>

namespace trispike::data {
namespace {

// Above 2^31, and a time that is earlier than the one before: both must come out as they went in.
const std::vector<Event> kDvsEvents = {{.t = 4294967295, .x = 127, .y = 0, .p = 1},
                                       {.t = 2147483648, .x = 1, .y = 126, .p = 0},
                                       {.t = 7, .x = 0, .y = 64, .p = 1}};

EventSample nmnist_sample() {
  EventSample sample{.format = "nmnist", .file = "00001.bin"};
  sample.events = {{.t = 8388607, .x = 33, .y = 2, .p = 1},
                   {.t = 5, .x = 0, .y = 239, .p = 0},
                   {.t = 8192 + 3, .x = 255, .y = 255, .p = 1}};
  // The third record says that 2^13 us are added to what follows.
  sample.bytes = Writer()
                     .little(0x02'21, 2)
                     .big(0xffffff, 3)
                     .little(0xef'00, 2)
                     .big(0x000005, 3)
                     .little(0xf0'00, 2)
                     .big(0x000000, 3)
                     .little(0xff'ff, 2)
                     .big(0x800003, 3)
                     .bytes();
  sample.records = 4;
  return sample;
}

EventSample aedat2_dvs128_sample() {
  EventSample sample{
      .format = "aedat2-dvs128", .file = "dvs128.aedat", .width = 128, .height = 128};
  const std::string header =
      "#!AER-DAT2.0\r\n# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"
      "#End Of ASCII Header\r\n";
  sample.header_bytes = header.size();
  sample.events = kDvsEvents;
  Writer writer;
  writer.text(header).big(0x0000'8001, 4).big(99, 4);  // bit 15: no pixel event
  for (const Event& event : sample.events) {
    writer.big(event.y << 8 | event.x << 1 | event.p, 4).big(event.t, 4);
  }
  sample.bytes = writer.bytes();
  sample.records = 4;
  return sample;
}

EventSample aedat2_davis_sample() {
  EventSample sample{.format = "aedat2-davis", .file = "davis.aedat", .width = 240, .height = 180};
  const std::string header = "#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n";
  sample.header_bytes = header.size();
  sample.events = {{.t = 4294967295, .x = 239, .y = 179, .p = 1},
                   {.t = 16, .x = 0, .y = 1, .p = 0},
                   {.t = 17, .x = 64, .y = 0, .p = 1}};
  Writer writer;
  writer.text(header);
  writer.big(0x8000'0c00, 4).big(1, 4);  // motion sample
  writer.big(0x8000'0000, 4).big(2, 4);  // frame sample
  for (const Event& event : sample.events) {
    writer.big(std::uint32_t{event.y} << 22 | event.x << 12 | event.p << 11, 4).big(event.t, 4);
    writer.big(0x0040'0c00, 4).big(3, 4);  // from outside: bit 10
  }
  sample.bytes = writer.bytes();
  sample.records = 8;
  return sample;
}

EventSample aedat3_sample() {
  EventSample sample{.format = "aedat3", .file = "gesture.aedat", .width = 128, .height = 128};
  const std::string header =
      "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n";
  sample.header_bytes = header.size();
  sample.events = {{.t = 2147483647, .x = 32767, .y = 1, .p = 1},
                   {.t = 2147483648 + 5, .x = 2, .y = 32767, .p = 0}};
  const auto packet = [](int type, int size, int overflow, int number) {
    return Writer()
        .little(type, 2)
        .little(1, 2)
        .little(size, 4)
        .little(4, 4)
        .little(overflow, 4)
        .little(number, 4)
        .little(number, 4)
        .little(number, 4)
        .bytes();
  };
  sample.bytes = Writer()
                     .text(header)
                     .append(packet(0, 8, 0, 1))
                     .little(0x11, 4)
                     .little(9, 4)  // special
                     .append(packet(1, 8, 0, 2))
                     .little(0xfffe'0000u | 1 << 2 | 1 << 1 | 1, 4)
                     .little(0x7fff'ffff, 4)
                     .little(0x0004'0008, 4)
                     .little(3, 4)  // marked as invalid
                     .append(packet(2, 40, 0, 1))
                     .append(Bytes(40))  // frame
                     .append(packet(1, 8, 1, 1))
                     .little(2 << 17 | 32767 << 2 | 1, 4)
                     .little(5, 4)
                     .bytes();
  sample.records = 5;
  return sample;
}

// 2^34 us are over between the first two events and the last.
EventSample evt2_sample() {
  EventSample sample{.format = "evt2", .file = "evt2.raw", .width = 640, .height = 480};
  const std::string header = "% date 2026-01-01\n% evt 2.0\n% geometry 640x480\n% end\n";
  sample.header_bytes = header.size();
  sample.events = {{.t = (0x0fff'ffffll << 6) + 63, .x = 639, .y = 2, .p = 1},
                   {.t = (0x0fff'ffffll << 6) + 1, .x = 3, .y = 479, .p = 0},
                   {.t = (1ll << 34) + (2 << 6), .x = 2047, .y = 2047, .p = 1}};
  sample.bytes = Writer()
                     .text(header)
                     .little(0x1000'0000, 4)  // an event before any time
                     .little(0x8fff'ffff, 4)
                     .little(0x1000'0000 | 63 << 22 | 639 << 11 | 2, 4)
                     .little(0x0000'0000 | 1 << 22 | 3 << 11 | 479, 4)
                     .little(0xa000'0001, 4)  // trigger
                     .little(0x8000'0002, 4)
                     .little(0x1000'0000 | 2047 << 11 | 2047, 4)
                     .bytes();
  sample.records = 7;
  return sample;
}

// Single events, vectors of 12, 12 and 8 columns, and a clock that starts again at 0.
EventSample evt3_sample() {
  EventSample sample{.format = "evt3", .file = "evt3.raw", .width = 1280, .height = 720};
  const std::string header = "% format EVT3;height=720;width=1280\n% end\n";
  sample.header_bytes = header.size();
  const std::int64_t late = 0xff'ffffll;
  sample.events = {
      {.t = late, .x = 1279, .y = 5, .p = 1},        {.t = late, .x = 100, .y = 5, .p = 0},
      {.t = late, .x = 111, .y = 5, .p = 0},         {.t = late, .x = 112, .y = 5, .p = 0},
      {.t = late, .x = 131, .y = 5, .p = 0},         {.t = (1 << 24) + 0, .x = 0, .y = 5, .p = 0},
      {.t = (1 << 24) + 7, .x = 1, .y = 719, .p = 1}};
  Writer writer;
  writer.text(header);
  for (const unsigned word : {0x2001u,  // an event before any time and row
                              0x8fffu, 0x6fffu, 0x0005u, 0x2800u | 1279u, 0x3000u | 100u, 0x4801u,
                              0x4001u, 0x5080u, 0xe123u, 0x7001u,  // of other kinds
                              0x8000u, 0x2000u,                    // the old "time low" is over
                              0x6007u, 0x0000u | 719u, 0x2801u}) {
    writer.little(word, 2);
  }
  sample.bytes = writer.bytes();
  sample.records = 16;
  return sample;
}

EventSample dat_sample() {
  EventSample sample{.format = "dat", .file = "cars_td.dat", .width = 304, .height = 240};
  const std::string header = "% Data file containing CD events.\n% Width 304\n% Height 240\n";
  sample.header_bytes = header.size();
  sample.prefix_bytes = 2;
  sample.events = {{.t = 4294967295, .x = 16383, .y = 1, .p = 1}, {.t = 0, .x = 2, .y = 16383}};
  sample.bytes = Writer()
                     .text(header)
                     .little(12, 1)
                     .little(8, 1)
                     .little(4294967295, 4)
                     .little(1u << 28 | 1 << 14 | 16383, 4)
                     .little(0, 4)
                     .little(16383 << 14 | 2, 4)
                     .bytes();
  sample.records = 2;
  return sample;
}

EventSample text_sample() {
  EventSample sample{.format = "text", .file = "events.txt"};
  sample.events = {{.t = 3811, .x = 96, .y = 133, .p = 0},
                   {.t = 1'600'000'000'000'001, .x = 65535, .y = 0, .p = 1},
                   {.t = 1, .x = 0, .y = 65535, .p = 0}};
  sample.bytes = to_bytes(
      "# t x y p\n0.003811000 96 133 0\n1600000000.0000006 65535 0 1\r\n\n0.0000014999 0 65535 -1");
  sample.records = 3;
  return sample;
}

}  // namespace

Writer& Writer::text(std::string_view text) { return append(to_bytes(std::string(text))); }

Writer& Writer::little(std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) bytes_.push_back(std::byte(value >> 8 * i & 0xff));
  return *this;
}

Writer& Writer::big(std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) bytes_.push_back(std::byte(value >> 8 * i & 0xff));
  return *this;
}

Writer& Writer::append(const Bytes& bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return *this;
}

void PrintTo(const Event& event, std::ostream* out) {
  *out << "t=" << event.t << " x=" << event.x << " y=" << event.y << " p=" << int{event.p};
}

std::vector<EventSample> event_samples() {
  return {nmnist_sample(),  aedat2_dvs128_sample(), aedat2_davis_sample(), aedat3_sample(),
          aedat4_sample(0), aedat4_sample(1),       aedat4_sample(3),      evt2_sample(),
          evt3_sample(),    dat_sample(),           text_sample()};
}

EventSample event_sample(std::string_view format) {
  for (EventSample& sample : event_samples()) {
    if (sample.format == format) return sample;
  }
  throw std::runtime_error("no sample of format " + std::string(format));
}

}  // namespace trispike::data
