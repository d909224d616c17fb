// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "events/byte_source.h"

#include <algorithm>
#include <utility>

namespace trispike::data {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 16;

}  // namespace

ByteSource::ByteSource(const std::filesystem::path& path)
    : name_(path.string()), file_(std::in_place, path), size_(file_->size()) {}

ByteSource::ByteSource(std::vector<std::byte> bytes, const std::string& name)
    : name_(name), window_(std::move(bytes)), size_(window_.size()) {}

std::span<const std::byte> ByteSource::peek(std::size_t count) {
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, rest()));
  const std::uint64_t window_end = window_begin_ + window_.size();
  if (position_ < window_begin_ || position_ + count > window_end) {
    // Only a file's window can be too small. What is already in it is moved, not read again.
    std::size_t kept = 0;
    if (position_ >= window_begin_ && position_ < window_end) {
      kept = static_cast<std::size_t>(window_end - position_);
      std::memmove(window_.data(), window_.data() + (position_ - window_begin_), kept);
    }
    window_.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(std::max(count, kBlock), rest())));
    window_begin_ = position_;
    file_->read_at(position_ + kept, std::span(window_).subspan(kept));
  }
  return std::span(window_).subspan(static_cast<std::size_t>(position_ - window_begin_), count);
}

std::span<const std::byte> ByteSource::take(std::size_t count, std::string_view what) {
  const std::span<const std::byte> bytes = peek(count);
  if (bytes.size() < count) {
    fail(size_, "the recording ends within " + std::string(what) + ", " +
                    std::to_string(count - bytes.size()) + " more bytes expected");
  }
  position_ += count;
  return bytes;
}

void ByteSource::fail(std::uint64_t position, const std::string& reason) const {
  throw DataError(name_, "byte " + std::to_string(position), reason);
}

}  // namespace trispike::data
