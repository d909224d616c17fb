// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Zip archives byte by byte, from the format's specification (APPNOTE.TXT 6.3), so that any field
// can be wrong.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trispike::test {

struct ZipPart {
  std::string name;
  std::string data;         ///< as it stands in the archive
  std::uint32_t bytes = 0;  ///< unpacked
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
};

inline ZipPart stored(const std::string& name, const std::string& data) {
  const auto* bytes = reinterpret_cast<const Bytef*>(data.data());
  return {name,
          data,
          static_cast<std::uint32_t>(data.size()),
          static_cast<std::uint32_t>(crc32_z(0, bytes, data.size())),
          0,
          0};
}

inline ZipPart deflated(const std::string& name, const std::string& data) {
  ZipPart part = stored(name, data);
  part.method = 8;
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  part.data.resize(deflateBound(&stream, data.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(part.data.data());
  stream.avail_out = static_cast<uInt>(part.data.size());
  deflate(&stream, Z_FINISH);
  part.data.resize(stream.total_out);
  deflateEnd(&stream);
  return part;
}

/// With `zip64`, every size and offset stands in the 64-bit extension.
class ZipBuilder {
 public:
  explicit ZipBuilder(bool zip64 = false) : zip64_(zip64) {}

  ZipBuilder& add(const ZipPart& part) {
    const std::uint64_t offset = text_.size();
    number(0x04034b50, 4);
    common(part);
    number(0, 2);  // no extra field here
    text_ += part.name + part.data;

    std::string local = std::move(text_);
    text_ = std::move(directory_);
    number(0x02014b50, 4);
    number(45, 2);
    common(part);
    number(zip64_ ? 28 : 0, 2);
    number(0, 2);  // comment
    number(0, 2);  // part
    number(0, 2);
    number(0, 4);
    number(zip64_ ? 0xffffffff : offset, 4);
    text_ += part.name;
    if (zip64_) {
      number(1, 2);
      number(24, 2);
      number(part.bytes, 8);
      number(part.data.size(), 8);
      number(offset, 8);
    }
    directory_ = std::move(text_);
    text_ = std::move(local);
    ++entries_;
    return *this;
  }

  std::string finish() {
    const std::uint64_t offset = text_.size();
    text_ += directory_;
    const std::uint64_t end = text_.size();
    if (zip64_) {
      number(0x06064b50, 4);
      number(44, 8);
      number(45, 2);
      number(45, 2);
      number(0, 8);
      number(entries_, 8);
      number(entries_, 8);
      number(directory_.size(), 8);
      number(offset, 8);
      number(0x07064b50, 4);
      number(0, 4);
      number(end, 8);
      number(1, 4);
    }
    number(0x06054b50, 4);
    number(0, 4);
    number(zip64_ ? 0xffff : entries_, 2);
    number(zip64_ ? 0xffff : entries_, 2);
    number(zip64_ ? 0xffffffff : directory_.size(), 4);
    number(zip64_ ? 0xffffffff : offset, 4);
    number(0, 2);
    return std::move(text_);
  }

 private:
  // What the local header and the directory have in common, up to the length of the name.
  void common(const ZipPart& part) {
    number(45, 2);
    number(part.flags, 2);
    number(part.method, 2);
    number(0, 4);  // time and date
    number(part.crc, 4);
    number(zip64_ ? 0xffffffff : part.data.size(), 4);
    number(zip64_ ? 0xffffffff : part.bytes, 4);
    number(part.name.size(), 2);
  }

  void number(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) text_ += static_cast<char>(value >> (8 * i) & 0xff);
  }

  bool zip64_;
  std::string text_;
  std::string directory_;
  std::uint64_t entries_ = 0;
};

}  // namespace trispike::test
