// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/text_header.h"

#include <algorithm>
#include <cctype>

namespace trispike::data {
namespace {

constexpr std::size_t kMaxLine = std::size_t{1} << 20;
constexpr std::uint64_t kMaxHeader = std::uint64_t{1} << 24;
constexpr std::size_t kUsualLine = 4096;

}  // namespace

std::string_view header_line(std::span<const std::byte> bytes, std::string_view mark) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(mark)) return {};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return text.substr(0, i + 1);
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < ' ' && c != '\t' && c != '\r') return {};
  }
  return text;
}

std::uint64_t read_text_header(ByteSource& source, std::string_view mark,
                               const std::function<bool(std::string_view)>& line) {
  const std::uint64_t begin = source.position();
  for (bool last = false; !last;) {
    std::string_view text = header_line(source.peek(kUsualLine), mark);
    if (text.size() == kUsualLine && !text.ends_with('\n')) {
      text = header_line(source.peek(kMaxLine), mark);
      if (text.size() == kMaxLine) {
        source.fail(source.position(), "a line of the header has more than 1 MiB");
      }
    }
    if (text.empty()) break;
    last = line(text.substr(0, text.find_last_not_of("\r\n \t") + 1));
    source.skip(text.size());
    if (source.position() - begin > kMaxHeader) {
      source.fail(source.position(), "the header has more than 16 MiB");
    }
  }
  return source.position() - begin;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

}  // namespace trispike::data
