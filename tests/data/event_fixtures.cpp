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
  return {nmnist_sample(), aedat2_dvs128_sample(), aedat2_davis_sample()};
}

EventSample event_sample(std::string_view format) {
  for (EventSample& sample : event_samples()) {
    if (sample.format == format) return sample;
  }
  throw std::runtime_error("no sample of format " + std::string(format));
}

}  // namespace trispike::data
