// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The 5-byte records of N-MNIST and N-Caltech101: x, y, then 24 bits, big-endian, of which the
// highest is the polarity and the rest the time in microseconds. No header. As the data sets'
// authors describe it, a record with y = 240 (one below the sensor's last row) is no event: it says
// that the camera's clock went over, and 2^13 us are added to all times that follow.
#include "events/event_formats.h"
#include "events/record_reader.h"

namespace trispike::data {
namespace {

struct NmnistDecoder {
  static constexpr std::size_t kBytes = 5;
  static constexpr int kOverflowRow = 240;
  static constexpr std::int64_t kOverflow_us = 1 << 13;

  bool decode(const std::byte* record, Event& event) {
    event.x = std::to_integer<std::uint16_t>(record[0]);
    event.y = std::to_integer<std::uint16_t>(record[1]);
    if (event.y == kOverflowRow) {
      overflow += kOverflow_us;
      return false;
    }
    const std::uint32_t bits = load_big32(record + 1) & 0xffffffu;
    event.p = static_cast<std::uint8_t>(bits >> 23);
    event.t = overflow + (bits & 0x7fffffu);
    return true;
  }

  std::int64_t overflow = 0;
};

}  // namespace

bool probe_nmnist(std::string_view name, std::span<const std::byte>) {
  return lower_case(name).ends_with(".bin");
}

std::unique_ptr<EventReader> open_nmnist(std::unique_ptr<ByteSource> source) {
  return std::make_unique<RecordReader<NmnistDecoder>>("nmnist", RecordHeader(), std::move(source));
}

}  // namespace trispike::data
