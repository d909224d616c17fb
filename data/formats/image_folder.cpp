// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Pictures in one folder per class, on disk or in a tar. Labels follow the byte order of the
// folders' names.
#include <algorithm>
#include <map>
#include <utility>

#include "formats/formats.h"
#include "src/file_tree.h"
#include "src/picture_cache.h"

namespace trispike::data::image_folder {
namespace {

constexpr int kChannels = 3;
constexpr std::int64_t kSizeSamples = 64;

const std::vector<std::string> kSuffixes = {".jpg", ".jpeg", ".png"};

// Entries of a tree by class name.
using Classes = std::map<std::string, std::vector<const TreeEntry*>>;

// The pictures below `prefix` ("" or "train/"), by the folder right below it.
Classes classes_below(const FileTree& tree, const std::string& prefix) {
  Classes classes;
  for (const TreeEntry& entry : tree.entries()) {
    if (!entry.path.starts_with(prefix)) continue;
    const std::size_t slash = entry.path.find('/', prefix.size());
    if (slash == std::string::npos) continue;
    classes[entry.path.substr(prefix.size(), slash - prefix.size())].push_back(&entry);
  }
  return classes;
}

// A tar often holds its tree inside one folder: "name/" if all pictures are in it, two levels up or
// more.
std::string wrapping_folder(const FileTree& tree) {
  if (!tree.is_tar() || tree.entries().empty()) return "";
  const std::string& path = tree.entries().front().path;
  const std::string first = path.substr(0, path.find('/') + 1);
  if (first.empty() || first == "train/" || first == "test/" || first == "val/") return "";
  const bool wraps = std::ranges::all_of(tree.entries(), [&](const TreeEntry& entry) {
    return entry.path.starts_with(first) &&
           std::ranges::count(entry.path, '/') - std::ranges::count(first, '/') >= 1;
  });
  return wraps ? first : "";
}

bool contains_all(const Classes& known, const Classes& some) {
  return std::ranges::all_of(some, [&](const auto& item) { return known.contains(item.first); });
}

// What belongs to each split.
struct Layout {
  bool has_split_folders = false;
  Classes train;
  Classes test;

  bool has(Split split) const { return !(split == Split::kTrain ? train : test).empty(); }
};

Layout find_layout(const FileTree& tree, const std::string& name) {
  Layout layout;
  const std::string root = wrapping_folder(tree);
  layout.train = classes_below(tree, root + "train/");
  // ImageNet's test/ has no classes; its val/ is what everybody calls the test set.
  for (const char* folder : {"test/", "val/"}) {
    Classes found = classes_below(tree, root + folder);
    if (!layout.test.empty() || found.empty()) continue;
    if (layout.train.empty() || contains_all(layout.train, found)) layout.test = std::move(found);
  }
  layout.has_split_folders = layout.has(Split::kTrain) || layout.has(Split::kTest);
  if (!layout.has_split_folders) layout.train = classes_below(tree, root);
  if (!layout.has(Split::kTrain) && !layout.has(Split::kTest)) {
    throw DataError(name, "",
                    "holds no JPEG or PNG pictures in class folders (" +
                        std::to_string(tree.entries().size()) + " pictures and " +
                        std::to_string(tree.others()) + " other files found)");
  }
  return layout;
}

class ImageFolder final : public Dataset {
 public:
  ImageFolder(const std::filesystem::path& path, Split split, const DatasetOptions& options)
      : Dataset("image_folder", split), decode_(options.decode), tree_(path, kSuffixes) {
    const Layout layout = find_layout(tree_, path.string());
    const bool use_test = split == Split::kTest && layout.has_split_folders;
    const Classes& own = use_test ? layout.test : layout.train;
    if (own.empty()) {
      throw DataError(path.string(), "",
                      use_test ? "has a folder train/, but neither test/ nor val/ with its classes"
                               : "has a folder test/ or val/, but no train/");
    }
    number(own, layout.train.empty() ? own : layout.train);
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
  struct Picture {
    const TreeEntry* entry;
    int label;
  };

  void number(const Classes& own, const Classes& all) {
    for (const auto& [class_name, entries] : all) {
      const int label = num_classes();
      class_names_.push_back(class_name);
      const auto found = own.find(class_name);
      if (found == own.end()) continue;
      for (const TreeEntry* entry : found->second) pictures_.push_back({entry, label});
    }
  }

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
  std::vector<Picture> pictures_;
  std::unique_ptr<PictureCache> cache_;  // null: too large, or of various sizes
};

}  // namespace

bool probe(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) ||
         (std::filesystem::is_regular_file(path, error) && is_tar_name(path));
}

std::vector<Split> splits(const std::filesystem::path& path) {
  const FileTree tree(path, kSuffixes);
  const Layout layout = find_layout(tree, path.string());
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (layout.has(split)) found.push_back(split);
  }
  return found;
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions& options) {
  return std::make_unique<ImageFolder>(path, split, options);
}

}  // namespace trispike::data::image_folder
