// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 2.0, written by jAER: lines that begin with '#', then records of 8 bytes, big-endian:
// 32 bits of address and 32 bits of time in microseconds, read as unsigned. What the bits of an
// address mean depends on the camera, which a header line may or may not name.
#include <utility>

#include "events/cameras.h"
#include "events/event_formats.h"
#include "events/record_reader.h"

namespace trispike::data {
namespace {

constexpr std::string_view kMagic = "#!AER-DAT2.0";
constexpr std::string_view kChipMark = "AEChip:";
constexpr std::string_view kEndMark = "#End Of ASCII Header";
constexpr std::size_t kRecord = 8;

// jAER's Java class of the camera, in lower case; empty if the line names none.
std::string chip_of(std::string_view line) {
  const std::size_t at = line.find(kChipMark);
  return at == std::string_view::npos ? "" : lower_case(line.substr(at + kChipMark.size()));
}

// Files of other programs name no camera. Only the address of a DAVIS uses the upper half.
bool uses_upper_half(std::span<const std::byte> records) {
  for (; records.size() >= kRecord; records = records.subspan(kRecord)) {
    if (load_big32(records.data()) >> 16 != 0) return true;
  }
  return false;
}

enum class Chip { kNone, kDvs128, kDavis };

Chip probe_chip(std::span<const std::byte> head) {
  bool first = true;
  for (;;) {
    const std::string_view line = header_line(head, "#");
    if (first && !line.starts_with(kMagic)) return Chip::kNone;
    first = false;
    if (line.empty()) break;
    const std::string chip = chip_of(line);
    if (!chip.empty()) {
      return chip.find("davis") == std::string::npos ? Chip::kDvs128 : Chip::kDavis;
    }
    head = head.subspan(line.size());
    if (line.starts_with(kEndMark)) break;
  }
  return uses_upper_half(head) ? Chip::kDavis : Chip::kDvs128;
}

struct Dvs128Decoder {
  static constexpr std::size_t kBytes = kRecord;

  bool decode(const std::byte* record, Event& event) const {
    const std::uint32_t address = load_big32(record);
    if ((address & 0x8000u) != 0) return false;  // a mark from outside
    event = {load_big32(record + 4), static_cast<std::uint16_t>(address >> 1 & 0x7fu),
             static_cast<std::uint16_t>(address >> 8 & 0x7fu),
             static_cast<std::uint8_t>(address & 1u)};
    return true;
  }
};

struct DavisDecoder {
  static constexpr std::size_t kBytes = kRecord;
  // Set in samples of frames (APS) and motion (IMU).
  static constexpr std::uint32_t kSample = 0x80000000u;
  static constexpr std::uint32_t kExternal = 0x400u;

  bool decode(const std::byte* record, Event& event) const {
    const std::uint32_t address = load_big32(record);
    if ((address & (kSample | kExternal)) != 0) return false;
    event = {load_big32(record + 4), static_cast<std::uint16_t>(address >> 12 & 0x3ffu),
             static_cast<std::uint16_t>(address >> 22 & 0x1ffu),
             static_cast<std::uint8_t>(address >> 11 & 1u)};
    return true;
  }
};

template <typename Decoder>
std::unique_ptr<EventReader> open_aedat2(std::string_view format, SensorSize size,
                                         std::unique_ptr<ByteSource> source) {
  RecordHeader header;
  bool first = true;
  header.bytes = read_text_header(*source, "#", [&](std::string_view line) {
    if (first && !line.starts_with(kMagic)) source->fail(0, "does not begin with #!AER-DAT2.0");
    first = false;
    const std::string chip = chip_of(line);
    if (!chip.empty() && size.width == 0) size = sensor_size(chip);
    return line.starts_with(kEndMark);
  });
  if (first) source->fail(0, "does not begin with #!AER-DAT2.0");
  header.width = size.width;
  header.height = size.height;
  return std::make_unique<RecordReader<Decoder>>(format, header, std::move(source));
}

}  // namespace

bool probe_aedat2_dvs128(std::string_view, std::span<const std::byte> head) {
  return probe_chip(head) == Chip::kDvs128;
}

bool probe_aedat2_davis(std::string_view, std::span<const std::byte> head) {
  return probe_chip(head) == Chip::kDavis;
}

std::unique_ptr<EventReader> open_aedat2_dvs128(std::unique_ptr<ByteSource> source) {
  return open_aedat2<Dvs128Decoder>("aedat2-dvs128", {128, 128}, std::move(source));
}

std::unique_ptr<EventReader> open_aedat2_davis(std::unique_ptr<ByteSource> source) {
  return open_aedat2<DavisDecoder>("aedat2-davis", {}, std::move(source));
}

}  // namespace trispike::data
