// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Recordings of event cameras. One file per format in data/events/, one line each in
// `event_formats()`. docs/events.md tells how the fields of each format are mapped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trispike/data/error.h"

namespace trispike::data {

/// One change of brightness at one pixel, with the raw fields of the format: nothing is mirrored,
/// inverted or sorted.
struct Event {
  std::int64_t t = 0;   ///< microseconds; where they start is the recording's own business
  std::uint16_t x = 0;  ///< column
  std::uint16_t y = 0;  ///< row
  std::uint8_t p = 0;   ///< polarity bit, 0 or 1
  bool operator==(const Event&) const = default;
};

/// One recording, from its start to its end, in the order of the file. Takes memory for a part of
/// it only, however long it is. Not for use by several threads at once.
class EventReader {
 public:
  virtual ~EventReader() = default;
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  /// Fills `events` from the front and returns how many; 0 at the end only (`events` must not be
  /// empty). Throws DataError (file, byte, reason) at damage; what stands before it was handed out
  /// by earlier calls. After that the reader is of no further use.
  virtual std::size_t read(std::span<Event> events) = 0;

  const std::string& name() const { return name_; }    ///< of the file, for messages
  std::string_view format() const { return format_; }  ///< name of a row of event_formats()
  int width() const { return width_; }    ///< of the sensor; 0 if the file says nothing
  int height() const { return height_; }  ///< likewise
  std::uint64_t header_bytes() const { return header_bytes_; }  ///< of header in front of the data
  /// Records that were read so far: pixel events and everything else that a file may hold between
  /// them (frames, motion samples, triggers, for Prophesee's formats words).
  std::uint64_t records() const { return records_; }

 protected:
  EventReader(std::string_view format, const std::string& name) : format_(format), name_(name) {}

  int width_ = 0;
  int height_ = 0;
  std::uint64_t header_bytes_ = 0;
  std::uint64_t records_ = 0;

 private:
  std::string_view format_;
  std::string name_;
};

class ByteSource;  // data/events/byte_source.h

/// A form in which recordings are stored.
struct EventFormat {
  std::string_view name;
  std::string_view summary;
  /// Whether a file of this name that begins with `head` (up to kProbeBytes bytes) looks like it.
  bool (*probe)(std::string_view name, std::span<const std::byte> head);
  /// Reads the header. Throws DataError as EventReader::read.
  std::unique_ptr<EventReader> (*open)(std::unique_ptr<ByteSource> source);
};
inline constexpr std::size_t kProbeBytes = std::size_t{1} << 16;

/// In the order in which "auto" tries them.
std::span<const EventFormat> event_formats();

/// Opens a file, or bytes that came from elsewhere (an entry of a tar), which `name` names in
/// messages; its suffix also helps "auto" to tell the format. `format` is a name of
/// event_formats(), or "auto": the first that fits. Throws DataError if the file cannot be read, no
/// format fits, or its header is damaged.
std::unique_ptr<EventReader> open_events(const std::filesystem::path& path,
                                         const std::string& format = "auto");
std::unique_ptr<EventReader> open_events(std::vector<std::byte> bytes, const std::string& name,
                                         const std::string& format = "auto");

/// Whether "auto" finds a format for the file. Throws DataError if it cannot be read.
bool is_event_file(const std::filesystem::path& path);

/// All events that are left. Throws as EventReader::read.
std::vector<Event> read_events(EventReader& reader);

/// What a recording holds.
struct EventSummary {
  std::string format;
  int width = 0;  ///< of the sensor; 0 if the file says nothing
  int height = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t on_events = 0;      ///< events whose polarity bit is 1
  std::int64_t first_us = 0;        ///< time of the first event in the file; 0 without events
  std::int64_t last_us = 0;         ///< of the last one
  std::int64_t backward_steps = 0;  ///< events that are earlier than the one before them
  int max_x = 0;                    ///< largest column and row of any event
  int max_y = 0;
};

/// Reads what is left of a recording, in bounded memory. Throws as EventReader::read.
EventSummary summarise_events(EventReader& reader);

}  // namespace trispike::data
