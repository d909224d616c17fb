// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/bombs.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <stdexcept>

#include "hostile/repair.h"

namespace trispike::hostile {
namespace {

void put_chunk(Bytes& png, const std::string& type, const Bytes& contents) {
  put_big_endian(png, static_cast<std::uint32_t>(contents.size()));
  const Bytes checked = data::to_bytes(type) + contents;
  png = std::move(png) + checked;
  put_big_endian(png, data::png_checksum(checked));
}

std::size_t channels_of(int color_type) {
  constexpr std::size_t kChannels[] = {1, 0, 3, 1, 2, 0, 4};
  return kChannels[color_type];
}

// Where the next segment of one of `markers` begins, from `from` on.
std::size_t find_segment(const Bytes& jpeg, std::size_t from,
                         std::initializer_list<std::uint8_t> markers) {
  for (std::size_t at = from; at + 1 < jpeg.size(); ++at) {
    if (jpeg[at] != std::byte{0xff}) continue;
    const auto marker = std::to_integer<std::uint8_t>(jpeg[at + 1]);
    if (std::ranges::find(markers, marker) != markers.end()) return at;
  }
  throw std::logic_error("the JPEG has no such segment");
}

void put_segment(Bytes& jpeg, int marker, const std::vector<int>& contents) {
  const auto length = static_cast<int>(contents.size()) + 2;
  for (const int value : {0xff, marker, length >> 8, length & 0xff}) {
    jpeg.push_back(std::byte(value));
  }
  for (const int value : contents) jpeg.push_back(std::byte(value));
}

// Runs of 2^14 + 14 bits of blocks, each behind the bit 0; unused bits are 1.
void put_empty_blocks(Bytes& jpeg, int blocks) {
  std::vector<int> bits;
  while (blocks > 0) {
    const int run = std::clamp(blocks, 1 << 14, (1 << 15) - 2);  // no byte 0xff, which is a marker
    bits.push_back(0);
    for (int bit = 13; bit >= 0; --bit) bits.push_back(run >> bit & 1);
    blocks -= run;
  }
  bits.resize((bits.size() + 7) / 8 * 8, 1);
  for (std::size_t k = 0; k < bits.size(); k += 8) {
    int byte = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) byte = byte << 1 | bits[k + bit];
    jpeg.push_back(std::byte(byte));
    if (byte == 0xff) jpeg.push_back(std::byte{0});
  }
}

}  // namespace

void put_big_endian(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(std::byte(value >> shift & 0xff));
}

Bytes packed_zeros(std::size_t count) {
  const Bytes zeros(count);
  uLongf size = compressBound(count);
  Bytes packed(size);
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(zeros.data()), count, 9) != Z_OK) {
    throw std::runtime_error("compress2");
  }
  packed.resize(size);
  return packed;
}

Bytes black_png(std::uint32_t width, std::uint32_t height, int color_type,
                const std::vector<std::pair<std::string, Bytes>>& chunks) {
  Bytes header;
  put_big_endian(header, width);
  put_big_endian(header, height);
  for (const int value : {8, color_type, 0, 0, 0}) header.push_back(std::byte(value));
  Bytes png = data::to_bytes("\x89PNG\r\n\x1a\n");
  put_chunk(png, "IHDR", header);
  if (color_type == 3) put_chunk(png, "PLTE", Bytes(3));
  for (const auto& [type, contents] : chunks) put_chunk(png, type, contents);
  const bool all = std::uint64_t{width} * height < 100'000'000;
  const std::size_t bytes = (width * channels_of(color_type) + 1) * height;
  put_chunk(png, "IDAT", packed_zeros(all ? bytes : 1));
  put_chunk(png, "IEND", {});
  return png;
}

Bytes resized_jpeg(const std::string& name, int width, int height) {
  Bytes jpeg = data::load(std::filesystem::path(TRISPIKE_SOURCE_DIR) / "tests/golden/data" / name);
  const std::size_t frame = find_segment(jpeg, 2, {0xc0, 0xc1, 0xc2});
  jpeg[frame + 5] = std::byte(height >> 8 & 0xff);
  jpeg[frame + 6] = std::byte(height & 0xff);
  jpeg[frame + 7] = std::byte(width >> 8 & 0xff);
  jpeg[frame + 8] = std::byte(width & 0xff);
  return jpeg;
}

Bytes many_scans(int width, int height, int scans) {
  const int blocks = ((width + 7) / 8) * ((height + 7) / 8);
  Bytes jpeg = {std::byte{0xff}, std::byte{0xd8}};
  std::vector<int> table(65, 1);
  table[0] = 0;
  put_segment(jpeg, 0xdb, table);
  put_segment(jpeg, 0xc2, {8, height >> 8, height & 0xff, width >> 8, width & 0xff, 1, 1, 0x11, 0});
  // Two Huffman tables of one code, the bit 0: "no difference", and "so many empty blocks: 2^14 and
  // what the next 14 bits say".
  for (const auto& [table_class, symbol] : {std::pair{0x00, 0x00}, std::pair{0x10, 0xe0}}) {
    std::vector<int> codes(18, 0);
    codes[0] = table_class;
    codes[1] = 1;
    codes[17] = symbol;
    put_segment(jpeg, 0xc4, codes);
  }
  put_segment(jpeg, 0xda, {1, 1, 0, 0, 0, 0});
  jpeg.resize(jpeg.size() + static_cast<std::size_t>(blocks + 7) / 8);
  for (int scan = 1; scan < scans; ++scan) {
    // One coefficient after the other, from its highest bit to its lowest.
    const int coefficient = 1 + (scan - 1) / 14;
    const int low = 13 - (scan - 1) % 14;
    const int high = low == 13 ? 0 : low + 1;
    put_segment(jpeg, 0xda, {1, 1, 0, coefficient, coefficient, high << 4 | low});
    put_empty_blocks(jpeg, blocks);
  }
  return std::move(jpeg) + Bytes{std::byte{0xff}, std::byte{0xd9}};
}

Bytes as_arithmetic(Bytes jpeg) {
  jpeg[find_segment(jpeg, 2, {0xc0}) + 1] = std::byte{0xc9};
  return jpeg;
}

Bytes padded(const Bytes& jpeg, std::size_t count) {
  Bytes bytes(jpeg.begin(), jpeg.begin() + 2);
  while (count > 0) {
    const std::size_t part = std::min<std::size_t>(count, 60'000);
    for (const std::size_t value :
         {std::size_t{0xff}, std::size_t{0xfe}, (part + 2) >> 8, (part + 2) & 0xff}) {
      bytes.push_back(std::byte(value));
    }
    bytes.resize(bytes.size() + part);
    count -= part;
  }
  return std::move(bytes) + std::span(jpeg).subspan(2);
}

Bytes with_tar_checksums(Bytes tar) {
  repair_tar(tar);
  return tar;
}

}  // namespace trispike::hostile
