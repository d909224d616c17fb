// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/prophesee_header.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace trispike::data {
namespace {

constexpr std::string_view kMark = "% ";
constexpr int kMaxSide = 1 << 14;

// The text up to `separator`, which it takes off the front of `rest`.
std::string_view cut(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(part.size() + 1, rest.size()));
  return part;
}

// A side of the sensor, 0 if the text is none.
int side(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value > 0 && value <= kMaxSide ? value : 0;
}

// Old files say "evt 3.0", newer ones "format EVT3;height=720;width=1280" and "geometry 1280x720";
// DAT files say "Height 720" and "Width 1280".
void read_line(std::string_view line, PropheseeHeader& header) {
  line.remove_prefix(std::min(kMark.size(), line.size()));  // an empty line has lost its space
  const std::string_view key = cut(line, ' ');
  int& width = header.record.width;
  int& height = header.record.height;
  if (key == "evt") {
    for (const char c : line) {
      if (header.encoding.empty()) header.encoding = "EVT";
      if (c != '.') header.encoding += c;
    }
    if (header.encoding.ends_with('0')) header.encoding.pop_back();
  } else if (key == "format") {
    header.encoding = cut(line, ';');
    while (!line.empty()) {
      std::string_view value = cut(line, ';');
      const std::string_view name = cut(value, '=');
      if (name == "width") width = side(value);
      if (name == "height") height = side(value);
    }
  } else if (key == "geometry") {
    width = side(cut(line, 'x'));
    height = side(line);
  } else if (key == "Width") {
    width = side(line);
  } else if (key == "Height") {
    height = side(line);
  }
}

}  // namespace

PropheseeHeader read_prophesee_header(ByteSource& source) {
  PropheseeHeader header;
  header.record.bytes = read_text_header(source, kMark, [&](std::string_view line) {
    read_line(line, header);
    return line == "% end";
  });
  if (header.record.bytes == 0) source.fail(0, "does not begin with a header line ('% ')");
  return header;
}

std::string probe_prophesee_encoding(std::span<const std::byte> head) {
  PropheseeHeader header;
  for (;;) {
    const std::string_view line = header_line(head, kMark);
    if (line.empty()) return header.encoding;
    read_line(line.substr(0, line.find_last_not_of("\r\n ") + 1), header);
    head = head.subspan(line.size());
  }
}

}  // namespace trispike::data
