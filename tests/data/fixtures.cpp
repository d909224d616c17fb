// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "fixtures.h"

#include <unistd.h>
#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "trispike/data/error.h"

namespace trispike::data {
namespace {

void put_big_endian(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(std::byte(value >> shift & 0xff));
}

void put_chunk(Bytes& png, std::string_view type, std::span<const std::byte> contents) {
  put_big_endian(png, static_cast<std::uint32_t>(contents.size()));
  const Bytes checked = to_bytes(std::string(type)) + contents;
  png = png + checked;
  put_big_endian(png, png_checksum(checked));
}

Bytes as_bytes_vector(std::span<const std::uint8_t> values) {
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

Bytes tar_header(const std::string& name, std::size_t size) {
  char block[512] = {};
  std::snprintf(block, 100, "%s", name.c_str());
  std::memcpy(block + 100, "0000644", 7);
  std::memcpy(block + 108, "0000000", 7);
  std::memcpy(block + 116, "0000000", 7);
  std::snprintf(block + 124, 12, "%011zo", size);
  std::memcpy(block + 136, "00000000000", 11);
  block[156] = '0';
  std::memcpy(block + 257, "ustar", 6);
  std::memcpy(block + 263, "00", 2);
  std::memset(block + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(block + 148, 8, "%06o", sum);
  return to_bytes(std::string(block, 512));
}

std::string class_name(int c) { return "class" + std::string(1, static_cast<char>('a' + c)); }

}  // namespace

Bytes to_bytes(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes operator+(Bytes a, std::span<const std::byte> b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes load(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path.string());
  return to_bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

void save(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const DataError& error) {
    return error.what();
  }
  return "no error";
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "trispike_data_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

Image numbered_picture(int number, int channels, int height, int width) {
  Image image(channels, height, width);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(number * 37 + static_cast<int>(i) * 11);
  }
  return image;
}

Bytes gzip(std::span<const std::byte> bytes) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  Bytes packed(deflateBound(&stream, bytes.size()) + 32);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int result = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("deflate");
  return packed;
}

Bytes encode_png(const Image& image) {
  Bytes raw;
  const std::size_t row_bytes = std::size_t(image.width) * image.channels;
  for (int y = 0; y < image.height; ++y) {
    raw.push_back(std::byte{0});  // no filter
    raw = std::move(raw) + std::as_bytes(std::span(image.row(y), row_bytes));
  }
  uLongf size = compressBound(raw.size());
  Bytes packed(size);
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(raw.data()), raw.size());
  packed.resize(size);

  Bytes header;
  put_big_endian(header, static_cast<std::uint32_t>(image.width));
  put_big_endian(header, static_cast<std::uint32_t>(image.height));
  const int color_type = image.channels == 3 ? 2 : 0;
  for (const int value : {8, color_type, 0, 0, 0}) header.push_back(std::byte(value));

  Bytes png = to_bytes("\x89PNG\r\n\x1a\n");
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", packed);
  put_chunk(png, "IEND", {});
  return png;
}

std::uint32_t png_checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

Bytes make_tar(const std::vector<std::pair<std::string, Bytes>>& files) {
  Bytes tar;
  for (const auto& [name, contents] : files) {
    tar = std::move(tar) + tar_header(name, contents.size());
    tar = std::move(tar) + contents;
    tar.resize((tar.size() + 511) / 512 * 512);
  }
  tar.resize(tar.size() + 1024);
  return tar;
}

Bytes idx_images(std::span<const Image> images) {
  Bytes bytes = {std::byte{0}, std::byte{0}, std::byte{8}, std::byte{3}};
  put_big_endian(bytes, static_cast<std::uint32_t>(images.size()));
  put_big_endian(bytes, static_cast<std::uint32_t>(images.front().height));
  put_big_endian(bytes, static_cast<std::uint32_t>(images.front().width));
  for (const Image& image : images) bytes = std::move(bytes) + as_bytes_vector(image.pixels);
  return bytes;
}

Bytes idx_labels(std::span<const std::uint8_t> labels) {
  Bytes bytes = {std::byte{0}, std::byte{0}, std::byte{8}, std::byte{1}};
  put_big_endian(bytes, static_cast<std::uint32_t>(labels.size()));
  return bytes + as_bytes_vector(labels);
}

Bytes cifar_record(std::span<const std::uint8_t> labels, const Image& image) {
  Bytes bytes = as_bytes_vector(labels);
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = c; i < image.pixels.size(); i += 3) {
      bytes.push_back(std::byte(image.pixels[i]));
    }
  }
  return bytes;
}

void make_idx(const std::filesystem::path& folder, int classes, int per_class) {
  std::vector<Image> train;
  std::vector<Image> test;
  std::vector<std::uint8_t> train_labels;
  std::vector<std::uint8_t> test_labels;
  for (int c = 0; c < classes; ++c) {
    for (int k = 0; k < per_class; ++k) {
      train.push_back(numbered_picture(100 * c + k, 1, 8, 6));
      train_labels.push_back(static_cast<std::uint8_t>(c));
    }
    test.push_back(numbered_picture(100 * c + 99, 1, 8, 6));
    test_labels.push_back(static_cast<std::uint8_t>(c));
  }
  save(folder / "train-images-idx3-ubyte.gz", gzip(idx_images(train)));
  save(folder / "train-labels-idx1-ubyte.gz", gzip(idx_labels(train_labels)));
  save(folder / "t10k-images-idx3-ubyte", idx_images(test));
  save(folder / "t10k-labels-idx1-ubyte", idx_labels(test_labels));
}

void make_cifar(const std::filesystem::path& folder, bool hundred, int classes, int per_class,
                bool coarse) {
  const auto record = [&](int c, int k) {
    std::vector<std::uint8_t> labels = {static_cast<std::uint8_t>(c)};
    if (hundred) labels.insert(coarse ? labels.end() : labels.begin(), 7);  // does not matter
    return cifar_record(labels, numbered_picture(100 * c + k, 3, 32, 32));
  };
  Bytes train;
  Bytes test;
  for (int c = 0; c < classes; ++c) {
    for (int k = 0; k < per_class; ++k) train = std::move(train) + record(c, k);
    test = std::move(test) + record(c, 99);
  }
  if (hundred) {
    save(folder / "train.bin", train);
    save(folder / "test.bin", test);
    return;
  }
  // All in the first file; the others hold one more of class 0 each.
  const Bytes one = record(0, 0);
  save(folder / "data_batch_1.bin", train);
  for (int part = 2; part <= 5; ++part) {
    save(folder / ("data_batch_" + std::to_string(part) + ".bin"), one);
  }
  save(folder / "test_batch.bin", test);
}

std::vector<std::pair<std::string, Bytes>> image_folder_files(int classes, int per_class) {
  std::vector<std::pair<std::string, Bytes>> files;
  for (int c = classes - 1; c >= 0; --c) {  // not in the order of the labels
    for (int k = 0; k < per_class; ++k) {
      files.emplace_back("train/" + class_name(c) + "/" + std::to_string(k) + ".png",
                         encode_png(numbered_picture(100 * c + k, 3, 10, 12)));
    }
    files.emplace_back("test/" + class_name(c) + "/0.PNG",
                       encode_png(numbered_picture(100 * c + 99, 3, 10, 12)));
  }
  files.emplace_back("README.txt", to_bytes("not a picture"));
  return files;
}

void make_image_folder(const std::filesystem::path& folder, int classes, int per_class) {
  for (const auto& [name, contents] : image_folder_files(classes, per_class)) {
    save(folder / name, contents);
  }
}

void make_image_tar(const std::filesystem::path& file, int classes, int per_class) {
  save(file, make_tar(image_folder_files(classes, per_class)));
}

}  // namespace trispike::data
