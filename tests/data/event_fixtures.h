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
  std::uint64_t records = 0;
};

/// For messages of tests.
void PrintTo(const Event& event, std::ostream* out);

/// At least one for each format; the events differ in every field.
std::vector<EventSample> event_samples();
/// The first sample of a format. Throws if there is none.
EventSample event_sample(std::string_view format);

}  // namespace trispike::data
