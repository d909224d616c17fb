// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// TensorBoard event files with scalars. A file is a sequence of TFRecords (length, masked CRC-32C
// of the length, data, masked CRC-32C of the data); the data is an `Event` of TensorFlow's protocol
// buffers, of which we need five fields and so encode by hand.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace trispike::train {

/// CRC-32C (Castagnoli), as in RFC 3720.
std::uint32_t crc32c(std::string_view bytes);

/// `payload` framed as one TFRecord.
std::string tf_record(std::string_view payload);

/// An `Event` message with one scalar summary. `wall_time` in seconds since 1970.
std::string scalar_event(double wall_time, std::int64_t step, std::string_view tag, float value);

class EventFile {
 public:
  /// Creates `directory` if need be and in it a new event file. TensorBoard forgets what earlier
  /// files there say about steps >= `first_step`: a resumed run passes the first iteration it will
  /// log. Throws IoError.
  EventFile(const std::string& directory, std::int64_t first_step);

  const std::string& path() const { return path_; }

  /// Appends one value and hands it to the operating system. Throws IoError.
  void scalar(std::string_view tag, double value, std::int64_t step);

 private:
  void append(std::string_view event);

  std::string path_;
  std::ofstream file_;
};

}  // namespace trispike::train
