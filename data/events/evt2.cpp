// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Prophesee EVT 2.0 (.raw): a text header and 32-bit words, little-endian, of which the highest
// four bits are the type. The time of an event is the 28 bits of the last "time high" word and 6
// bits of its own; every 2^34 us (4.8 h) it starts again at 0.
#include <utility>

#include "events/event_formats.h"
#include "events/prophesee_header.h"

namespace trispike::data {
namespace {

enum Word : std::uint32_t { kOff = 0x0, kOn = 0x1, kTimeHigh = 0x8 };

struct Evt2Decoder {
  static constexpr std::size_t kBytes = 4;
  static constexpr std::int64_t kLoop_us = std::int64_t{1} << 34;

  bool decode(const std::byte* record, Event& event) {
    const auto word = load_little<std::uint32_t>(record);
    const std::uint32_t type = word >> 28;
    if (type == kTimeHigh) {
      const std::int64_t high = std::int64_t{word & 0x0fffffffu} << 6;
      if (time_known && time_high - high >= kLoop_us / 2) loops += kLoop_us;
      time_high = high;
      time_known = true;
      return false;
    }
    // The time of what stands before the first "time high" is not known; the maker drops it too.
    if ((type != kOff && type != kOn) || !time_known) return false;
    event = {loops + time_high + (word >> 22 & 0x3fu),
             static_cast<std::uint16_t>(word >> 11 & 0x7ffu),
             static_cast<std::uint16_t>(word & 0x7ffu), static_cast<std::uint8_t>(type)};
    return true;
  }

  bool time_known = false;
  std::int64_t time_high = 0;  // without loops
  std::int64_t loops = 0;
};

}  // namespace

bool probe_evt2(std::string_view, std::span<const std::byte> head) {
  return probe_prophesee_encoding(head) == "EVT2";
}

std::unique_ptr<EventReader> open_evt2(std::unique_ptr<ByteSource> source) {
  const PropheseeHeader header = read_prophesee_header(*source);
  return std::make_unique<RecordReader<Evt2Decoder>>("evt2", header.record, std::move(source));
}

}  // namespace trispike::data
