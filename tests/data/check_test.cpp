// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"
#include "golden.h"

namespace trispike::data {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Check, SummarisesADataSet) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 3, 2);
  const CheckReport report = check(folder.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.kind, "image_folder data set");
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_THAT(report.summary, Contains(HasSubstr("train: 6 pictures of 12x10")));
  EXPECT_THAT(report.summary, Contains(HasSubstr("decoded 6 pictures, width 12, height 10")));
  EXPECT_THAT(report.summary, Contains(HasSubstr("pictures per class: 2")));
  EXPECT_THAT(report.summary, Contains(HasSubstr("test: 3 pictures")));
}

// All samples 51 or 204, in equal parts: mean 0.5, deviation 0.3.
TEST(Check, ReportsMeanAndDeviation) {
  const TemporaryFolder folder;
  save(folder / "a/1.png", encode_png(Image(3, 4, 4, 51)));
  save(folder / "b/1.png", encode_png(Image(3, 4, 4, 204)));
  EXPECT_THAT(check(folder.path()).summary,
              Contains(HasSubstr("mean per channel: 0.50000 0.50000 0.50000, standard deviation: "
                                 "0.30000 0.30000 0.30000")));
}

TEST(Check, FindsEveryDamagedPicture) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 3, 2);
  const Bytes good = load(folder / "train/classa/0.png");
  save(folder / "train/classa/0.png", std::span(good).first(90));
  save(folder / "test/classc/0.PNG", to_bytes("nonsense"));
  const CheckReport report = check(folder.path());
  EXPECT_FALSE(report.ok);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("train/classa/0.png: PNG data: the picture "
                                                     "is truncated"),
                                           HasSubstr("test/classc/0.PNG: byte 0: begins neither")));
  EXPECT_THAT(report.summary, Contains(HasSubstr("1 pictures are damaged")));
  EXPECT_TRUE(info(folder.path()).ok);  // looks at headers only
}

TEST(Check, ListsAtMostTwentyProblems) {
  const TemporaryFolder folder;
  for (int i = 0; i < 30; ++i) save(folder / ("a/" + std::to_string(i) + ".png"), to_bytes("x"));
  save(folder / "a/good.png", encode_png(Image(3, 4, 4)));
  const CheckReport report = check(folder.path());
  EXPECT_EQ(report.problems.size(), 20u);
  EXPECT_THAT(report.summary, Contains(HasSubstr("30 pictures are damaged")));
}

TEST(Check, ReportsAMissingPartOfADataSet) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 2, 2);
  std::filesystem::remove(folder / "train-labels-idx1-ubyte.gz");
  const CheckReport report = info(folder.path());
  EXPECT_FALSE(report.ok);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("holds no train-labels-idx1-ubyte")));
}

TEST(Check, KnowsSingleFiles) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 3, 2);
  make_cifar(folder.path(), false, 3, 2);
  make_cifar(folder.path(), true, 3, 2);
  const auto expect = [](const std::filesystem::path& path, const std::string& kind,
                         const std::string& line) {
    for (const CheckReport& report : {info(path), check(path)}) {
      EXPECT_TRUE(report.ok) << path;
      EXPECT_EQ(report.kind, kind);
      EXPECT_THAT(report.summary, Contains(HasSubstr(line)));
    }
  };
  expect(folder / "train-images-idx3-ubyte.gz", "IDX file", "6 pictures of 6x8");
  expect(folder / "t10k-labels-idx1-ubyte", "IDX file", "3 labels, the highest is 2");
  expect(folder / "data_batch_1.bin", "CIFAR-10 file", "6 pictures of 32x32");
  expect(folder / "test.bin", "CIFAR-100 file", "3 pictures of 32x32");
  expect(golden_folder() / "420.jpg", "JPEG picture", "29x23, colour");
  expect(golden_folder() / "grey_alpha.png", "PNG picture", "29x23, grey");
}

TEST(Check, ShowsBothLabelsOfCifar100) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), true, 3, 2);
  const CheckReport report = info(folder.path());
  EXPECT_TRUE(report.ok);
  EXPECT_THAT(report.summary, Contains(HasSubstr("100 classes (apple, aquarium_fish,")));
  EXPECT_THAT(
      report.summary,
      Contains(HasSubstr("with format cifar100_coarse: 20 classes (aquatic_mammals, fish,")));
}

TEST(Check, SaysWhatIsWrongWithASingleFile) {
  const TemporaryFolder folder;
  const Bytes jpeg = load(golden_folder() / "420.jpg");
  save(folder / "cut.jpg", std::span(jpeg).first(700));
  EXPECT_TRUE(info(folder / "cut.jpg").ok);
  EXPECT_THAT(check(folder / "cut.jpg").problems, ElementsAre(HasSubstr("is truncated")));
  save(folder / "x.dat", jpeg);
  for (const auto& path : {folder / "x.dat", folder / "missing"}) {
    const CheckReport report = check(path);
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.kind, "unknown");
    EXPECT_EQ(report.problems.size(), 1u);
  }
}

}  // namespace
}  // namespace trispike::data
