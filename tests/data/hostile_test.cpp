// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Damaged input of every kind: whatever is flipped or cut off, the answer is a result or a
// DataError, never a crash, a hang or a huge allocation. The damage is drawn from fixed seeds.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "fixtures.h"
#include "golden.h"
#include "trispike/data/check.h"
#include "trispike/data/codec.h"
#include "trispike/data/dataset.h"
#include "trispike/data/random.h"

namespace trispike::data {
namespace {

// A few bits flipped, bytes overwritten with extreme values, or the end cut off.
Bytes damaged(const Bytes& good, std::uint64_t number) {
  Random random(2026, 0, number);
  Bytes bytes = good;
  // Half of the damage goes to the first bytes, where the headers are.
  const std::size_t reach =
      random.below(2) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 64);
  switch (random.below(3)) {
    case 0:
      for (std::uint64_t k = 0; k <= random.below(4); ++k) {
        bytes[random.below(reach)] ^= std::byte(1 << random.below(8));
      }
      break;
    case 1:
      for (std::uint64_t k = 0; k <= random.below(4); ++k) {
        bytes[random.below(reach)] = random.below(2) == 0 ? std::byte{0} : std::byte{0xff};
      }
      break;
    default:
      bytes.resize(random.below(bytes.size()));
  }
  return bytes;
}

struct Outcome {
  int read = 0;
  int refused = 0;
};

// Runs `action` on damaged copies; anything but a DataError escapes and fails the test.
Outcome run(const Bytes& good, int count, const std::function<void(const Bytes&)>& action) {
  Outcome outcome;
  for (int k = 0; k < count; ++k) {
    try {
      action(damaged(good, static_cast<std::uint64_t>(k)));
      ++outcome.read;
    } catch (const DataError& error) {
      ++outcome.refused;
      EXPECT_GT(std::string(error.what()).size(), 10u);
    }
  }
  return outcome;
}

class HostilePicture : public testing::TestWithParam<std::string> {};

TEST_P(HostilePicture, IsReadOrRefused) {
  const Bytes good = load(golden_folder() / GetParam());
  const Outcome outcome = run(good, 400, [](const Bytes& bytes) {
    const Image image = decode_image(bytes, "damaged", {.max_pixels = 1 << 22});
    ASSERT_EQ(image.pixels.size(), std::size_t(image.channels) * image.height * image.width);
  });
  EXPECT_GT(outcome.refused, 100);
}

INSTANTIATE_TEST_SUITE_P(Files, HostilePicture,
                         testing::Values("420.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg",
                                         "grey.jpg", "colour.png", "palette_transparent.png",
                                         "bits.png", "grey_alpha.png"),
                         [](const auto& form) {
                           std::string name = form.param;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

// Reads all of a split after a file of the data set was damaged.
Outcome run_on_file(const TemporaryFolder& folder, const std::filesystem::path& dataset_path,
                    const std::string& file, const std::string& format, int count) {
  return run(load(folder / file), count, [&](const Bytes& bytes) {
    save(folder / file, bytes);
    const auto dataset = open_dataset(dataset_path, Split::kTest, {.format = format});
    for (std::int64_t i = 0; i < dataset->size(); ++i) {
      ASSERT_GE(dataset->label(i), 0);
      ASSERT_LT(dataset->label(i), dataset->num_classes());
      dataset->image(i);
    }
  });
}

TEST(HostileIdx, IsReadOrRefused) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 3, 2);
  EXPECT_GT(run_on_file(folder, folder.path(), "t10k-images-idx3-ubyte", "idx", 300).refused, 100);
  make_idx(folder.path(), 3, 2);
  EXPECT_GT(run_on_file(folder, folder.path(), "t10k-labels-idx1-ubyte", "idx", 300).refused, 100);
}

TEST(HostileIdx, GzipIsReadOrRefused) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 3, 2);
  save(folder / "t10k-images-idx3-ubyte.gz", gzip(load(folder / "t10k-images-idx3-ubyte")));
  std::filesystem::remove(folder / "t10k-images-idx3-ubyte");
  EXPECT_GT(run_on_file(folder, folder.path(), "t10k-images-idx3-ubyte.gz", "idx", 300).refused,
            200);
}

TEST(HostileCifar, IsReadOrRefused) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), false, 3, 2);
  EXPECT_GT(run_on_file(folder, folder.path(), "test_batch.bin", "cifar10", 300).refused, 90);
  make_cifar(folder / "hundred", true, 3, 2);
  EXPECT_GT(run_on_file(folder, folder / "hundred", "hundred/test.bin", "cifar100", 300).refused,
            90);
}

TEST(HostileTar, IsReadOrRefused) {
  const TemporaryFolder folder;
  make_image_tar(folder / "x.tar", 3, 2);
  EXPECT_GT(run_on_file(folder, folder / "x.tar", "x.tar", "image_folder", 400).refused, 100);
}

TEST(HostileTar, CheckNeverThrows) {
  const TemporaryFolder folder;
  make_image_tar(folder / "x.tar", 2, 2);
  const Bytes good = load(folder / "x.tar");
  for (std::uint64_t k = 1000; k < 1200; ++k) {
    save(folder / "x.tar", damaged(good, k));
    const CheckReport report = check(folder / "x.tar");
    EXPECT_EQ(report.ok, report.problems.empty());
  }
}

}  // namespace
}  // namespace trispike::data
