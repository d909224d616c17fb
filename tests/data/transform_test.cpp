// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Against torchvision on Pillow's pictures: tests/golden/transforms, written by
// tools/golden_transforms.py, which draws the same numbers.
#include "trispike/data/transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "fixtures.h"
#include "support/data.h"
#include "trispike/data/codec.h"
#include "trispike/data/dataset.h"

namespace trispike::data {
namespace {

std::filesystem::path transforms_folder() {
  return std::filesystem::path(TRISPIKE_SOURCE_DIR) / "tests/golden/transforms";
}

// Lines of numbers, behind the first `words` fields if these are words.
struct Row {
  std::string kind;
  std::string picture;
  std::vector<std::int64_t> numbers;
};

std::vector<Row> rows_of(const std::string& file, bool with_words) {
  std::ifstream lines(transforms_folder() / file);
  std::vector<Row> rows;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Row row;
    if (with_words) fields >> row.kind >> row.picture;
    for (std::int64_t number; fields >> number;) row.numbers.push_back(number);
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw std::runtime_error("no golden cases in " + file);
  return rows;
}

std::uint32_t checksum(const Image& image) {
  return png_checksum(std::as_bytes(std::span(image.pixels)));
}

// What the program makes of the picture in a row, up to its last number, the sum of what is
// expected.
Image transformed(const Row& row, const Image& image) {
  const auto n = [&](std::size_t i) { return static_cast<int>(row.numbers.at(i)); };
  if (row.kind == "decode") {
    EXPECT_EQ(image.channels, n(0));
    EXPECT_EQ(image.height, n(1));
    EXPECT_EQ(image.width, n(2));
    return image;
  }
  if (row.kind == "resize") return resize(image, n(0), n(1));
  if (row.kind == "eval") return resize_and_center_crop(image, n(0), n(1), n(2));
  Random random(row.numbers.at(0), row.numbers.at(1), row.numbers.at(2));
  return random_resized_crop(image, n(3), n(4), random);
}

void expect_equal_to_torchvision(const std::string& file,
                                 const std::function<Image(const std::string&)>& read) {
  std::string name;
  Image image;
  for (const Row& row : rows_of(file, true)) {
    if (row.picture != name) {
      name = row.picture;
      image = convert_channels(read(name), 3);
    }
    EXPECT_EQ(checksum(transformed(row, image)), row.numbers.back()) << row.kind << " " << name;
  }
}

TEST(Transform, PartsAreThoseOfTorchvision) {
  int centred = 0;
  for (const Row& row : rows_of("boxes.tsv", false)) {
    const auto& n = row.numbers;
    Random random(n.at(2), n.at(3), n.at(4));
    const Box box = random_resized_crop_box(static_cast<int>(n[0]), static_cast<int>(n[1]), random);
    EXPECT_EQ(box, (Box{static_cast<int>(n.at(5)), static_cast<int>(n.at(6)),
                        static_cast<int>(n.at(7)), static_cast<int>(n.at(8))}))
        << n[1] << "x" << n[0] << ", stream " << n[4];
    if (box.top == (n[0] - box.height) / 2 && box.left == (n[1] - box.width) / 2) ++centred;
  }
  EXPECT_GT(centred, 100);  // the cases reach the fallback
}

TEST(Transform, PicturesOfEveryKindEqualTorchvision) {
  expect_equal_to_torchvision("synthetic.tsv", [](const std::string& name) {
    return read_image((transforms_folder() / name).string());
  });
}

// The entries of a tar, whatever split they belong to.
class TarPictures {
 public:
  explicit TarPictures(const std::filesystem::path& tar) : prefix_(tar.string() + "/") {
    for (const Split split : find_format(tar).splits(tar))
      splits_.push_back(open_dataset(tar, split));
  }
  Image operator()(const std::string& entry) const {
    for (const auto& split : splits_) {
      for (std::int64_t i = 0; i < split->size(); ++i) {
        if (split->name(i) == prefix_ + entry) return split->image(i);
      }
    }
    throw std::runtime_error("no entry " + entry);
  }

 private:
  std::string prefix_;
  std::vector<std::shared_ptr<const Dataset>> splits_;
};

TEST(Transform, ImageNetEqualsTorchvision) {
  TRISPIKE_TEST_DATA(path, "imagenet-sample/imagenet-sample-100.tar");
  expect_equal_to_torchvision("imagenet-sample-100.tsv", TarPictures(path));
}

TEST(Transform, TinyImageNetEqualsTorchvision) {
  TRISPIKE_TEST_DATA(path, "tiny-imagenet/tiny-imagenet-20.tar");
  expect_equal_to_torchvision("tiny-imagenet-20.tsv", TarPictures(path));
}

TEST(Transform, APartOfAResizedPictureIsThatPart) {
  const Image image = numbered_picture(3, 3, 23, 31);
  for (const auto& [height, width] : {std::pair{70, 50}, std::pair{9, 12}, std::pair{23, 31}}) {
    const Image whole = resize(image, height, width);
    for (const Box& box :
         {Box{0, 0, height, width}, Box{3, 5, 4, 6}, Box{height - 1, 0, 1, width}}) {
      EXPECT_EQ(resize_part(image, height, width, box.top, box.left, box.height, box.width),
                crop(whole, box.top, box.left, box.height, box.width));
    }
  }
}

// Resized as a whole this picture would have 256 x 16,384,000 pixels.
TEST(Transform, AThinPictureCostsNoMemory) {
  const Image image = numbered_picture(1, 1, 1, 64000);
  const Image shown = resize_and_center_crop(image, 256, 224, 224);
  EXPECT_EQ(shown.height, 224);
  // 224 columns are less than one pixel of the original: nearly constant.
  const auto [low, high] = std::ranges::minmax(shown.pixels);
  EXPECT_LE(high - low, 11);  // neighbouring pixels differ by 11
}

}  // namespace
}  // namespace trispike::data
