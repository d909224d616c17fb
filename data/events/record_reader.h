// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The reader of formats whose data are records of one size.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "events/byte_source.h"
#include "trispike/data/events.h"

namespace trispike::data {

/// What a file's header says.
struct RecordHeader {
  std::uint64_t bytes = 0;
  int width = 0;  ///< of the sensor, 0 if unknown
  int height = 0;
};

/// `Decoder` has kBytes, the size of a record, and `bool decode(const std::byte* record, Event&)`,
/// false if the record is no pixel event.
template <typename Decoder>
class RecordReader final : public EventReader {
 public:
  RecordReader(std::string_view format, const RecordHeader& header,
               std::unique_ptr<ByteSource> source, Decoder decoder = {})
      : EventReader(format, source->name()),
        source_(std::move(source)),
        decoder_(std::move(decoder)) {
    header_bytes_ = header.bytes;
    width_ = header.width;
    height_ = header.height;
  }

  std::size_t read(std::span<Event> events) override {
    std::size_t count = 0;
    while (count < events.size()) {
      const std::span<const std::byte> block = source_->peek(kBlock);
      if (block.empty()) break;
      if (block.size() < Decoder::kBytes) {
        if (count > 0) break;  // damage is reported after the events before it
        source_->take(Decoder::kBytes, "a record");
      }
      std::size_t used = 0;
      while (block.size() - used >= Decoder::kBytes && count < events.size()) {
        if (decoder_.decode(block.data() + used, events[count])) ++count;
        used += Decoder::kBytes;
        ++records_;
      }
      source_->skip(used);
    }
    return count;
  }

 private:
  static constexpr std::size_t kBlock = 8192 * Decoder::kBytes;

  std::unique_ptr<ByteSource> source_;
  Decoder decoder_;
};

}  // namespace trispike::data
