// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Text: one event per line, "t x y p" (Event Camera Dataset). The first line decides what t is:
// with a decimal point seconds, which are rounded to microseconds, else microseconds. Empty lines
// and lines that begin with '#' are left out. p is 0 or 1, or -1 for 0.
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "events/event_formats.h"

namespace trispike::data {
namespace {

constexpr std::string_view kSpaces = " \t\r";
constexpr std::size_t kMaxLine = 1024;
constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1'000'000 - 1;

using Fields = std::array<std::string_view, 4>;

std::optional<Fields> split(std::string_view line) {
  Fields fields;
  for (std::string_view& field : fields) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
    field = line.substr(0, line.find_first_of(kSpaces));
    if (field.empty()) return std::nullopt;
    line.remove_prefix(field.size());
  }
  if (line.find_first_not_of(kSpaces) != std::string_view::npos) return std::nullopt;
  return fields;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Microseconds, digit by digit: no detour through binary fractions.
std::optional<std::int64_t> microseconds_of_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto whole = whole_number<std::int64_t>(text.substr(0, point));
  if (!whole || *whole < 0 || *whole > kMaxSeconds || text.starts_with('-')) return std::nullopt;
  std::string_view digits = point == std::string_view::npos ? "" : text.substr(point + 1);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  std::int64_t fraction = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    fraction = 10 * fraction + (i < digits.size() ? digits[i] - '0' : 0);
  }
  if (digits.size() > 6 && digits[6] >= '5') ++fraction;
  return *whole * 1'000'000 + fraction;
}

std::optional<std::uint8_t> polarity_of(std::string_view text) {
  if (text == "1") return 1;
  if (text == "0" || text == "-1") return 0;
  return std::nullopt;
}

class TextReader final : public EventReader {
 public:
  explicit TextReader(std::unique_ptr<ByteSource> source)
      : EventReader("text", source->name()), source_(std::move(source)) {}

  std::size_t read(std::span<Event> events) override {
    std::size_t count = 0;
    while (count < events.size()) {
      const std::span<const std::byte> block = source_->peek(kMaxLine);
      if (block.empty()) break;
      std::string_view text(reinterpret_cast<const char*>(block.data()), block.size());
      const std::size_t end = text.find('\n');
      const std::string_view line = text.substr(0, end);
      if (!is_left_out(line)) {
        const bool good = block.size() < kMaxLine || end != std::string_view::npos
                              ? decode(line, events[count])
                              : false;
        if (!good && count > 0) break;  // damage is reported after the events before it
        if (!good) refuse(line);
        ++count;
        ++records_;
      }
      source_->skip(end == std::string_view::npos ? text.size() : end + 1);
    }
    return count;
  }

 private:
  static bool is_left_out(std::string_view line) {
    return line.starts_with('#') || line.find_first_not_of(kSpaces) == std::string_view::npos;
  }

  bool decode(std::string_view line, Event& event) {
    const std::optional<Fields> fields = split(line);
    if (!fields) return false;
    const auto& [t_text, x_text, y_text, p_text] = *fields;
    if (!seconds_) seconds_ = t_text.find('.') != std::string_view::npos;
    const std::optional<std::int64_t> t =
        *seconds_ ? microseconds_of_seconds(t_text) : whole_number<std::int64_t>(t_text);
    const auto x = whole_number<std::uint16_t>(x_text);
    const auto y = whole_number<std::uint16_t>(y_text);
    const auto p = polarity_of(p_text);
    if (!t || !x || !y || !p) return false;
    event = {*t, *x, *y, *p};
    return true;
  }

  [[noreturn]] void refuse(std::string_view line) const {
    std::string shown(line.substr(0, 60));
    if (line.size() > shown.size()) shown += "...";
    source_->fail(source_->position(),
                  "line '" + shown + "' is no event, expected: t x y p (t in " +
                      (seconds_.value_or(true) ? "seconds" : "whole microseconds, as in line 1") +
                      ", p 0 or 1)");
  }

  std::unique_ptr<ByteSource> source_;
  std::optional<bool> seconds_;  // none before the first event
};

}  // namespace

bool probe_text(std::string_view name, std::span<const std::byte> head) {
  if (!lower_case(name).ends_with(".txt")) return false;
  std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  while (text.starts_with('#') || text.starts_with('\n')) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return text.empty() || split(text.substr(0, text.find('\n'))).has_value();
}

std::unique_ptr<EventReader> open_text(std::unique_ptr<ByteSource> source) {
  return std::make_unique<TextReader>(std::move(source));
}

}  // namespace trispike::data
