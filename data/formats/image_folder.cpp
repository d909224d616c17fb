// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pictures in one folder per class, on disk or in a tar. Labels follow the byte order of the
// folders' names.
#include <algorithm>
#include <utility>

#include "formats/formats.h"
#include "src/class_folders.h"
#include "src/file_tree.h"
#include "src/picture_cache.h"

namespace trispike::data::image_folder {
namespace {

constexpr int kChannels = 3;
constexpr std::int64_t kSizeSamples = 64;

constexpr const char* kWhat = "JPEG or PNG pictures";
const std::vector<std::string> kSuffixes = {".jpg", ".jpeg", ".png"};

class ImageFolder final : public Dataset {
 public:
  ImageFolder(const std::filesystem::path& path, Split split, const DatasetOptions& options)
      : Dataset("image_folder", split), decode_(options.decode), tree_(path, kSuffixes) {
    ClassFolders folders = find_class_folders(tree_, path.string(), split, kWhat);
    class_names_ = std::move(folders.class_names);
    pictures_ = std::move(folders.samples);
    measure();
    const bool cifar10 = height_ == 32 && width_ == 32 && class_names_ == cifar10_class_names();
    normalisation_ = cifar10 ? cifar10_normalisation() : imagenet_normalisation();
    const double bytes = double(size()) * kChannels * height_ * width_;
    if (height_ > 0 && bytes <= double(options.cache_bytes)) {
      cache_ = std::make_unique<PictureCache>(size(), kChannels, height_, width_);
    }
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(pictures_.size()); }
  int label(std::int64_t i) const override { return pictures_[i].label; }
  std::string name(std::int64_t i) const override { return tree_.name(*pictures_[i].entry); }

  Image image(std::int64_t i) const override {
    const auto decode = [&] {
      return convert_channels(decode_image(tree_.read(*pictures_[i].entry), name(i), decode_),
                              kChannels);
    };
    return cache_ ? cache_->get(i, decode) : decode();
  }

 private:
  // Takes the size for common to all if evenly spread pictures agree on it. Damaged ones do not
  // count: they are reported when they are read.
  void measure() {
    channels_ = kChannels;
    const std::int64_t samples = std::min(size(), kSizeSamples);
    std::optional<DataError> damage;
    for (std::int64_t k = 0; k < samples; ++k) {
      try {
        const ImageHeader header = header_of(k * size() / samples);
        if (height_ == 0) {
          height_ = header.height;
          width_ = header.width;
        } else if (header.height != height_ || header.width != width_) {
          height_ = width_ = 0;
          return;
        }
      } catch (const DataError& error) {
        damage = error;
      }
    }
    if (height_ == 0 && damage) throw *damage;
  }

  ImageHeader header_of(std::int64_t i) const {
    return read_image_header(tree_.read(*pictures_[i].entry), name(i), decode_);
  }

  DecodeOptions decode_;
  FileTree tree_;
  std::vector<LabelledEntry> pictures_;
  std::unique_ptr<PictureCache> cache_;  // null: too large, or of various sizes
};

}  // namespace

bool probe(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) ||
         (std::filesystem::is_regular_file(path, error) && is_tar_name(path));
}

std::vector<Split> splits(const std::filesystem::path& path) {
  return splits_of_class_folders(FileTree(path, kSuffixes), path.string(), kWhat);
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options) {
  return std::make_unique<ImageFolder>(path, split, options);
}

}  // namespace trispike::data::image_folder
