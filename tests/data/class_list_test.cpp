// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/class_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"
#include "support/data.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

std::vector<std::string> read(const TemporaryFolder& folder, const std::string& text) {
  save(folder / "classes.txt", to_bytes(text));
  return read_class_list(folder / "classes.txt");
}

TEST(ClassList, TakesFoldersWithOrWithoutNames) {
  const TemporaryFolder folder;
  EXPECT_THAT(read(folder, "dog\ncat\n\n"), ElementsAre("dog", "cat"));
  EXPECT_THAT(read(folder, "n02\tred fox\r\nn01\ttench\r\nn03\t\n"),
              ElementsAre("n02 red fox", "n01 tench", "n03"));
  EXPECT_THAT(read(folder, "index\twnid\tname\n0\tn02\tred fox\n1\tn01\ttench\n"),
              ElementsAre("n02 red fox", "n01 tench"));
  EXPECT_THAT(read(folder, "name\tfolder\ntench\tn01\n"), ElementsAre("n01 tench"));
}

TEST(ClassList, NamesWhatIsWrong) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text) -> std::string {
    try {
      read(folder, text);
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(""), HasSubstr("classes.txt: lists no class"));
  EXPECT_THAT(message("wnid\tname\n"), HasSubstr("lists no class"));
  EXPECT_THAT(message("dog\ncat\ndog\n"), HasSubstr("line 3: class 'dog' is there already"));
  EXPECT_THAT(message("\ndog\r\n\r\n\ncat\ndog"),
              HasSubstr("line 6: class 'dog' is there already"));
  EXPECT_THAT(message("a\n\tb\n"), HasSubstr("line 2: names no class"));
  EXPECT_THAT(message("index\twnid\n0\ta\n2\tb\n"), HasSubstr("line 3: index '2', expected 1"));
  EXPECT_THROW(read_class_list(folder / "missing.txt"), DataError);
}

TEST(ClassList, MatchesByNameOrByItsFirstWord) {
  const std::vector<std::string> names = {"n02 red fox", "n01", "n03 red", "n03 blue", "n01 tench"};
  EXPECT_THAT(match_classes({"n01", "n02"}, names), Optional(ElementsAre(1, 0)));
  EXPECT_THAT(match_classes({"n01 tench"}, names), Optional(ElementsAre(4)));
  EXPECT_EQ(match_classes({"n03"}, names), std::nullopt);  // two begin so
  EXPECT_EQ(match_classes({"n0"}, names), std::nullopt);
  EXPECT_EQ(match_classes({"n02", "n02 red fox"}, names), std::nullopt);  // both are one
  EXPECT_THAT(match_classes({"b", "a"}, {"a", "b"}), Optional(ElementsAre(1, 0)));
}

TEST(ClassList, RenumbersADataSet) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 3, 2);
  const std::shared_ptr<const Dataset> whole = open_dataset(folder.path(), Split::kTest);
  const auto renumbered =
      with_classes(whole, {"x", "classc third", "classb", "y", "classa"}, "list.txt");
  EXPECT_EQ(renumbered->num_classes(), 5);
  EXPECT_EQ(renumbered->class_names()[1], "classc third");
  EXPECT_EQ(renumbered->size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(renumbered->image(i), whole->image(i));
    EXPECT_EQ(renumbered->name(i), whole->name(i));
  }
  EXPECT_EQ(renumbered->label(0), 4);
  EXPECT_EQ(renumbered->label(1), 2);
  EXPECT_EQ(renumbered->label(2), 1);
  EXPECT_EQ(renumbered->height(), whole->height());
  EXPECT_EQ(renumbered->normalisation(), whole->normalisation());
  try {
    with_classes(whole, {"classa", "classc"}, "list.txt");
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_STREQ(error.what(),
                 "list.txt: class 'classb' of the data set is not among the 2 classes");
  }
}

// Every tenth class is there: picture 42 is of class 420.
TEST(ClassList, ImageNetsListNumbersTheSample) {
  TRISPIKE_TEST_DATA(path, "imagenet-sample");
  const auto names = read_class_list(path / "classes-1000.tsv");
  ASSERT_EQ(names.size(), 1000u);
  EXPECT_EQ(names[0], "n01440764 tench");
  const auto sample =
      with_classes(open_dataset(path / "imagenet-sample-100.tar", Split::kTest), names, "list");
  ASSERT_EQ(sample->size(), 100);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sample->label(i), 10 * i) << sample->name(i);
}

}  // namespace
}  // namespace trispike::data
