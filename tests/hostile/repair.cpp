// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/repair.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

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

std::uint32_t little_endian(std::span<const std::byte> bytes, std::size_t count) {
  std::uint32_t value = 0;
  while (count-- > 0) value = value << 8 | std::to_integer<std::uint32_t>(bytes[count]);
  return value;
}

void put_little_endian(std::span<std::byte> bytes, std::uint32_t value) {
  for (std::size_t k = 0; k < 4; ++k) bytes[k] = std::byte(value >> 8 * k & 0xff);
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

void repair_zip(Bytes& bytes) {
  constexpr std::string_view kDirectoryEntry = "PK\x01\x02";
  constexpr std::size_t kDirectoryBytes = 46;
  constexpr std::size_t kLocalBytes = 30;
  const std::span<std::byte> all(bytes);
  for (std::size_t at = 0; at + kDirectoryBytes <= all.size(); ++at) {
    const auto entry = all.subspan(at, kDirectoryBytes);
    if (std::memcmp(entry.data(), kDirectoryEntry.data(), 4) != 0) continue;
    const bool stored = little_endian(entry.subspan(10), 2) == 0;
    const std::size_t size = little_endian(entry.subspan(20), 4);
    const std::size_t local = little_endian(entry.subspan(42), 4);
    if (!stored || local > all.size() || all.size() - local < kLocalBytes) continue;
    const auto header = all.subspan(local, kLocalBytes);
    const std::size_t data = local + kLocalBytes + little_endian(header.subspan(26), 2) +
                             little_endian(header.subspan(28), 2);
    if (data > all.size() || size > all.size() - data) continue;
    const std::uint32_t checksum = data::png_checksum(all.subspan(data, size));  // zip has the same
    put_little_endian(entry.subspan(16), checksum);
    put_little_endian(header.subspan(14), checksum);
  }
}

}  // namespace trispike::hostile
