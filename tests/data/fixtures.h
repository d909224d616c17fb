// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Small data sets of every form, made on the spot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trispike/data/image.h"

namespace trispike::data {

using Bytes = std::vector<std::byte>;

Bytes to_bytes(const std::string& text);
Bytes operator+(Bytes a, std::span<const std::byte> b);
Bytes load(const std::filesystem::path& path);
/// Makes the folders above, too.
void save(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// The message of the DataError that `action` throws, or "no error".
std::string message_of(const std::function<void()>& action);

/// A new empty folder, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// A picture that differs for every `number` in every sample.
Image numbered_picture(int number, int channels, int height, int width);

Bytes gzip(std::span<const std::byte> bytes);
/// An 8-bit PNG, without any help of libpng.
Bytes encode_png(const Image& image);
/// The checksum behind a chunk, of its type and contents.
std::uint32_t png_checksum(std::span<const std::byte> bytes);
/// A ustar archive of files (name, contents).
Bytes make_tar(const std::vector<std::pair<std::string, Bytes>>& files);

/// IDX header and values.
Bytes idx_images(std::span<const Image> images);
Bytes idx_labels(std::span<const std::uint8_t> labels);
/// One record of a CIFAR binary file.
Bytes cifar_record(std::span<const std::uint8_t> labels, const Image& image);

/// Data sets in `folder`: `per_class` training pictures and one test picture of each of the first
/// `classes` classes. The training picture k of class c is numbered_picture(100 * c + k), the test
/// picture numbered_picture(100 * c + 99).
void make_idx(const std::filesystem::path& folder, int classes, int per_class);
/// Of CIFAR-100 the fine label is c and the coarse one 7, or with `coarse` the other way round.
void make_cifar(const std::filesystem::path& folder, bool hundred, int classes, int per_class,
                bool coarse = false);
/// The files of an image folder: train/<class>/<k>.png and test/<class>/0.png.
std::vector<std::pair<std::string, Bytes>> image_folder_files(int classes, int per_class);
void make_image_folder(const std::filesystem::path& folder, int classes, int per_class);
void make_image_tar(const std::filesystem::path& file, int classes, int per_class);

}  // namespace trispike::data
