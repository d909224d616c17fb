// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The binary versions of CIFAR: records of one label (CIFAR-100: coarse, then fine), then 32x32
// pixels as three planes.
#include <algorithm>
#include <vector>

#include "formats/formats.h"
#include "src/input_file.h"

namespace trispike::data {
namespace {

constexpr int kSide = 32;
constexpr std::size_t kPlane = kSide * kSide;

// What tells the data sets, and the two labels of CIFAR-100, apart.
struct Variant {
  std::string_view format;
  std::vector<int> classes;  // of each label byte of a record
  std::size_t label;         // which of them is the label
  std::vector<std::string> train_files;
  std::string test_file;
  std::string names_file;
  const std::vector<std::string>& (*names)();  // where that file is missing
  Normalisation normalisation;

  std::size_t label_bytes() const { return classes.size(); }
  std::size_t record_bytes() const { return label_bytes() + 3 * kPlane; }
};

const Variant& ten() {
  static const Variant variant{"cifar10",
                               {10},
                               0,
                               {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                "data_batch_4.bin", "data_batch_5.bin"},
                               "test_batch.bin",
                               "batches.meta.txt",
                               cifar10_class_names,
                               cifar10_normalisation()};
  return variant;
}

const Variant& fine() {
  static const Variant variant{"cifar100",
                               {20, 100},
                               1,
                               {"train.bin"},
                               "test.bin",
                               "fine_label_names.txt",
                               cifar100_fine_names,
                               cifar100_normalisation()};
  return variant;
}

const Variant& coarse() {
  static const Variant variant{"cifar100_coarse",
                               {20, 100},
                               0,
                               {"train.bin"},
                               "test.bin",
                               "coarse_label_names.txt",
                               cifar100_coarse_names,
                               cifar100_normalisation()};
  return variant;
}

bool has(const std::filesystem::path& folder, const std::string& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(folder / file, error);
}

std::vector<Split> splits_of(const std::filesystem::path& path, const Variant& variant) {
  std::vector<Split> found;
  if (has(path, variant.train_files.front())) found.push_back(Split::kTrain);
  if (has(path, variant.test_file)) found.push_back(Split::kTest);
  return found;
}

std::vector<std::string> read_names(const std::filesystem::path& folder, const Variant& variant) {
  if (!has(folder, variant.names_file)) return variant.names();
  std::vector<std::string> names;
  for (Line& line : read_lines(folder / variant.names_file)) names.push_back(std::move(line.text));
  const auto expected = static_cast<std::size_t>(variant.classes[variant.label]);
  if (names.size() == expected) return names;
  throw DataError((folder / variant.names_file).string(), "",
                  std::to_string(names.size()) + " names, expected " + std::to_string(expected));
}

class CifarDataset final : public Dataset {
 public:
  CifarDataset(const std::filesystem::path& folder, const std::vector<std::string>& files,
               Split split, const Variant& variant)
      : Dataset(variant.format, split), folder_(folder), variant_(variant) {
    channels_ = 3;
    height_ = width_ = kSide;
    normalisation_ = variant.normalisation;
    for (const std::string& file : files) append(folder / file);
    class_names_ = read_names(folder, variant);
  }

  std::int64_t size() const override {
    return static_cast<std::int64_t>(records_.size() / variant_.record_bytes());
  }
  int label(std::int64_t i) const override {
    return std::to_integer<int>(record(i)[variant_.label]);
  }
  std::string name(std::int64_t i) const override {
    std::size_t part = 0;
    while (part + 1 < starts_.size() && starts_[part + 1].first <= i) ++part;
    return starts_[part].second + ", record " + std::to_string(i - starts_[part].first);
  }

  Image image(std::int64_t i) const override {
    const std::byte* planes = record(i) + variant_.label_bytes();
    Image picture(3, kSide, kSide);
    for (std::size_t p = 0; p < kPlane; ++p) {
      for (std::size_t c = 0; c < 3; ++c) {
        picture.pixels[3 * p + c] = std::to_integer<std::uint8_t>(planes[c * kPlane + p]);
      }
    }
    return picture;
  }

  std::vector<std::string> notes() const override {
    if (&variant_ != &fine()) return {};
    return {"with format " + std::string(coarse().format) + ": " +
            describe_classes(read_names(folder_, coarse()))};
  }

 private:
  const std::byte* record(std::int64_t i) const {
    return records_.data() + static_cast<std::size_t>(i) * variant_.record_bytes();
  }

  void append(const std::filesystem::path& path) {
    const std::vector<std::byte> bytes = read_file(path);
    const std::size_t record_bytes = variant_.record_bytes();
    if (bytes.empty() || bytes.size() % record_bytes != 0) {
      throw DataError(
          path.string(), "byte " + std::to_string(bytes.size()),
          "the file ends here, but records have " + std::to_string(record_bytes) + " bytes each");
    }
    for (std::size_t at = 0; at < bytes.size(); at += record_bytes) {
      for (std::size_t k = 0; k < variant_.label_bytes(); ++k) {
        const int label = std::to_integer<int>(bytes[at + k]);
        if (label < variant_.classes[k]) continue;
        throw DataError(path.string(), "byte " + std::to_string(at + k),
                        "label " + std::to_string(label) + ", expected 0 to " +
                            std::to_string(variant_.classes[k] - 1));
      }
    }
    starts_.emplace_back(size(), path.string());
    records_.insert(records_.end(), bytes.begin(), bytes.end());
  }

  std::filesystem::path folder_;
  const Variant& variant_;
  std::vector<std::byte> records_;
  std::vector<std::pair<std::int64_t, std::string>> starts_;  // first record and name of each file
};

std::unique_ptr<Dataset> open_folder(const std::filesystem::path& path, Split split,
                                     const Variant& variant) {
  return std::make_unique<CifarDataset>(
      path, split == Split::kTrain ? variant.train_files : std::vector{variant.test_file}, split,
      variant);
}

}  // namespace

std::unique_ptr<Dataset> open_cifar_file(const std::filesystem::path& path, int classes) {
  const Variant& variant = classes == 10 ? ten() : fine();
  const std::string file = path.filename().string();
  const Split split = file == variant.test_file ? Split::kTest : Split::kTrain;
  return std::make_unique<CifarDataset>(path.parent_path(), std::vector{file}, split, variant);
}

namespace cifar10 {
bool probe(const std::filesystem::path& path) { return !splits(path).empty(); }
std::vector<Split> splits(const std::filesystem::path& path) { return splits_of(path, ten()); }
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return open_folder(path, split, ten());
}
}  // namespace cifar10

namespace cifar100 {
bool probe(const std::filesystem::path& path) { return !splits(path).empty(); }
std::vector<Split> splits(const std::filesystem::path& path) { return splits_of(path, fine()); }
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return open_folder(path, split, fine());
}
}  // namespace cifar100

namespace cifar100_coarse {
bool probe(const std::filesystem::path& path) { return !splits(path).empty(); }
std::vector<Split> splits(const std::filesystem::path& path) { return splits_of(path, coarse()); }
std::unique_ptr<Dataset> open(const std::filesystem::path& path, Split split,
                              const DatasetOptions&) {
  return open_folder(path, split, coarse());
}
}  // namespace cifar100_coarse

}  // namespace trispike::data
