// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/subset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "fixtures.h"
#include "golden.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Subset, ShowsTheChosenSamplesInOrder) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 3, 2);
  const std::shared_ptr<const Dataset> whole = open_dataset(folder.path(), Split::kTrain);
  const auto part = subset(whole, {5, 0, 3});
  ASSERT_EQ(part->size(), 3);
  for (const auto& [i, index] : {std::pair{0, 5}, std::pair{1, 0}, std::pair{2, 3}}) {
    EXPECT_EQ(part->image(i), whole->image(index));
    EXPECT_EQ(part->label(i), whole->label(index));
    EXPECT_EQ(part->name(i), whole->name(index));
  }
  EXPECT_EQ(part->class_names(), whole->class_names());
  EXPECT_EQ(part->split(), whole->split());
  EXPECT_EQ(part->height(), 10);
  EXPECT_EQ(subset(whole, {})->size(), 0);
  EXPECT_THROW(subset(whole, {6}), DataError);
  EXPECT_THROW(subset(whole, {-1}), DataError);
}

// Twelve copies of a JPEG; those numbered 1, 3, 4, 6, 7, 9, 10 are cut off somewhere.
std::vector<std::pair<std::string, Bytes>> damaged_files() {
  const Bytes jpeg = load(golden_folder() / "420.jpg");
  std::vector<std::pair<std::string, Bytes>> files;
  for (int i = 0; i < 12; ++i) {
    const bool cut = i == 1 || (i % 3 != 2 && i > 2 && i < 11);
    const std::size_t size = cut ? jpeg.size() - 100 : jpeg.size();
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    files.emplace_back((i < 6 ? "cat/" : "dog/") + number + ".jpg",
                       Bytes(jpeg.begin(), jpeg.begin() + std::ptrdiff_t(size)));
  }
  return files;
}

void expect_bad_ones_found(const std::filesystem::path& path) {
  const auto dataset = open_dataset(path, Split::kTrain);
  ASSERT_EQ(dataset->size(), 12);
  for (const int threads : {1, 2, 7, 50}) {
    std::atomic<int> calls = 0;
    const ReadableSamples found = readable_samples(*dataset, threads, [&] { ++calls; });
    EXPECT_THAT(found.indices, ElementsAre(0, 2, 5, 8, 11));
    EXPECT_EQ(found.bad, 7);
    EXPECT_THAT(found.reasons,
                ElementsAre(HasSubstr("cat/01.jpg: JPEG data: the picture is truncated"),
                            HasSubstr("cat/03.jpg: "), HasSubstr("cat/04.jpg: "),
                            HasSubstr("dog/06.jpg: "), HasSubstr("dog/07.jpg: ")));
    EXPECT_EQ(calls, 12);
    EXPECT_THAT(found.warning(),
                testing::StartsWith("7 of 12 samples cannot be read and are left out:\n  "));
    EXPECT_THAT(found.warning(), testing::EndsWith("\n  and 2 more"));
  }
}

TEST(ReadableSamples, NamesDamagedPicturesOfAFolder) {
  const TemporaryFolder folder;
  for (const auto& [name, contents] : damaged_files()) save(folder / name, contents);
  expect_bad_ones_found(folder.path());
}

TEST(ReadableSamples, NamesDamagedPicturesOfATar) {
  const TemporaryFolder folder;
  save(folder / "x.tar", make_tar(damaged_files()));
  expect_bad_ones_found(folder / "x.tar");
}

TEST(ReadableSamples, AreAllOfAWholeDataSet) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 2, 2);
  const ReadableSamples found = readable_samples(*open_dataset(folder.path(), Split::kTrain), 2);
  EXPECT_THAT(found.indices, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(found.bad, 0);
  EXPECT_TRUE(found.reasons.empty());
}

}  // namespace
}  // namespace trispike::data
