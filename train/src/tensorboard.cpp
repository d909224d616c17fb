// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/tensorboard.h"

#include <array>
#include <bit>
#include <chrono>
#include <filesystem>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

// Fields of tensorflow/core/util/event.proto and framework/summary.proto.
constexpr int kEventWallTime = 1;
constexpr int kEventStep = 2;
constexpr int kEventFileVersion = 3;
constexpr int kEventSummary = 5;
constexpr int kEventSessionLog = 7;
constexpr int kSummaryValue = 1;
constexpr int kValueTag = 1;
constexpr int kValueSimpleValue = 2;
constexpr int kSessionLogStatus = 1;
constexpr std::uint64_t kSessionStart = 1;

/// Wire types of protocol buffers.
enum Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

template <class Unsigned>
void put_little_endian(std::string& out, Unsigned value) {
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    out += static_cast<char>(value >> (8 * i) & 0xff);
  }
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}

void put_tag(std::string& out, int field, Wire wire) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(wire));
}

void put_integer(std::string& out, int field, std::uint64_t value) {
  put_tag(out, field, kVarint);
  put_varint(out, value);
}

void put_double(std::string& out, int field, double value) {
  put_tag(out, field, kFixed64);
  put_little_endian(out, std::bit_cast<std::uint64_t>(value));
}

void put_float(std::string& out, int field, float value) {
  put_tag(out, field, kFixed32);
  put_little_endian(out, std::bit_cast<std::uint32_t>(value));
}

void put_bytes(std::string& out, int field, std::string_view value) {
  put_tag(out, field, kBytes);
  put_varint(out, value.size());
  out += value;
}

std::string event_at(double wall_time, std::int64_t step) {
  std::string event;
  put_double(event, kEventWallTime, wall_time);
  put_integer(event, kEventStep, static_cast<std::uint64_t>(step));
  return event;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}();

/// A CRC stored next to the data it covers is rotated and offset, so that a CRC over both is not
/// degenerate.
std::uint32_t masked_crc(std::string_view bytes) {
  return std::rotr(crc32c(bytes), 15) + 0xa282ead8u;
}

double now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since_epoch).count();
}

/// A name TensorBoard recognises, sorts after those of earlier runs and does not exist yet.
std::string new_path(const std::filesystem::path& directory) {
  const auto seconds = static_cast<std::int64_t>(now());
  for (int n = 0;; ++n) {
    const auto path = directory / ("events.out.tfevents." + std::to_string(seconds) + ".trispike." +
                                   std::to_string(n));
    if (!std::filesystem::exists(path)) return path.string();
  }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xffffffffu;
  for (const char c : bytes)
    crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

std::string tf_record(std::string_view payload) {
  std::string record;
  put_little_endian(record, static_cast<std::uint64_t>(payload.size()));
  put_little_endian(record, masked_crc(record));
  record += payload;
  put_little_endian(record, masked_crc(payload));
  return record;
}

std::string scalar_event(double wall_time, std::int64_t step, std::string_view tag, float value) {
  std::string summary_value;
  put_bytes(summary_value, kValueTag, tag);
  put_float(summary_value, kValueSimpleValue, value);
  std::string summary;
  put_bytes(summary, kSummaryValue, summary_value);
  std::string event = event_at(wall_time, step);
  put_bytes(event, kEventSummary, summary);
  return event;
}

EventFile::EventFile(const std::string& directory, std::int64_t first_step) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw IoError(directory + ": cannot be created: " + error.message());
  path_ = new_path(directory);
  file_.open(path_, std::ios::binary | std::ios::app);

  std::string version;
  put_double(version, kEventWallTime, now());
  put_bytes(version, kEventFileVersion, "brain.Event:2");
  append(version);

  std::string session;
  put_integer(session, kSessionLogStatus, kSessionStart);
  std::string start = event_at(now(), first_step);
  put_bytes(start, kEventSessionLog, session);
  append(start);
}

void EventFile::scalar(std::string_view tag, double value, std::int64_t step) {
  append(scalar_event(now(), step, tag, static_cast<float>(value)));
}

void EventFile::append(std::string_view event) {
  file_ << tf_record(event) << std::flush;
  if (!file_) throw IoError(path_ + ": cannot be written");
}

}  // namespace trispike::train
