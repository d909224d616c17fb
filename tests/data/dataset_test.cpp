// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <thread>

#include "fixtures.h"
#include "golden.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// How to make a data set of three classes, two training pictures and one test picture each.
struct Form {
  std::string name;  // of the format, or with a note behind it
  std::string format;
  std::function<std::filesystem::path(const TemporaryFolder&)> make;
  Image (*picture)(int number);
  int train_size;
  std::string found_as = {};  // what "auto" takes it for, if that is another format
};

Image idx_picture(int number) { return numbered_picture(number, 1, 8, 6); }
Image cifar_picture(int number) { return numbered_picture(number, 3, 32, 32); }
Image folder_picture(int number) { return numbered_picture(number, 3, 10, 12); }

const std::vector<Form>& forms() {
  static const std::vector<Form> all = {
      {"idx", "idx",
       [](const TemporaryFolder& t) {
         make_idx(t / "mnist", 3, 2);
         return t / "mnist";
       },
       idx_picture, 6},
      {"cifar10", "cifar10",
       [](const TemporaryFolder& t) {
         make_cifar(t / "cifar", false, 3, 2);
         return t / "cifar";
       },
       cifar_picture, 10},
      {"cifar100", "cifar100",
       [](const TemporaryFolder& t) {
         make_cifar(t / "cifar", true, 3, 2);
         return t / "cifar";
       },
       cifar_picture, 6},
      {"cifar100_coarse", "cifar100_coarse",
       [](const TemporaryFolder& t) {
         make_cifar(t / "cifar", true, 3, 2, true);
         return t / "cifar";
       },
       cifar_picture, 6, "cifar100"},
      {"image_folder", "image_folder",
       [](const TemporaryFolder& t) {
         make_image_folder(t / "pictures", 3, 2);
         return t / "pictures";
       },
       folder_picture, 6},
      {"image_folder_in_a_tar", "image_folder",
       [](const TemporaryFolder& t) {
         make_image_tar(t / "pictures.tar", 3, 2);
         return t / "pictures.tar";
       },
       folder_picture, 6},
  };
  return all;
}

class DatasetContract : public testing::TestWithParam<Form> {
 protected:
  std::unique_ptr<Dataset> open(Split split) {
    const Form& form = GetParam();
    const std::string format = form.found_as.empty() ? "auto" : form.format;
    return open_dataset(path_, split, {.format = format});
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = GetParam().make(folder_);
};

TEST_P(DatasetContract, HoldsThePicturesAndLabels) {
  const auto train = open(Split::kTrain);
  EXPECT_EQ(train->format(), GetParam().format);
  EXPECT_EQ(train->split(), Split::kTrain);
  ASSERT_EQ(train->size(), GetParam().train_size);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(train->label(i), i / 2);
    EXPECT_EQ(train->image(i), GetParam().picture(100 * (i / 2) + i % 2)) << i;
  }
  const auto test = open(Split::kTest);
  ASSERT_EQ(test->size(), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(test->label(i), i);
    EXPECT_EQ(test->image(i), GetParam().picture(100 * i + 99)) << i;
  }
}

TEST_P(DatasetContract, DescribesItself) {
  const auto train = open(Split::kTrain);
  const Image picture = GetParam().picture(0);
  EXPECT_EQ(train->channels(), picture.channels);
  EXPECT_EQ(train->height(), picture.height);
  EXPECT_EQ(train->width(), picture.width);
  EXPECT_EQ(train->normalisation().mean.size(), std::size_t(picture.channels));
  EXPECT_EQ(train->normalisation().std.size(), std::size_t(picture.channels));
  EXPECT_GE(train->num_classes(), 3);
  EXPECT_EQ(open(Split::kTest)->class_names(), train->class_names());
  EXPECT_THAT(
      train->describe(),
      HasSubstr(GetParam().format + ", train: " + std::to_string(train->size()) + " pictures of " +
                std::to_string(picture.width) + "x" + std::to_string(picture.height)));
  std::set<std::string> names;
  for (int i = 0; i < train->size(); ++i) {
    EXPECT_THAT(train->name(i), HasSubstr(path_.string()));
    names.insert(train->name(i));
  }
  EXPECT_EQ(names.size(), std::size_t(train->size()));
}

TEST_P(DatasetContract, IsFoundAndListsItsSplits) {
  const Form& form = GetParam();
  EXPECT_EQ(find_format(path_).name, form.found_as.empty() ? form.format : form.found_as);
  const DatasetFormat& format = find_format(path_, form.format);
  EXPECT_EQ(format.name, form.format);
  EXPECT_TRUE(format.probe(path_));
  EXPECT_THAT(format.splits(path_), ElementsAre(Split::kTrain, Split::kTest));
  EXPECT_EQ(open_dataset(path_, Split::kTrain, {.format = GetParam().format})->size(),
            GetParam().train_size);
}

TEST_P(DatasetContract, GivesTheSamePicturesToManyThreads) {
  const auto train = open(Split::kTrain);
  std::vector<Image> expected;
  for (int i = 0; i < train->size(); ++i) expected.push_back(open(Split::kTrain)->image(i));
  std::vector<int> wrong(4);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < train->size(); ++i) count += train->image(i) == expected[i] ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
}

INSTANTIATE_TEST_SUITE_P(AllForms, DatasetContract, testing::ValuesIn(forms()),
                         [](const auto& form) { return form.param.name; });

TEST(DatasetFormats, EveryRowHasAForm) {
  // Their samples are no pictures: event_dataset_test.cpp has a test of each.
  const std::set<std::string_view> of_events = {"cifar10_dvs", "dvs_gesture", "event_folder",
                                                "event_list"};
  for (const DatasetFormat& format : dataset_formats()) {
    if (of_events.contains(format.name)) continue;
    EXPECT_TRUE(std::ranges::any_of(forms(), [&](const Form& form) {
      return form.format == format.name;
    })) << format.name;
  }
}

TEST(OpenDataset, NamesWhatIsWrongWithThePath) {
  const TemporaryFolder folder;
  const auto open = [](const std::filesystem::path& path, const std::string& format) {
    return message_of([&] { open_dataset(path, Split::kTrain, {.format = format}); });
  };
  EXPECT_EQ(open("/no/such/folder", "auto"), "/no/such/folder: no such file or folder");
  EXPECT_THAT(open(folder.path(), "mnist"), HasSubstr("unknown format 'mnist', expected auto or"));
  EXPECT_THAT(open(folder.path(), "auto"), HasSubstr("holds no JPEG or PNG pictures"));
  EXPECT_THAT(open(folder.path(), "idx"), HasSubstr("holds no train-images-idx3-ubyte"));
  EXPECT_THAT(open(folder.path(), "cifar10"), HasSubstr("data_batch_1.bin: cannot be read"));
  save(folder / "notes.txt", to_bytes("text"));
  EXPECT_THAT(open(folder / "notes.txt", "auto"),
              HasSubstr("is no data set of a known form: idx ("));
}

TEST(Idx, NamesTheClasses) {
  const TemporaryFolder folder;
  make_idx(folder / "mnist", 3, 1);
  make_idx(folder / "Fashion-MNIST", 3, 1);
  const auto digits = open_dataset(folder / "mnist", Split::kTrain);
  EXPECT_THAT(digits->class_names(), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(digits->normalisation(), (Normalisation{{0.1307}, {0.3081}}));
  const auto fashion = open_dataset(folder / "Fashion-MNIST", Split::kTest);
  EXPECT_EQ(fashion->class_names()[9], "Ankle boot");
  EXPECT_EQ(fashion->normalisation(), (Normalisation{{0.2860}, {0.3530}}));
}

TEST(Idx, RefusesWhatDoesNotFit) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 3, 2);
  const auto open = [&] {
    return message_of([&] { open_dataset(folder.path(), Split::kTest, {.format = "idx"}); });
  };
  const auto images = folder / "t10k-images-idx3-ubyte";
  const auto labels = folder / "t10k-labels-idx1-ubyte";
  const Bytes good_images = load(images);
  EXPECT_EQ(open(), "no error");

  save(labels, idx_labels(std::vector<std::uint8_t>{1, 2}));
  EXPECT_THAT(open(), HasSubstr("2 labels, but"));
  save(labels, idx_labels(std::vector<std::uint8_t>{0, 1, 2}));
  save(images, std::span(good_images).first(good_images.size() - 1));
  EXPECT_THAT(open(), HasSubstr("143 bytes of values, but the header announces 144"));
  save(images, good_images + to_bytes("x"));
  EXPECT_THAT(open(), HasSubstr("more bytes of values than the 144"));
  save(images, load(labels));
  EXPECT_THAT(open(), HasSubstr("holds labels, expected pictures"));
  save(images, to_bytes("hello, world"));
  EXPECT_THAT(open(), HasSubstr("is no IDX file"));
  // Announced and not there: refused without taking the memory.
  const auto announce = [&](const std::string& count) {
    save(images,
         to_bytes(std::string("\0\0\x08\x03", 4) + count + std::string("\0\0\0\x20\0\0\0\x20", 8)));
  };
  announce("\xff\xff\xff\xff");
  EXPECT_THAT(open(), HasSubstr("announces 4398046510080 bytes of values, more than the allowed"));
  announce(std::string("\0\x1f\xff\xff", 4));
  EXPECT_THAT(open(), HasSubstr("announces 2147482624 bytes of values, more than 58720320, which"));
}

TEST(Idx, NamesATruncatedGzipFile) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 3, 2);
  const auto images = folder / "train-images-idx3-ubyte.gz";
  const Bytes whole = load(images);
  save(images, std::span(whole).first(whole.size() - 12));
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTrain); }),
              HasSubstr("the gzip data end too early"));
}

TEST(ImageFolder, WithoutSplitFoldersEitherSplitIsTheWhole) {
  const TemporaryFolder folder;
  for (const char* name : {"dog/1.png", "cat/deep/2.png", "cat/1.png"}) {
    save(folder / name, encode_png(folder_picture(1)));
  }
  save(folder / "stray.png", encode_png(folder_picture(2)));
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const auto dataset = open_dataset(folder.path(), split);
    EXPECT_EQ(dataset->size(), 3);
    EXPECT_THAT(dataset->class_names(), ElementsAre("cat", "dog"));
  }
  EXPECT_THAT(find_format(folder.path()).splits(folder.path()), ElementsAre(Split::kTrain));
}

TEST(ImageFolder, TakesValForTestIfTestHasNoClasses) {
  const TemporaryFolder folder;
  save(folder / "train/cat/1.png", encode_png(folder_picture(1)));
  save(folder / "train/dog/1.png", encode_png(folder_picture(2)));
  save(folder / "val/dog/1.png", encode_png(folder_picture(3)));
  save(folder / "test/images/1.png", encode_png(folder_picture(4)));
  const auto test = open_dataset(folder.path(), Split::kTest);
  ASSERT_EQ(test->size(), 1);
  EXPECT_EQ(test->image(0), folder_picture(3));
  EXPECT_EQ(test->label(0), 1);  // as in training, though there is no cat here
}

TEST(ImageFolder, NamesAMissingSplit) {
  const TemporaryFolder folder;
  save(folder / "val/dog/1.png", encode_png(folder_picture(3)));
  EXPECT_EQ(open_dataset(folder.path(), Split::kTest)->size(), 1);
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTrain); }),
              HasSubstr("has a folder test/ or val/, but no train/"));
}

TEST(ImageFolder, LooksThroughTheFolderThatWrapsATar) {
  const TemporaryFolder folder;
  std::vector<std::pair<std::string, Bytes>> files;
  for (auto& [name, contents] : image_folder_files(2, 2)) {
    files.emplace_back("./pictures/" + name, contents);
  }
  save(folder / "x.tar", make_tar(files));
  const auto train = open_dataset(folder / "x.tar", Split::kTrain);
  EXPECT_EQ(train->size(), 4);
  EXPECT_THAT(train->class_names(), ElementsAre("classa", "classb"));
}

TEST(ImageFolder, ReportsSizesThatVary) {
  const TemporaryFolder folder;
  save(folder / "a/1.png", encode_png(numbered_picture(1, 3, 10, 12)));
  save(folder / "a/2.png", encode_png(numbered_picture(1, 1, 12, 10)));
  const auto dataset = open_dataset(folder.path(), Split::kTrain);
  EXPECT_EQ(dataset->height(), 0);
  EXPECT_EQ(dataset->width(), 0);
  EXPECT_EQ(dataset->image(1), convert_channels(numbered_picture(1, 1, 12, 10), 3));
  EXPECT_THAT(dataset->describe(), HasSubstr("pictures of various sizes"));
}

TEST(ImageFolder, KnowsCifar10ByItsClasses) {
  const TemporaryFolder folder;
  for (const char* name :
       {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}) {
    save(folder / name / "1.png", encode_png(cifar_picture(1)));
  }
  EXPECT_EQ(open_dataset(folder.path(), Split::kTrain)->normalisation().mean[0], 0.4914);
  save(folder / "zebra/1.png", encode_png(cifar_picture(1)));
  EXPECT_EQ(open_dataset(folder.path(), Split::kTrain)->normalisation().mean[0], 0.485);
}

TEST(ImageFolder, NamesADamagedPictureInATar) {
  const TemporaryFolder folder;
  const Bytes jpeg = load(golden_folder() / "420.jpg");
  for (const std::string start : {"", "./", "/", ".//./"}) {
    save(folder / "x.tar",
         make_tar({{start + "cat/1.jpg", jpeg},
                   {start + "cat/2.jpg", Bytes(jpeg.begin(), jpeg.begin() + 700)}}));
    const auto dataset = open_dataset(folder / "x.tar", Split::kTrain);
    EXPECT_NO_THROW(dataset->image(0));
    const std::string message = message_of([&] { dataset->image(1); });
    EXPECT_THAT(message, HasSubstr("x.tar/cat/2.jpg: JPEG data: the picture is truncated"));
  }
}

TEST(ImageFolder, RefusesCompressedAndDamagedTars) {
  const TemporaryFolder folder;
  const Bytes tar = make_tar(image_folder_files(2, 2));
  const auto open = [&](const std::string& name, std::span<const std::byte> bytes) {
    save(folder / name, bytes);
    return message_of([&] { open_dataset(folder / name, Split::kTrain); });
  };
  EXPECT_THAT(open("x.tar.gz", gzip(tar)), HasSubstr("is compressed (gzip)"));
  EXPECT_THAT(open("text.tar", to_bytes(std::string(2000, 'x'))), HasSubstr("is no tar"));
  EXPECT_THAT(open("short.tar", std::span(tar).first(700)), HasSubstr("the tar ends inside"));
  EXPECT_THAT(open("empty.tar", {}), HasSubstr("empty.tar: "));
}

TEST(ImageFolder, DoesNotFollowALoopOfLinksForEver) {
  const TemporaryFolder folder;
  save(folder / "cat/1.png", encode_png(folder_picture(1)));
  std::filesystem::create_directory_symlink(folder.path(), folder / "cat/loop");
  EXPECT_GE(open_dataset(folder.path(), Split::kTrain)->size(), 1);
}

TEST(StratifiedSplit, TakesTheFractionOfEachClass) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 4, 20);
  const auto dataset = open_dataset(folder.path(), Split::kTrain);
  const TrainValidation parts = stratified_split(*dataset, 0.1, 7);
  EXPECT_EQ(parts.train.size(), 72u);
  EXPECT_EQ(parts.validation.size(), 8u);
  EXPECT_TRUE(std::ranges::is_sorted(parts.train));
  EXPECT_TRUE(std::ranges::is_sorted(parts.validation));
  std::vector<int> per_class(10);
  std::set<std::int64_t> all(parts.train.begin(), parts.train.end());
  for (const std::int64_t i : parts.validation) {
    ++per_class[dataset->label(i)];
    all.insert(i);
  }
  EXPECT_THAT(per_class, ElementsAre(2, 2, 2, 2, 0, 0, 0, 0, 0, 0));
  EXPECT_EQ(all.size(), 80u);
  EXPECT_EQ(stratified_split(*dataset, 0.1, 7).validation, parts.validation);
  EXPECT_NE(stratified_split(*dataset, 0.1, 8).validation, parts.validation);
}

TEST(StratifiedSplit, RefusesFractionsOutOfRange) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 2, 2);
  const auto dataset = open_dataset(folder.path(), Split::kTrain);
  EXPECT_TRUE(stratified_split(*dataset, 0.0, 1).validation.empty());
  for (const double bad : {-0.1, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(stratified_split(*dataset, bad, 1), DataError) << bad;
  }
}

}  // namespace
}  // namespace trispike::data
