// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Files for the program to read: grey pictures made up by the test, as PNG and as an IDX data set.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace trispike::test {

using Bytes = std::vector<std::uint8_t>;

inline void write_bytes(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

inline void append_big_endian(Bytes& bytes, std::uint32_t value) {
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// Grey pixels [side, side], different for each `seed`.
inline Bytes pattern(int side, int seed) {
  Bytes pixels;
  for (int i = 0; i < side * side; ++i) {
    pixels.push_back(
        static_cast<std::uint8_t>((i * (37 + 2 * seed) + 91 * seed + i * i * 5) % 256));
  }
  return pixels;
}

inline Bytes png(int side, const Bytes& pixels) {
  Bytes file = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  const auto add_chunk = [&](const std::string& type, const Bytes& data) {
    append_big_endian(file, static_cast<std::uint32_t>(data.size()));
    const std::size_t start = file.size();
    file.insert(file.end(), type.begin(), type.end());
    file.insert(file.end(), data.begin(), data.end());
    const auto length = static_cast<uInt>(file.size() - start);
    append_big_endian(file, static_cast<std::uint32_t>(crc32(0, file.data() + start, length)));
  };
  Bytes header;
  append_big_endian(header, static_cast<std::uint32_t>(side));
  append_big_endian(header, static_cast<std::uint32_t>(side));
  header.insert(header.end(), {8, 0, 0, 0, 0});  // 8 bits, grey
  Bytes rows;
  for (int y = 0; y < side; ++y) {
    rows.push_back(0);  // no filter
    rows.insert(rows.end(), pixels.begin() + y * side, pixels.begin() + (y + 1) * side);
  }
  Bytes packed(compressBound(rows.size()));
  uLongf packed_size = packed.size();
  if (compress(packed.data(), &packed_size, rows.data(), rows.size()) != Z_OK) {
    throw std::runtime_error("zlib");
  }
  packed.resize(packed_size);
  add_chunk("IHDR", header);
  add_chunk("IDAT", packed);
  add_chunk("IEND", {});
  return file;
}

/// The four files of an MNIST-like data set: picture i is pattern(side, i), of class labels[i].
/// Both splits are the same.
inline void write_idx_dataset(const std::filesystem::path& folder, int side, const Bytes& labels) {
  Bytes images = {0, 0, 8, 3};
  append_big_endian(images, static_cast<std::uint32_t>(labels.size()));
  append_big_endian(images, static_cast<std::uint32_t>(side));
  append_big_endian(images, static_cast<std::uint32_t>(side));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Bytes pixels = pattern(side, static_cast<int>(i));
    images.insert(images.end(), pixels.begin(), pixels.end());
  }
  Bytes classes = {0, 0, 8, 1};
  append_big_endian(classes, static_cast<std::uint32_t>(labels.size()));
  classes.insert(classes.end(), labels.begin(), labels.end());
  std::filesystem::create_directories(folder);
  for (const std::string split : {"train", "t10k"}) {
    write_bytes(folder / (split + "-images-idx3-ubyte"), images);
    write_bytes(folder / (split + "-labels-idx1-ubyte"), classes);
  }
}

}  // namespace trispike::test
