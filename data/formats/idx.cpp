// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// IDX files: two zero bytes, a type (8 = unsigned byte), the number of dimensions, their sizes as
// 32-bit big-endian numbers, then the values in row-major order.
#include <algorithm>
#include <cctype>

#include "formats/formats.h"
#include "src/input_file.h"
#include "src/memory_limit.h"

namespace trispike::data::idx {
namespace {

constexpr std::uint64_t kMaxValues = std::uint64_t{2} << 30;
constexpr std::uint32_t kMaxSide = 1 << 14;

struct Files {
  std::filesystem::path images;
  std::filesystem::path labels;
};

// "train-images-idx3-ubyte" as it comes, with a dot as some unpackers write it, or gzipped.
std::optional<std::filesystem::path> find_file(const std::filesystem::path& folder,
                                               const std::string& stem, const std::string& kind) {
  for (const char* separator : {"-", "."}) {
    for (const char* suffix : {"", ".gz"}) {
      std::filesystem::path path = folder / (stem + separator + kind + suffix);
      std::error_code error;
      if (std::filesystem::is_regular_file(path, error)) return path;
    }
  }
  return std::nullopt;
}

std::string stem_of(Split split) { return split == Split::kTrain ? "train" : "t10k"; }

std::optional<std::filesystem::path> find_images(const std::filesystem::path& folder, Split split) {
  return find_file(folder, stem_of(split) + "-images", "idx3-ubyte");
}

std::optional<std::filesystem::path> find_labels(const std::filesystem::path& folder, Split split) {
  return find_file(folder, stem_of(split) + "-labels", "idx1-ubyte");
}

Files find_files(const std::filesystem::path& folder, Split split) {
  const auto images = find_images(folder, split);
  const auto labels = find_labels(folder, split);
  const auto missing = [&](const std::string& what) {
    return DataError(folder.string(), "", "holds no " + stem_of(split) + what + " (nor with .gz)");
  };
  if (!images) throw missing("-images-idx3-ubyte");
  if (!labels) throw missing("-labels-idx1-ubyte");
  return {*images, *labels};
}

bool is_fashion(const std::filesystem::path& folder) {
  std::string text = std::filesystem::weakly_canonical(folder).string();
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text.find("fashion") != std::string::npos;
}

int highest_label(const std::vector<std::uint8_t>& labels) {
  return labels.empty() ? 0 : *std::ranges::max_element(labels);
}

std::vector<std::string> numbers(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

class IdxDataset final : public Dataset {
 public:
  IdxDataset(const std::filesystem::path& folder, Split split) : Dataset("idx", split) {
    const Files files = find_files(folder, split);
    Contents images = read(files.images);
    Contents labels = read(files.labels);
    file_ = files.images.string();
    require_fit(files, images, labels);
    height_ = static_cast<int>(images.shape[1]);
    width_ = static_cast<int>(images.shape[2]);
    channels_ = 1;
    pixels_ = std::move(images.values);
    labels_ = std::move(labels.values);
    name_classes(folder);
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  int label(std::int64_t i) const override { return labels_[i]; }
  std::string name(std::int64_t i) const override {
    return file_ + ", picture " + std::to_string(i);
  }

  Image image(std::int64_t i) const override {
    Image picture(1, height_, width_);
    std::copy_n(pixels_.begin() + i * std::ptrdiff_t(picture.pixels.size()), picture.pixels.size(),
                picture.pixels.begin());
    return picture;
  }

 private:
  static void require_fit(const Files& files, const Contents& images, const Contents& labels) {
    if (images.shape.size() != 3) {
      throw DataError(files.images.string(), "header", "holds labels, expected pictures");
    }
    if (labels.shape.size() != 1) {
      throw DataError(files.labels.string(), "header", "holds pictures, expected labels");
    }
    if (images.shape[0] != labels.shape[0]) {
      throw DataError(files.labels.string(), "header",
                      std::to_string(labels.shape[0]) + " labels, but " + files.images.string() +
                          " holds " + std::to_string(images.shape[0]) + " pictures");
    }
    if (images.shape[0] == 0) throw DataError(files.images.string(), "header", "holds no pictures");
  }

  // Both splits must agree on the number of classes, so the other one's labels count as well.
  void name_classes(const std::filesystem::path& folder) {
    int highest = highest_label(labels_);
    const Split other = split() == Split::kTrain ? Split::kTest : Split::kTrain;
    if (const auto labels = find_labels(folder, other)) {
      highest = std::max(highest, highest_label(read(*labels).values));
    }
    class_names_ = numbers(std::max(10, highest + 1));
    normalisation_ = mnist_normalisation();
    if (highest < 10 && is_fashion(folder)) {
      class_names_ = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
      normalisation_ = fashion_mnist_normalisation();
    }
  }

  std::string file_;
  std::vector<std::uint8_t> pixels_;
  std::vector<std::uint8_t> labels_;
};

// Reads the sizes behind the first four bytes.
std::vector<std::uint32_t> read_shape(MaybeGzipFile& file, std::size_t dimensions) {
  const std::vector<std::uint8_t> bytes = file.read(4 * dimensions);
  if (bytes.size() < 4 * dimensions) {
    throw DataError(file.name(), "byte " + std::to_string(4 + bytes.size()),
                    "the file ends in its header");
  }
  std::vector<std::uint32_t> shape;
  for (std::size_t d = 0; d < dimensions; ++d) {
    std::uint32_t count = 0;
    for (std::size_t k = 4 * d; k < 4 * d + 4; ++k) count = count << 8 | bytes[k];
    if (d > 0 && (count == 0 || count > kMaxSide)) {
      throw DataError(file.name(), "byte " + std::to_string(4 + 4 * d),
                      "pictures with a side of " + std::to_string(count) +
                          " pixels, expected 1 to " + std::to_string(kMaxSide));
    }
    shape.push_back(count);
  }
  return shape;
}

}  // namespace

bool is_idx_name(const std::string& file_name) {
  return file_name.find("idx3-ubyte") != std::string::npos ||
         file_name.find("idx1-ubyte") != std::string::npos;
}

Contents read(const std::filesystem::path& path) {
  MaybeGzipFile file(path);
  const std::vector<std::uint8_t> magic = file.read(4);
  if (magic.size() < 4 || magic[0] != 0 || magic[1] != 0 || magic[2] != 8 ||
      (magic[3] != 1 && magic[3] != 3)) {
    throw DataError(file.name(), "byte 0",
                    "is no IDX file of bytes with 1 or 3 dimensions (0x00000801 or 0x00000803)");
  }
  Contents contents;
  contents.shape = read_shape(file, magic[3]);
  std::uint64_t expected = 1;
  for (const std::uint32_t count : contents.shape) expected *= count;  // < 2^32 * 2^14 * 2^14
  const std::string place = "byte " + std::to_string(4 + 4 * contents.shape.size());
  if (expected > kMaxValues) {
    throw DataError(file.name(), place,
                    "the header announces " + std::to_string(expected) +
                        " bytes of values, more than the allowed " + std::to_string(kMaxValues));
  }
  if (expected > contents_limit(file.size())) {
    throw DataError(file.name(), place,
                    "the header announces " + std::to_string(expected) +
                        " bytes of values, more than " + contents_limit_text(file.size()));
  }
  contents.values = file.read(expected);
  if (contents.values.size() < expected) {
    throw DataError(file.name(), place,
                    std::to_string(contents.values.size()) +
                        " bytes of values, but the header announces " + std::to_string(expected));
  }
  if (!file.read(1).empty()) {
    throw DataError(
        file.name(), place,
        "more bytes of values than the " + std::to_string(expected) + " that the header announces");
  }
  return contents;
}

bool probe(const std::filesystem::path& path) { return !splits(path).empty(); }

std::vector<Split> splits(const std::filesystem::path& path) {
  std::vector<Split> found;
  for (const Split split : {Split::kTrain, Split::kTest}) {
    if (find_images(path, split)) found.push_back(split);
  }
  return found;
}

std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return std::make_unique<IdxDataset>(path, split);
}

}  // namespace trispike::data::idx
