// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The binary versions of CIFAR-10 and CIFAR-100.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "fixtures.h"
#include "trispike/data/dataset.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;

TEST(Cifar, ReadsClassNames) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), false, 3, 2);
  EXPECT_EQ(open_dataset(folder.path(), Split::kTrain)->class_names()[9], "truck");
  save(folder / "batches.meta.txt", to_bytes("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"));
  EXPECT_EQ(open_dataset(folder.path(), Split::kTrain)->class_names()[9], "j");
  save(folder / "batches.meta.txt", to_bytes("a\nb\n"));
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTrain); }),
              HasSubstr("2 names, expected 10"));
}

TEST(Cifar, Takes100FineLabels) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), true, 100, 1);
  const auto train = open_dataset(folder.path(), Split::kTrain);
  EXPECT_EQ(train->num_classes(), 100);
  EXPECT_EQ(train->label(99), 99);
  EXPECT_EQ(train->normalisation().mean[0], 0.5071);
}

TEST(Cifar, Takes20CoarseLabelsIfAsked) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), true, 20, 1, true);
  const auto open = [&] {
    return open_dataset(folder.path(), Split::kTest, {.format = "cifar100_coarse"});
  };
  const auto test = open();
  EXPECT_EQ(test->num_classes(), 20);
  EXPECT_EQ(test->label(19), 19);
  EXPECT_EQ(test->class_names()[19], "vehicles_2");
  save(folder / "coarse_label_names.txt", to_bytes("only one\n"));
  EXPECT_THAT(message_of([&] { open(); }),
              HasSubstr("coarse_label_names.txt: 1 names, expected 20"));
}

// The names that come with the data set begin and end so, in alphabetical order.
TEST(Cifar, KnowsTheNamesOfBothLabelsOfCifar100) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), true, 1, 1);
  for (const auto& [format, count, first, last] :
       {std::tuple{"cifar100", 100, "apple", "worm"},
        std::tuple{"cifar100_coarse", 20, "aquatic_mammals", "vehicles_2"}}) {
    const auto train = open_dataset(folder.path(), Split::kTrain, {.format = format});
    const auto& names = train->class_names();
    EXPECT_EQ(names.size(), std::size_t(count));
    EXPECT_EQ(names.front(), first);
    EXPECT_EQ(names.back(), last);
    EXPECT_TRUE(std::ranges::is_sorted(names));
  }
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "fine " + std::to_string(i) + "\n";
  save(folder / "fine_label_names.txt", to_bytes(lines));
  EXPECT_EQ(open_dataset(folder.path(), Split::kTrain)->class_names()[42], "fine 42");
}

// As the data set's page describes the binary version: records of 3,074 bytes, the coarse label,
// the fine label, 1,024 bytes of red, of green, of blue, row by row.
TEST(Cifar, RecordsOfCifar100AreThoseOfItsDescription) {
  const TemporaryFolder folder;
  Bytes file;
  for (const int number : {0, 1}) {
    file.push_back(std::byte(19 - number));
    file.push_back(std::byte(98 + number));
    for (int value = 0; value < 3 * 1024; ++value) {
      file.push_back(std::byte((value % 1024 + 50 * (value / 1024) + number) % 256));
    }
  }
  ASSERT_EQ(file.size(), 2u * 3074u);
  save(folder / "train.bin", file);
  save(folder / "test.bin", file);
  const auto fine = open_dataset(folder.path(), Split::kTest);
  const auto coarse = open_dataset(folder.path(), Split::kTest, {.format = "cifar100_coarse"});
  ASSERT_EQ(fine->size(), 2);
  EXPECT_EQ(fine->format(), "cifar100");
  for (const int number : {0, 1}) {
    EXPECT_EQ(fine->label(number), 98 + number);
    EXPECT_EQ(coarse->label(number), 19 - number);
    const Image picture = fine->image(number);
    for (int place = 0; place < 1024; ++place) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_EQ(picture.pixels[static_cast<std::size_t>(3 * place + c)],
                  (place + 50 * c + number) % 256);
      }
    }
  }
  file.pop_back();
  save(folder / "test.bin", file);
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTest); }),
              HasSubstr("test.bin: "));
}

TEST(Cifar, RefusesABadLabelOfEitherKind) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), true, 3, 1);
  Bytes bytes = load(folder / "test.bin");
  bytes[0] = std::byte{20};
  save(folder / "test.bin", bytes);
  const std::string expected = "test.bin: byte 0: label 20, expected 0 to 19";
  for (const char* format : {"cifar100", "cifar100_coarse"}) {
    EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTest, {.format = format}); }),
                HasSubstr(expected));
  }
}

TEST(Cifar, NamesMissingAndDamagedFiles) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), false, 3, 2);
  const auto open = [&] { return message_of([&] { open_dataset(folder.path(), Split::kTrain); }); };
  const auto part = folder / "data_batch_3.bin";
  const Bytes good = load(part);
  std::filesystem::remove(part);
  EXPECT_THAT(open(), HasSubstr("data_batch_3.bin: cannot be read: No such file"));
  save(part, std::span(good).first(3000));
  EXPECT_THAT(open(), HasSubstr("byte 3000: the file ends here, but records have 3073 bytes"));
  Bytes bad = good;
  bad[0] = std::byte{10};
  save(part, bad);
  EXPECT_THAT(open(), HasSubstr("byte 0: label 10, expected 0 to 9"));
}

TEST(Cifar, NamesRecordsByFile) {
  const TemporaryFolder folder;
  make_cifar(folder.path(), false, 3, 2);
  const auto train = open_dataset(folder.path(), Split::kTrain);
  EXPECT_THAT(train->name(5), HasSubstr("data_batch_1.bin, record 5"));
  EXPECT_THAT(train->name(6), HasSubstr("data_batch_2.bin, record 0"));
  EXPECT_THAT(train->name(9), HasSubstr("data_batch_5.bin, record 0"));
}

}  // namespace
}  // namespace trispike::data
