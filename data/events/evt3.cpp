// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Prophesee EVT 3.0 (.raw): a text header and 16-bit words, little-endian, of which the highest
// four bits are the type. Row, time and the start of a vector hold until the next word of their
// type; a vector word tells which of the next 12 or 8 columns have an event. The time has 24 bits
// and every 2^24 us (16.8 s) starts again at 0.
#include <bit>
#include <utility>

#include "events/event_formats.h"
#include "events/prophesee_header.h"

namespace trispike::data {
namespace {

enum Word : unsigned {
  kRow = 0x0,
  kColumn = 0x2,
  kVectorBase = 0x3,
  kVector12 = 0x4,
  kVector8 = 0x5,
  kTimeLow = 0x6,
  kTimeHigh = 0x8
};

class Evt3Reader final : public EventReader {
 public:
  explicit Evt3Reader(std::unique_ptr<ByteSource> source)
      : EventReader("evt3", source->name()), source_(std::move(source)) {
    const PropheseeHeader header = read_prophesee_header(*source_);
    header_bytes_ = header.record.bytes;
    width_ = header.record.width;
    height_ = header.record.height;
  }

  std::size_t read(std::span<Event> events) override {
    std::size_t count = 0;
    while (count < events.size()) {
      if (vector_ != 0) {
        events[count++] = next_of_vector();
        continue;
      }
      const std::span<const std::byte> block = source_->peek(kBlock);
      if (block.empty()) break;
      if (block.size() < kWord) {
        if (count > 0) break;  // damage is reported after the events before it
        source_->take(kWord, "a word");
      }
      std::size_t used = 0;
      bool damaged = false;
      while (block.size() - used >= kWord && count < events.size() && vector_ == 0) {
        const auto word = load_little<std::uint16_t>(block.data() + used);
        damaged = leads_outside(word);
        if (damaged) break;
        if (decode(word, events[count])) ++count;
        used += kWord;
        ++records_;
      }
      source_->skip(used);
      if (damaged && count > 0) break;
      if (damaged) source_->fail(source_->position(), "a vector leads beyond column 2047");
    }
    return count;
  }

 private:
  static constexpr std::size_t kWord = 2;
  static constexpr std::size_t kBlock = 16384 * kWord;
  static constexpr std::uint32_t kColumns = 2048;
  static constexpr std::int64_t kLoop_us = 1 << 24;

  static std::uint32_t vector_of(std::uint16_t word) {
    const unsigned type = word >> 12;
    return type == kVector12 ? word & 0xfffu : type == kVector8 ? word & 0xffu : 0;
  }

  bool leads_outside(std::uint16_t word) const {
    const std::uint32_t vector = vector_of(word);
    return vector != 0 && column_ + std::uint32_t(std::bit_width(vector)) > kColumns;
  }

  // True if the word is an event by itself.
  bool decode(std::uint16_t word, Event& event) {
    const std::uint16_t low_11 = word & 0x7ffu;
    const auto polarity = static_cast<std::uint8_t>(word >> 11 & 1u);
    switch (word >> 12) {
      case kRow:
        row_ = low_11;
        row_known_ = true;
        break;
      case kColumn:
        event = {time(), low_11, row_, polarity};
        return place_known();
      case kVectorBase:
        column_ = low_11;
        polarity_ = polarity;
        break;
      case kVector12:
      case kVector8:
        vector_ = place_known() ? vector_of(word) : 0;
        vector_column_ = column_;
        column_ += word >> 12 == kVector12 ? 12 : 8;
        break;
      case kTimeLow:
        time_low_ = word & 0xfffu;
        break;
      case kTimeHigh:
        set_time_high(std::int64_t{word & 0xfffu} << 12);
        break;
      default:  // triggers, words that continue them, reserved types
        break;
    }
    return false;
  }

  void set_time_high(std::int64_t high) {
    if (time_known_ && time_high_ - high >= kLoop_us / 2) loops_ += kLoop_us;
    // Until the next "time low" the old one would lead into the future.
    if (!time_known_ || high != time_high_) time_low_ = 0;
    time_high_ = high;
    time_known_ = true;
  }

  // The time of what stands before the first "time high" is not known; the maker drops it too.
  bool place_known() const { return time_known_ && row_known_; }
  std::int64_t time() const { return loops_ + time_high_ + time_low_; }

  Event next_of_vector() {
    const int bit = std::countr_zero(vector_);
    vector_ &= vector_ - 1;
    return {time(), static_cast<std::uint16_t>(vector_column_ + std::uint32_t(bit)), row_,
            polarity_};
  }

  std::unique_ptr<ByteSource> source_;
  bool time_known_ = false;
  bool row_known_ = false;
  std::int64_t time_high_ = 0;
  std::int64_t time_low_ = 0;
  std::int64_t loops_ = 0;
  std::uint16_t row_ = 0;
  std::uint32_t column_ = 0;  // where the next vector begins
  std::uint8_t polarity_ = 0;
  std::uint32_t vector_ = 0;  // columns that are still to be handed out
  std::uint32_t vector_column_ = 0;
};

}  // namespace

bool probe_evt3(std::string_view, std::span<const std::byte> head) {
  return probe_prophesee_encoding(head) == "EVT3";
}

std::unique_ptr<EventReader> open_evt3(std::unique_ptr<ByteSource> source) {
  return std::make_unique<Evt3Reader>(std::move(source));
}

}  // namespace trispike::data
