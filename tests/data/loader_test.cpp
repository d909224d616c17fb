// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <thread>

#include "fixtures.h"

namespace trispike::data {
namespace {

using testing::HasSubstr;

// Pictures made up on demand; one of them can be broken, all can be slow.
class FakeDataset final : public Dataset {
 public:
  explicit FakeDataset(std::int64_t size, std::int64_t broken = -1, int delay_ms = 0)
      : Dataset("fake", Split::kTrain), count_(size), broken_(broken), delay_ms_(delay_ms) {
    class_names_ = {"even", "odd"};
    normalisation_ = {{0.5, 0.4, 0.3}, {0.2, 0.3, 0.4}};
    channels_ = 3;
    height_ = 8;
    width_ = 6;
  }
  std::int64_t size() const override { return count_; }
  int label(std::int64_t i) const override { return static_cast<int>(i % 2); }
  std::string name(std::int64_t i) const override { return "fake " + std::to_string(i); }
  Image image(std::int64_t i) const override {
    ++decoded_;
    if (delay_ms_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms_));
    if (i == broken_) throw DataError(name(i), "pixels", "broken");
    return numbered_picture(static_cast<int>(i), 3, 8, 6);
  }
  std::int64_t decoded() const { return decoded_; }

 private:
  mutable std::atomic<std::int64_t> decoded_ = 0;
  std::int64_t count_;
  std::int64_t broken_;
  int delay_ms_;
};

std::vector<Batch> all_batches(std::shared_ptr<const Dataset> dataset, LoaderOptions options) {
  Loader loader(std::move(dataset), std::move(options));
  std::vector<Batch> batches;
  for (Batch batch; loader.next(batch);) batches.push_back(batch);
  return batches;
}

void expect_equal(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    EXPECT_EQ(a[k].size, b[k].size);
    EXPECT_EQ(a[k].indices, b[k].indices);
    EXPECT_EQ(a[k].labels, b[k].labels);
    EXPECT_EQ(a[k].images, b[k].images);
  }
}

LoaderOptions augmented() {
  LoaderOptions options;
  options.batch_size = 7;
  options.shuffle = true;
  options.seed = 3;
  options.epoch = 5;
  options.augmentation = {2, true, Policy::kAutoAugmentCifar10, 3};
  return options;
}

TEST(Loader, ShardsShareEachBatchOfTheSameOrder) {
  const auto dataset = std::make_shared<FakeDataset>(17);  // batches of 7, 7 and 3
  const std::vector<Batch> whole = all_batches(dataset, augmented());
  for (const int shards : {2, 3, 4}) {
    std::vector<std::vector<Batch>> parts;
    for (int shard = 0; shard < shards; ++shard) {
      LoaderOptions options = augmented();
      options.shard = shard;
      options.shards = shards;
      parts.push_back(all_batches(dataset, options));
      ASSERT_EQ(parts.back().size(), whole.size());
    }
    for (std::size_t k = 0; k < whole.size(); ++k) {
      EXPECT_EQ(parts[0][k].total, whole[k].size);
      if (whole[k].size < shards) {  // too few to share
        for (const auto& part : parts) EXPECT_EQ(part[k].indices, whole[k].indices);
        continue;
      }
      std::vector<std::int64_t> indices;
      std::vector<float> images;
      for (const auto& part : parts) {
        EXPECT_GT(part[k].size, 0);
        indices.insert(indices.end(), part[k].indices.begin(), part[k].indices.end());
        images.insert(images.end(), part[k].images.begin(), part[k].images.end());
      }
      EXPECT_EQ(indices, whole[k].indices);
      EXPECT_EQ(images, whole[k].images);  // augmented alike, too
    }
  }
  LoaderOptions wrong = augmented();
  wrong.shard = wrong.shards = 2;
  EXPECT_THROW(all_batches(dataset, wrong), DataError);
}

TEST(Loader, DeliversEveryPictureNormalisedAndInOrder) {
  const auto dataset = std::make_shared<FakeDataset>(10);
  LoaderOptions options;
  options.batch_size = 4;
  const std::vector<Batch> batches = all_batches(dataset, options);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[2].size, 2);
  std::int64_t index = 0;
  for (const Batch& batch : batches) {
    ASSERT_EQ(batch.images.size(), std::size_t(batch.size) * 3 * 8 * 6);
    for (std::int64_t k = 0; k < batch.size; ++k, ++index) {
      EXPECT_EQ(batch.indices[k], index);
      EXPECT_EQ(batch.labels[k], index % 2);
      std::vector<float> expected(3 * 8 * 6);
      normalise_into(dataset->image(index), dataset->normalisation(), false, expected);
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(),
                             batch.images.begin() + k * std::ptrdiff_t(expected.size())));
    }
  }
  EXPECT_EQ(index, 10);
}

TEST(Loader, ChannelsLastIsTheSameInAnotherOrder) {
  const auto dataset = std::make_shared<FakeDataset>(3);
  LoaderOptions options;
  const std::vector<Batch> planes = all_batches(dataset, options);
  options.form.channels_last = true;
  const std::vector<Batch> pixels = all_batches(dataset, options);
  constexpr std::size_t kArea = 8 * 6;
  for (std::size_t n = 0; n < 3; ++n) {
    for (std::size_t p = 0; p < kArea; ++p) {
      for (std::size_t c = 0; c < 3; ++c) {
        ASSERT_EQ(planes[0].images[(n * 3 + c) * kArea + p],
                  pixels[0].images[(n * kArea + p) * 3 + c]);
      }
    }
  }
}

TEST(Loader, DropsOnlyAShortLastBatch) {
  LoaderOptions options;
  options.batch_size = 4;
  options.drop_last = true;
  const Loader loader(std::make_shared<FakeDataset>(10), options);
  EXPECT_EQ(loader.num_batches(), 2);
  EXPECT_EQ(loader.num_samples(), 8);
  EXPECT_EQ(all_batches(std::make_shared<FakeDataset>(10), options).size(), 2u);
  EXPECT_EQ(all_batches(std::make_shared<FakeDataset>(8), options).size(), 2u);
  options.drop_last = false;
  EXPECT_EQ(Loader(std::make_shared<FakeDataset>(10), options).num_batches(), 3);
  EXPECT_EQ(Loader(std::make_shared<FakeDataset>(10), options).num_samples(), 10);
}

TEST(Loader, IsTheSameForAnyNumberOfWorkers) {
  const auto dataset = std::make_shared<FakeDataset>(100);
  LoaderOptions options = augmented();
  const std::vector<Batch> one = all_batches(dataset, options);
  ASSERT_EQ(one.size(), 15u);
  for (const int workers : {2, 3, 40}) {
    options.workers = workers;
    options.prefetch = workers == 3 ? 1 : 5;
    expect_equal(all_batches(dataset, options), one);
  }
}

TEST(Loader, ContinuesInMidEpoch) {
  const auto dataset = std::make_shared<FakeDataset>(50);
  LoaderOptions options = augmented();
  std::vector<Batch> whole = all_batches(dataset, options);
  options.first_batch = 5;
  options.workers = 2;
  whole.erase(whole.begin(), whole.begin() + 5);
  expect_equal(all_batches(dataset, options), whole);
  options.first_batch = 8;  // after the last one
  EXPECT_TRUE(all_batches(dataset, options).empty());
  EXPECT_EQ(Loader(dataset, options).num_batches(), 8);
}

TEST(Loader, OrderDependsOnSeedAndEpoch) {
  const auto dataset = std::make_shared<FakeDataset>(60);
  LoaderOptions options;
  options.batch_size = 60;
  options.shuffle = true;
  std::set<std::vector<std::int64_t>> orders;
  for (const std::uint64_t seed : {0u, 1u}) {
    for (const std::uint64_t epoch : {0u, 1u, 2u}) {
      options.seed = seed;
      options.epoch = epoch;
      std::vector<std::int64_t> order = all_batches(dataset, options).at(0).indices;
      orders.insert(order);
      std::ranges::sort(order);
      std::vector<std::int64_t> all(60);
      std::iota(all.begin(), all.end(), 0);
      EXPECT_EQ(order, all);
    }
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(Loader, AugmentationChangesWithTheEpoch) {
  const auto dataset = std::make_shared<FakeDataset>(20);
  LoaderOptions options = augmented();
  options.shuffle = false;
  const std::vector<Batch> fifth = all_batches(dataset, options);
  options.epoch = 6;
  EXPECT_NE(all_batches(dataset, options)[0].images, fifth[0].images);
}

TEST(Loader, UsesTheGivenPicturesOnly) {
  LoaderOptions options;
  options.indices = {9, 2, 4};
  const std::vector<Batch> batches = all_batches(std::make_shared<FakeDataset>(10), options);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0].indices, testing::ElementsAre(9, 2, 4));
  EXPECT_THAT(batches[0].labels, testing::ElementsAre(1, 0, 0));
  options.indices = std::vector<std::int64_t>();
  EXPECT_TRUE(all_batches(std::make_shared<FakeDataset>(10), options).empty());
}

TEST(Loader, BringsPicturesToTheWantedForm) {
  LoaderOptions options;
  options.form = {1, 4, 4, {{0.1}, {0.2}}};
  const auto dataset = std::make_shared<FakeDataset>(2);
  const std::vector<Batch> batches = all_batches(dataset, options);
  std::vector<float> expected(16);
  normalise_into(fit_to(dataset->image(1), 1, 4, 4), options.form.normalisation, false, expected);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), batches[0].images.begin() + 16));
}

TEST(Loader, ShowsGreyPicturesInColourWithTheStatisticsOfGrey) {
  const TemporaryFolder folder;
  make_idx(folder.path(), 2, 2);
  LoaderOptions options;
  options.form.channels = 3;
  const std::shared_ptr<const Dataset> dataset = open_dataset(folder.path(), Split::kTrain);
  EXPECT_EQ(Loader(dataset, options).form().normalisation,
            (Normalisation{{0.1307, 0.1307, 0.1307}, {0.3081, 0.3081, 0.3081}}));
  const std::vector<Batch> batches = all_batches(dataset, options);
  const std::vector<float>& images = batches.at(0).images;
  ASSERT_EQ(images.size(), 4u * 3 * 48);
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_EQ(images[i], images[48 + i]);
    EXPECT_EQ(images[i], images[96 + i]);
  }
}

TEST(Loader, ThrowsTheErrorOfTheBatchItIsIn) {
  for (const int workers : {1, 3}) {
    LoaderOptions options;
    options.batch_size = 4;
    options.workers = workers;
    Loader loader(std::make_shared<FakeDataset>(40, 22), options);
    Batch batch;
    for (int k = 0; k < 5; ++k) ASSERT_TRUE(loader.next(batch)) << k;
    for (int again = 0; again < 2; ++again) {
      try {
        loader.next(batch);
        FAIL() << "no error";
      } catch (const DataError& error) {
        EXPECT_STREQ(error.what(), "fake 22: pixels: broken");
      }
    }
  }
}

// A destructor that waited for the batch in work would take a quarter of an hour.
TEST(Loader, CanBeDroppedAtAnyTime) {
  for (int taken = 0; taken < 4; ++taken) {
    LoaderOptions options;
    options.batch_size = taken == 0 ? 100000 : 2;
    options.workers = 2;
    Loader loader(std::make_shared<FakeDataset>(100000, -1, 10), options);
    Batch batch;
    for (int k = 0; k < taken; ++k) EXPECT_TRUE(loader.next(batch));
  }
}

TEST(Loader, WorksAheadOfItsUseAndNoFurther) {
  LoaderOptions options;
  options.batch_size = 10;
  options.prefetch = 3;
  options.workers = 2;
  const auto dataset = std::make_shared<FakeDataset>(100);
  Loader loader(dataset, options);
  const auto wait_for = [&](std::int64_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (dataset->decoded() < count && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // time to go too far
    return dataset->decoded();
  };
  EXPECT_EQ(wait_for(30), 30);
  Batch batch;
  EXPECT_TRUE(loader.next(batch));
  EXPECT_EQ(wait_for(40), 40);
}

TEST(Loader, RefusesOptionsOutOfRange) {
  const auto dataset = std::make_shared<FakeDataset>(10);
  const auto message = [&](LoaderOptions options) -> std::string {
    try {
      const Loader loader(dataset, std::move(options));
    } catch (const DataError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message({}), "no error");
  EXPECT_EQ(message({.batch_size = 0}), "loader: batch_size: is 0, expected 1 to 1048576");
  EXPECT_THAT(message({.workers = 0}), HasSubstr("workers: is 0"));
  EXPECT_THAT(message({.prefetch = -1}), HasSubstr("prefetch: is -1"));
  EXPECT_THAT(message({.first_batch = 2}), HasSubstr("first_batch: is 2, expected 0 to 1"));
  EXPECT_THAT(message({.form = {.channels = 2}}), HasSubstr("channels"));
  EXPECT_THAT(message({.form = {.height = -4}}), HasSubstr("height: is -4"));
  EXPECT_THAT(message({.form = {.channels = 1}}), HasSubstr("is for 3 channels, expected 1"));
  EXPECT_THAT(message({.indices = std::vector<std::int64_t>{10}}), HasSubstr("index: is 10"));
  LoaderOptions bad_augmentation;
  bad_augmentation.augmentation.cutout = -1;
  EXPECT_THAT(message(bad_augmentation), HasSubstr("cutout: is -1"));
}

}  // namespace
}  // namespace trispike::data
