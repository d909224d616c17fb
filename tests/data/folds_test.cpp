// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/folds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "fixtures.h"
#include "support/data.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Computed with scikit-learn 1.9.1: StratifiedKFold(n_splits).split(zeros, labels).
TEST(StratifiedFolds, AreThoseOfScikitLearn) {
  const std::vector<int> labels = {2, 0, 1, 2, 2, 0, 0, 1, 1, 1, 2, 0,
                                   0, 2, 1, 1, 1, 0, 2, 0, 0, 2, 1};
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_THAT(stratified_folds(labels, 3, names),
              ElementsAre(0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2));
  EXPECT_THAT(stratified_folds(labels, 5, names),
              ElementsAre(0, 0, 0, 0, 1, 1, 2, 0, 1, 1, 1, 2, 3, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4));
}

TEST(StratifiedFolds, Faults) {
  const std::vector<std::string> names = {"cat", "dog", "nobody"};
  const auto folds = [&](int count) {
    return message_of([&] { stratified_folds({0, 0, 0, 1, 1}, count, names); });
  };
  EXPECT_EQ(folds(2), "no error") << "a class without samples is no harm";
  EXPECT_THAT(folds(3), HasSubstr("folds: are 3, but class 'dog' has only 2 samples"));
  EXPECT_THAT(folds(1), HasSubstr("folds: are 1, expected 2 or more"));
  EXPECT_THAT(folds(0), HasSubstr("folds: are 0"));
}

TEST(Fold, AsText) {
  EXPECT_EQ(to_string(Fold{5, 2}), "2/5");
  EXPECT_EQ(fold_from_string("2/5"), (Fold{5, 2}));
  const auto error = [](const std::string& text) {
    return message_of([&] { fold_from_string(text); });
  };
  for (const char* text : {"", "2", "/", "2/", "/5", "a/5", "2/5x", "2 /5", "1/2/3"}) {
    EXPECT_THAT(error(text), HasSubstr("expected its index and how many there are")) << text;
  }
  EXPECT_THAT(error("5/5"), HasSubstr("fold: is 5, expected 0 to 4 of 5 folds"));
  EXPECT_THAT(error("-1/5"), HasSubstr("is -1"));
  EXPECT_THAT(error("0/1"), HasSubstr("folds: are 1"));
}

std::vector<std::string> names_of(const Dataset& dataset) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < dataset.size(); ++i) names.push_back(dataset.name(i));
  return names;
}

TEST(OpenFold, EverySampleIsTestedOnceAndTrainedOnOtherwise) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 3, 4);  // and one test picture of each class
  std::multiset<std::string> tested;
  for (int index = 0; index < 5; ++index) {
    const FoldSplits fold = open_fold(folder.path(), {5, index});
    ASSERT_EQ(fold.train->size(), 12);
    ASSERT_EQ(fold.test->size(), 3);
    EXPECT_EQ(fold.train->split(), Split::kTrain);
    EXPECT_EQ(fold.test->split(), Split::kTest);
    EXPECT_EQ(fold.test->class_names(), fold.train->class_names());
    std::set<std::string> all;
    for (const std::string& name : names_of(*fold.test)) {
      tested.insert(name);
      all.insert(name);
    }
    for (const std::string& name : names_of(*fold.train)) all.insert(name);
    EXPECT_EQ(all.size(), 15u) << "no sample is on both sides";
    for (int c = 0; c < 3; ++c) {
      EXPECT_EQ(fold.test->label(c), c);
      const int number = 100 * c + (index < 4 ? index : 99);  // the last one is the test picture
      EXPECT_EQ(fold.test->image(c).pixels, numbered_picture(number, 3, 10, 12).pixels) << c;
    }
  }
  EXPECT_EQ(tested.size(), 15u);
  EXPECT_EQ(std::set(tested.begin(), tested.end()).size(), 15u);
}

TEST(OpenFold, NeedsNoTestSplit) {
  const TemporaryFolder folder;
  for (const char* name : {"cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"}) {
    save(folder / name, encode_png(numbered_picture(1, 3, 8, 8)));
  }
  const FoldSplits fold = open_fold(folder.path(), {2, 1});
  EXPECT_EQ(fold.train->size(), 2);
  EXPECT_THAT(fold.test->describe(), HasSubstr("image_folder, test: 2 pictures"));
  EXPECT_THAT(message_of([&] {
                open_fold(folder.path(), {3, 0});
              }),
              testing::AllOf(HasSubstr(folder.path().string()), HasSubstr("class 'cat'")));
  EXPECT_THAT(message_of([&] { open_fold(folder.path(), {2, 2}); }), HasSubstr("fold: is 2"));
}

TEST(OpenFold, PicturesOfTwoSizesVary) {
  const TemporaryFolder folder;
  for (const char* split : {"train", "test"}) {
    const int side = split == std::string("train") ? 8 : 9;
    for (const char* name : {"/cat/1.png", "/dog/1.png"}) {
      save(folder / (split + std::string(name)), encode_png(numbered_picture(1, 3, side, side)));
    }
  }
  const FoldSplits fold = open_fold(folder.path(), {2, 0});
  EXPECT_EQ(fold.train->height(), 0);
  EXPECT_EQ(fold.train->image(0).height, 9);
  EXPECT_EQ(fold.test->image(0).height, 8);
}

TEST(OpenFoldOfRealData, NMnist) {
  TRISPIKE_TEST_DATA(archive, "events/nmnist-small/nmnist-small.tar");
  const FoldSplits fold = open_fold(archive, {5, 4});
  EXPECT_EQ(fold.test->size() + fold.train->size(), 667 + 67);
  EXPECT_EQ(fold.test->size(), 146);
  EXPECT_EQ(fold.train->width(), 34);
  EXPECT_FALSE(fold.test->events(0).events.empty());
}

}  // namespace
}  // namespace trispike::data
