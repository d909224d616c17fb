// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/json_text.h"

#include <set>
#include <vector>

#include "src/text.h"

namespace trispike::model {
namespace {

using nlohmann::json;

// A value can take fifty times the memory of its text. A network of 10,000 layers has half of this.
constexpr std::size_t kMaxValues = 300'000;

// Looks at a text before a value is made of it: the parser alone takes any depth, any number of
// values, and of repeated keys the last. (Its callback could do the same, but goes through all
// siblings of each object.)
class Checker : public nlohmann::json_sax<json> {
 public:
  Checker(const std::string& file, std::uint64_t offset, int max_depth)
      : file_(file), offset_(offset), max_depth_(static_cast<std::size_t>(max_depth)) {}

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    if (!keys_.back().insert(key).second) {
      fail("JSON key " + in_quotes(key) + " stands twice in one object");
    }
    return count();
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    throw FormatError(file_, offset_ + (position > 0 ? position - 1 : 0),
                      std::string("not JSON: ") + error.what());
  }

 private:
  bool count() {
    if (++values_ > kMaxValues) {
      fail("JSON of more than " + std::to_string(kMaxValues) + " values");
    }
    return true;
  }

  bool open() {
    if (keys_.size() >= max_depth_) {
      fail("JSON nested deeper than " + std::to_string(max_depth_) + " levels");
    }
    keys_.emplace_back();
    return count();
  }

  bool close() {
    keys_.pop_back();
    return true;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw FormatError(file_, offset_, message);
  }

  const std::string& file_;
  std::uint64_t offset_;
  std::size_t max_depth_;
  std::size_t values_ = 0;                                // keys count as well
  std::vector<std::set<std::string, std::less<>>> keys_;  // of each object or array that is open
};

}  // namespace

json parse_json(std::string_view text, const std::string& file, std::uint64_t offset,
                int max_depth) {
  // The parser takes a zero byte for the end of the text, whatever follows.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    throw FormatError(file, offset + zero, "not JSON: a zero byte");
  }
  {
    Checker checker(file, offset, max_depth);
    json::sax_parse(text.begin(), text.end(), &checker);
  }
  return json::parse(text.begin(), text.end());
}

}  // namespace trispike::model
