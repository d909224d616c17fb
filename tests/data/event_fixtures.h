// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Small event recordings of every format, encoded on the spot from the formats' descriptions.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "fixtures.h"
#include "trispike/data/events.h"

namespace trispike::data {

/// Bytes one after the other.
class Writer {
 public:
  Writer& text(std::string_view text);
  /// The lowest `bytes` bytes of a number.
  Writer& little(std::uint64_t value, int bytes);
  Writer& big(std::uint64_t value, int bytes);
  Writer& append(const Bytes& bytes);
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

struct EventSample {
  std::string format;  ///< a row of event_formats()
  std::string file;    ///< a name by which the format is found
  Bytes bytes = {};
  std::vector<Event> events = {};
  int width = 0;  ///< as the file tells
  int height = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t prefix_bytes = 0;  ///< between header and first record
  std::uint64_t records = 0;

  /// For names of tests: without it they would hold raw bytes, other ones in each process.
  friend std::ostream& operator<<(std::ostream& out, const EventSample& sample) {
    return out << sample.file;
  }
};

/// AEDAT 4 files, encoded by hand. `compression`: 0 none, 1 and 2 LZ4, 3 and 4 Zstandard.
struct Aedat4Packet {
  int stream;
  Bytes contents;  ///< as aedat4_events() and the like give them
};
Bytes aedat4_events(const std::vector<Event>& events);
Bytes aedat4_samples(std::string_view type, int count);
Bytes aedat4_compress(const Bytes& bytes, int compression);
/// A header that tells of three streams: 0 events of 346x260 pixels, 1 IMU, 2 frames.
/// `data_table`: where its packets end, -1 for unknown.
Bytes aedat4_header(int compression, std::int64_t data_table);
Bytes aedat4_file(int compression, const std::vector<Aedat4Packet>& packets);
EventSample aedat4_sample(int compression);

/// For messages of tests.
void PrintTo(const Event& event, std::ostream* out);

/// At least one for each format; the events differ in every field.
std::vector<EventSample> event_samples();
/// The first sample of a format. Throws if there is none.
EventSample event_sample(std::string_view format);

}  // namespace trispike::data
