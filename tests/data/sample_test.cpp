// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/sample.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixtures.h"
#include "trispike/data/transform.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;

TEST(SamplePreparer, FitsScalesAndNormalises) {
  // One grey level everywhere: (51 / 255 - 0.1) / 0.2 = 0.5, whatever resizing does.
  const SamplePreparer preparer({1, 2, 3, {{0.1}, {0.2}}});
  EXPECT_EQ(preparer.elements(), 6);
  const std::vector<float> sample = preparer.prepare(Image(1, 8, 8, 51));
  EXPECT_THAT(sample, testing::Each(testing::FloatNear(0.5F, 1e-6F)));
  EXPECT_EQ(sample.size(), 6u);
}

TEST(SamplePreparer, AFileGivesWhatItsPictureGives) {
  const TemporaryFolder folder;
  const Image picture = numbered_picture(3, 1, 5, 7);
  save(folder.path() / "picture.png", encode_png(picture));
  const SamplePreparer preparer({3, 4, 4, {{0.5, 0.4, 0.3}, {0.2, 0.3, 0.4}}, true});
  EXPECT_EQ(preparer.prepare_file((folder.path() / "picture.png").string()),
            preparer.prepare(picture));
}

TEST(SamplePreparer, AugmentsOnlyWithARandom) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 2, 2);
  const auto dataset = open_dataset(folder.path(), Split::kTrain);
  const SampleForm form = complete({}, *dataset);
  const Augmentation augmentation{.crop_padding = 2, .flip = true};
  const SamplePreparer plain(form);
  const SamplePreparer augmenting(form, augmentation);
  EXPECT_EQ(plain.prepare(*dataset, 1), augmenting.prepare(*dataset, 1));
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Random random(seed);
    Random same(seed);
    std::vector<float> sample(static_cast<std::size_t>(augmenting.elements()));
    augmenting.prepare(*dataset, 1, random, sample);
    EXPECT_EQ(sample, plain.prepare(augment(dataset->image(1), augmentation, same)));
  }
}

// What each way does to a picture is shown by transform_test.cpp.
TEST(SamplePreparer, ResizesAndCropsIfToldTo) {
  const Image grey = numbered_picture(3, 1, 9, 14);
  const SampleForm form{3, 4, 6, {{0, 0, 0}, {1, 1, 1}}, false, 7};
  const SamplePreparer plain({3, 4, 6, {{0, 0, 0}, {1, 1, 1}}});
  EXPECT_EQ(SamplePreparer(form).prepare(grey),
            plain.prepare(resize_and_center_crop(convert_channels(grey, 3), 7, 4, 6)));
}

TEST(SamplePreparer, TrainsOnRandomPartsThenAugments) {
  const TemporaryFolder folder;
  make_image_folder(folder.path(), 2, 2);
  const auto dataset = open_dataset(folder.path(), Split::kTrain);
  const Augmentation augmentation{.flip = true, .random_resized_crop = true};
  const SamplePreparer plain({1, 5, 4, {{0.5}, {0.2}}});
  const SamplePreparer augmenting({1, 5, 4, {{0.5}, {0.2}}, false, 8}, augmentation);
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Random random(seed);
    Random same(seed);
    std::vector<float> sample(20);
    augmenting.prepare(*dataset, 1, random, sample);
    const Image part = random_resized_crop(convert_channels(dataset->image(1), 1), 5, 4, same);
    EXPECT_EQ(sample, plain.prepare(augment(part, augmentation, same)));
  }
}

TEST(SamplePreparer, RefusesWhatFitsNoPicture) {
  const auto message = [](const SampleForm& form) -> std::string {
    try {
      SamplePreparer preparer(form);
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message({1, 4, 4, {{0}, {1}}}), "no error");
  EXPECT_THAT(message({2, 4, 4, {{0, 0}, {1, 1}}}), HasSubstr("channels: is 2"));
  EXPECT_THAT(message({1, 0, 4, {{0}, {1}}}), HasSubstr("height"));
  EXPECT_THAT(message({1, 4, -4, {{0}, {1}}}), HasSubstr("width: is -4"));
  EXPECT_THAT(message({3, 4, 4, {{0}, {1}}}), HasSubstr("is for 1 channels, expected 3"));
}

}  // namespace
}  // namespace trispike::data
