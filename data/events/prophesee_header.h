// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The header of Prophesee's files: lines "% key value", the last of them perhaps "% end".
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "events/record_reader.h"
#include "events/text_header.h"

namespace trispike::data {

struct PropheseeHeader {
  RecordHeader record;   ///< bytes and size of the sensor
  std::string encoding;  ///< of a RAW file: "EVT2", "EVT21", "EVT3"; empty if it is not named
};

/// Moves past the header. Throws DataError if there is none or it is damaged.
PropheseeHeader read_prophesee_header(ByteSource& source);

/// `encoding` of the header that begins `head`.
std::string probe_prophesee_encoding(std::span<const std::byte> head);

}  // namespace trispike::data
