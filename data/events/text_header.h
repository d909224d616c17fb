// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The lines of text that most recordings begin with.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "events/byte_source.h"

namespace trispike::data {

/// The line that begins `bytes`, with its line feed, or all of `bytes` if there is none; empty
/// unless it begins with `mark` and is text. Data may begin with the same byte as a header line,
/// but then hold control characters.
std::string_view header_line(std::span<const std::byte> bytes, std::string_view mark);

/// Moves past all lines that begin with `mark`, up to and with the first of which `line` (called
/// without line feed and spaces at the end) says that it is the last. Returns the bytes of the
/// header. Throws DataError if it has more than 16 MiB or a line more than 1 MiB.
std::uint64_t read_text_header(ByteSource& source, std::string_view mark,
                               const std::function<bool(std::string_view)>& line);

/// The text as it is, in lower case.
std::string lower_case(std::string_view text);

}  // namespace trispike::data
