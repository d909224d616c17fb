// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/model/sha256.h"

#include <algorithm>
#include <cstring>

#include "src/sha256_compress.h"

namespace trispike::model {
namespace {

Sha256Compress best_compress() {
  const Sha256Compress in_hardware = sha256_compress_in_hardware();
  return in_hardware != nullptr ? in_hardware : sha256_compress;
}

}  // namespace

void Sha256::compress(const std::uint8_t* block) {
  static const Sha256Compress best = best_compress();
  best(state_, block);
}

void Sha256::update(const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  total_bytes_ += size;
  while (size > 0) {
    if (buffered_ == 0 && size >= buffer_.size()) {
      compress(bytes);
      bytes += buffer_.size();
      size -= buffer_.size();
      continue;
    }
    const std::size_t taken = std::min(size, buffer_.size() - buffered_);
    std::memcpy(buffer_.data() + buffered_, bytes, taken);
    buffered_ += taken;
    bytes += taken;
    size -= taken;
    if (buffered_ == buffer_.size()) {
      compress(buffer_.data());
      buffered_ = 0;
    }
  }
}

std::string Sha256::finish() {
  const std::uint64_t total_bits = total_bytes_ * 8;
  const std::uint8_t one = 0x80;
  const std::uint8_t zero = 0;
  update(&one, 1);
  while (buffered_ != 56) update(&zero, 1);
  std::array<std::uint8_t, 8> length;
  for (std::size_t i = 0; i < 8; ++i) {
    length[i] = static_cast<std::uint8_t>(total_bits >> (56 - 8 * i));
  }
  update(length.data(), length.size());

  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const std::uint32_t word : state_) {
    for (int shift = 28; shift >= 0; shift -= 4) hex += kDigits[(word >> shift) & 15];
  }
  return hex;
}

}  // namespace trispike::model
