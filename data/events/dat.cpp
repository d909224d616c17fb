// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Prophesee DAT (.dat; N-CARS): a text header, one byte each for type and size of the events, then
// events of 8 bytes, little-endian: 32 bits of time in microseconds, 14 bits of x, 14 of y, 4 of
// polarity.
#include <string>
#include <utility>

#include "events/event_formats.h"
#include "events/prophesee_header.h"

namespace trispike::data {
namespace {

constexpr int kEvent2d = 0x00;  // in files of the first cameras
constexpr int kEventCd = 0x0c;

struct DatDecoder {
  static constexpr std::size_t kBytes = 8;

  bool decode(const std::byte* record, Event& event) const {
    const auto place = load_little<std::uint32_t>(record + 4);
    event = {load_little<std::uint32_t>(record), static_cast<std::uint16_t>(place & 0x3fffu),
             static_cast<std::uint16_t>(place >> 14 & 0x3fffu),
             static_cast<std::uint8_t>(place >> 28 & 1u)};
    return true;
  }
};

}  // namespace

bool probe_dat(std::string_view name, std::span<const std::byte> head) {
  return lower_case(name).ends_with(".dat") && !header_line(head, "% ").empty();
}

std::unique_ptr<EventReader> open_dat(std::unique_ptr<ByteSource> source) {
  const PropheseeHeader header = read_prophesee_header(*source);
  const std::span<const std::byte> kind = source->take(2, "type and size of the events");
  const int type = std::to_integer<int>(kind[0]);
  const int size = std::to_integer<int>(kind[1]);
  if (type != kEvent2d && type != kEventCd) {
    source->fail(header.record.bytes, "events of type " + std::to_string(type) +
                                          ", expected 0 or 12 (changes of brightness)");
  }
  if (size != int{DatDecoder::kBytes}) {
    source->fail(header.record.bytes + 1,
                 "events of " + std::to_string(size) + " bytes, expected 8");
  }
  return std::make_unique<RecordReader<DatDecoder>>("dat", header.record, std::move(source));
}

}  // namespace trispike::data
