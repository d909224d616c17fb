// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/repair.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

#include "support/temporary_folder.h"
#include "trispike/model/error.h"
#include "trispike/model/model_data.h"
#include "trispike/model/safetensors.h"
#include "trispike/model/sha256.h"

namespace trispike::hostile {
namespace {

using data::Bytes;

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) {
    value = value << 8 | std::to_integer<std::uint32_t>(byte);
  }
  return value;
}

}  // namespace

void repair_digests(Bytes& bytes) {
  static const test::TemporaryFolder folder;
  const std::string path = folder.file("repaired");
  try {
    data::save(path, bytes);
    model::Safetensors contents = model::read_safetensors(path);
    model::TensorMap own;
    model::TensorMap extra;
    for (const auto& [name, tensor] : contents.tensors) {
      (name.starts_with("checkpoint.") ? extra : own).emplace(name, tensor);
    }
    contents.metadata["trispike.sha256"] = model::digest(own);
    if (!extra.empty()) contents.metadata["checkpoint.sha256"] = model::digest(extra);
    model::Sha256 sha;
    for (const auto& [key, value] : contents.metadata) {
      if (key != "trispike.metadata_sha256") sha.update(key + '\0' + value + '\0');
    }
    contents.metadata["trispike.metadata_sha256"] = sha.finish();
    model::write_safetensors(path, contents);
    bytes = data::load(path);
  } catch (const Error&) {
    // Too damaged to have digests.
  }
}

void repair_png(Bytes& bytes) {
  constexpr std::size_t kSignature = 8;
  constexpr std::size_t kAround = 12;  // length, type and checksum of a chunk
  for (std::size_t at = kSignature; at + kAround <= bytes.size();) {
    const std::size_t length = big_endian(std::span(bytes).subspan(at));
    if (length > bytes.size() - at - kAround) return;
    const std::uint32_t checksum = data::png_checksum(std::span(bytes).subspan(at + 4, 4 + length));
    for (std::size_t k = 0; k < 4; ++k) {
      bytes[at + 8 + length + k] = std::byte(checksum >> (24 - 8 * k) & 0xff);
    }
    at += kAround + length;
  }
}

void repair_tar(Bytes& bytes) {
  constexpr std::size_t kBlock = 512;
  constexpr std::size_t kMagic = 257;
  constexpr std::size_t kChecksum = 148;
  for (std::size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    const auto block = std::span(bytes).subspan(at, kBlock);
    if (std::memcmp(&block[kMagic], "ustar", 5) != 0) continue;
    std::memset(&block[kChecksum], ' ', 8);
    unsigned sum = 0;
    for (const std::byte byte : block) sum += std::to_integer<unsigned>(byte);
    char digits[8];
    std::snprintf(digits, sizeof(digits), "%06o", sum);
    std::memcpy(&block[kChecksum], digits, 7);
  }
}

}  // namespace trispike::hostile
