// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// AEDAT 3.1, written by libcaer's programs (DVS128 Gesture): lines that begin with '#' up to
// "#!END-HEADER", then packets: a header of 28 bytes and events of one type and size, all
// little-endian.
#include <algorithm>
#include <string>
#include <utility>

#include "events/cameras.h"
#include "events/event_formats.h"

namespace trispike::data {
namespace {

constexpr std::string_view kMagic = "#!AER-DAT3.1";
constexpr std::string_view kEndMark = "#!END-HEADER";
constexpr std::string_view kFormatMark = "#Format:";
constexpr std::string_view kSourceMark = "#Source ";

constexpr std::size_t kPacketHeader = 28;
constexpr int kPolarityType = 1;
constexpr int kLastKnownType = 13;   // special, polarity, frame, IMU, ... up to matrices
constexpr int kFirstUserType = 100;  // left to users; between the two nothing is defined
constexpr std::size_t kPolaritySize = 8;
constexpr std::size_t kPolarityTime = 4;  // offset of the time in an event

class Aedat3Reader final : public EventReader {
 public:
  explicit Aedat3Reader(std::unique_ptr<ByteSource> source)
      : EventReader("aedat3", source->name()), source_(std::move(source)) {
    read_header();
  }

  std::size_t read(std::span<Event> events) override {
    std::size_t count = 0;
    while (count < events.size()) {
      if (left_ == 0) {
        if (source_->rest() == 0) break;
        if (count > 0) break;  // damage is reported after the events before it
        begin_packet();
        continue;
      }
      const std::size_t records = std::min<std::uint64_t>({left_, kBlock, events.size() - count});
      const std::span<const std::byte> block =
          source_->take(records * kPolaritySize, "a polarity packet");
      for (std::size_t i = 0; i < records; ++i) {
        if (decode(block.data() + i * kPolaritySize, events[count])) ++count;
      }
      left_ -= records;
      records_ += records;
    }
    return count;
  }

 private:
  static constexpr std::size_t kBlock = 8192;

  void read_header() {
    bool first = true;
    bool ended = false;
    header_bytes_ = read_text_header(*source_, "#", [&](std::string_view line) {
      if (first && !line.starts_with(kMagic)) source_->fail(0, "does not begin with #!AER-DAT3.1");
      first = false;
      if (line.starts_with(kFormatMark)) check_encoding(line.substr(kFormatMark.size()));
      if (line.starts_with(kSourceMark) && width_ == 0) {
        const SensorSize size = sensor_size(lower_case(line));
        width_ = size.width;
        height_ = size.height;
      }
      ended = line == kEndMark;
      return ended;
    });
    if (first) source_->fail(0, "does not begin with #!AER-DAT3.1");
    if (!ended) source_->fail(header_bytes_, "the header has no line #!END-HEADER");
  }

  void check_encoding(std::string_view encoding) {
    encoding.remove_prefix(std::min(encoding.find_first_not_of(' '), encoding.size()));
    if (encoding != "RAW") {
      source_->fail(source_->position(),
                    "the events are encoded as '" + std::string(encoding) + "', expected RAW");
    }
  }

  // Reads a packet's header and, unless it is of polarity events, moves behind the packet.
  void begin_packet() {
    const std::uint64_t at = source_->position();
    const std::byte* header = source_->take(kPacketHeader, "a packet's header").data();
    const int type = load_little<std::int16_t>(header);
    const auto size = load_little<std::int32_t>(header + 4);
    const auto time_offset = load_little<std::int32_t>(header + 8);
    const auto overflow = load_little<std::int32_t>(header + 12);
    const auto capacity = load_little<std::int32_t>(header + 16);
    const auto number = load_little<std::int32_t>(header + 20);
    if (type < 0 || (type > kLastKnownType && type < kFirstUserType)) {
      source_->fail(at, "unknown packet type " + std::to_string(type));
    }
    if (size <= 0 || number < 0 || overflow < 0) {
      source_->fail(at, "packet with event size " + std::to_string(size) + ", " +
                            std::to_string(number) + " events, time overflow " +
                            std::to_string(overflow));
    }
    if (capacity != number) {
      source_->fail(at + 16, "packet with room for " + std::to_string(capacity) + " events and " +
                                 std::to_string(number) + " events; in a file both are equal");
    }
    const std::uint64_t bytes = std::uint64_t(size) * std::uint64_t(number);
    if (bytes > source_->rest()) {
      source_->fail(at, "packet of " + std::to_string(bytes) + " bytes, the file has " +
                            std::to_string(source_->rest()) + " more");
    }
    if (type != kPolarityType) {
      source_->skip(bytes);
      records_ += std::uint64_t(number);
      return;
    }
    if (size != kPolaritySize || time_offset != kPolarityTime) {
      source_->fail(at + 4, "polarity events of " + std::to_string(size) +
                                " bytes with the time at " + std::to_string(time_offset) +
                                ", expected 8 and 4");
    }
    left_ = std::uint64_t(number);
    overflow_ = std::int64_t{overflow} << 31;
  }

  bool decode(const std::byte* record, Event& event) const {
    const auto bits = load_little<std::uint32_t>(record);
    event.t = overflow_ + load_little<std::uint32_t>(record + 4);
    event.x = static_cast<std::uint16_t>(bits >> 17);
    event.y = static_cast<std::uint16_t>(bits >> 2 & 0x7fffu);
    event.p = static_cast<std::uint8_t>(bits >> 1 & 1u);
    return (bits & 1u) != 0;  // not marked as invalid
  }

  std::unique_ptr<ByteSource> source_;
  std::uint64_t left_ = 0;  // events of the current packet
  std::int64_t overflow_ = 0;
};

}  // namespace

bool probe_aedat3(std::string_view, std::span<const std::byte> head) {
  return header_line(head, "#").starts_with(kMagic);
}

std::unique_ptr<EventReader> open_aedat3(std::unique_ptr<ByteSource> source) {
  return std::make_unique<Aedat3Reader>(std::move(source));
}

}  // namespace trispike::data
