// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Data sets of event recordings, and samples made of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "event_fixtures.h"
#include "fixtures.h"
#include "formats/formats.h"
#include "support/data.h"
#include "trispike/data/check.h"
#include "trispike/data/loader.h"
#include "trispike/data/sample.h"
#include "trispike/data/subset.h"
#include "trispike/model/sha256.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// N-MNIST's coding: x, y, then the polarity in the top bit of a 24-bit time.
Bytes nmnist(const std::vector<Event>& events) {
  Writer out;
  for (const Event& event : events) {
    out.big(event.x, 1).big(event.y, 1);
    out.big(static_cast<std::uint64_t>(event.t) | (event.p != 0 ? 1u << 23 : 0u), 3);
  }
  return out.bytes();
}

/// AEDAT 2.0 of a DVS128.
Bytes aedat2(const std::vector<Event>& events) {
  Writer out;
  out.text("#!AER-DAT2.0\r\n");
  for (const Event& event : events) {
    out.big(static_cast<std::uint64_t>(event.y) << 8 | event.x << 1 | event.p, 4);
    out.big(static_cast<std::uint64_t>(event.t), 4);
  }
  return out.bytes();
}

/// Recording `number`: its events tell it apart.
std::vector<Event> events_of(int number) {
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) {
    events.push_back({100 * i + number, std::uint16_t((i + number) % 34),
                      std::uint16_t((3 * i) % 34), std::uint8_t(i % 2)});
  }
  return events;
}

std::vector<std::pair<std::string, Bytes>> nmnist_files() {
  return {{"train/0/1.bin", nmnist(events_of(1))},
          {"train/0/2.bin", nmnist(events_of(2))},
          {"train/7/3.bin", nmnist(events_of(3))},
          {"test/7/4.bin", nmnist(events_of(4))},
          {"index.tsv", to_bytes("not a recording")}};
}

TEST(EventFolder, OnDiskAndInATar) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : nmnist_files()) save(folder / ("set/" + name), bytes);
  save(folder / "set.tar", make_tar(nmnist_files()));
  for (const char* name : {"set", "set.tar"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(find_format(folder / name).name, "event_folder");
    EXPECT_THAT(find_format(folder / name).splits(folder / name),
                ElementsAre(Split::kTrain, Split::kTest));
    const auto train = open_dataset(folder / name, Split::kTrain);
    const auto test = open_dataset(folder / name, Split::kTest);
    EXPECT_TRUE(train->has_events());
    EXPECT_EQ(train->channels(), 2);
    EXPECT_EQ(train->width(), 34) << "the usual sensor that holds all events";
    EXPECT_EQ(train->height(), 34);
    EXPECT_THAT(train->class_names(), ElementsAre("0", "7"));
    ASSERT_EQ(train->size(), 3);
    ASSERT_EQ(test->size(), 1);
    EXPECT_EQ(train->label(1), 0);
    EXPECT_EQ(train->label(2), 1);
    EXPECT_EQ(test->label(0), 1);
    EXPECT_EQ(train->events(1).events, events_of(2));
    EXPECT_EQ(test->events(0).events, events_of(4));
    EXPECT_THAT(train->describe(),
                HasSubstr("3 event recordings of a sensor of 34x34, 2 classes (0, 7)"));
    EXPECT_THAT(message_of([&] { train->image(0); }),
                HasSubstr("1.bin: is a recording of events, not a picture"));
    const auto last = subset(open_dataset(folder / name, Split::kTrain), {2});
    EXPECT_TRUE(last->has_events());
    EXPECT_EQ(last->events(0).events, events_of(3));
  }
}

TEST(EventFolder, DamagedRecordingsAreNamed) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : nmnist_files()) save(folder / name, bytes);
  Bytes cut = nmnist(events_of(2));
  cut.pop_back();
  save(folder / "train/0/2.bin", cut);
  const CheckReport report = check(folder.path());
  EXPECT_FALSE(report.ok);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0], HasSubstr("train/0/2.bin"));
  EXPECT_EQ(report.kind, "event_folder data set");
  EXPECT_THAT(report.summary, testing::Contains(HasSubstr("2 recordings, 40 events")));
}

TEST(EventList, CutsRecordingsIntoWholeWindows) {
  const TemporaryFolder folder;
  std::vector<Event> events;  // from 1,000 us to 4,500 us
  for (int i = 0; i < 36; ++i) events.push_back({1000 + 100 * i, std::uint16_t(i), 100, 1});
  save(folder / "a/cup.aedat", aedat2(events));
  save(folder / "b/cup.aedat", aedat2(events));
  save(folder / "b/pen.aedat", aedat2({events.begin(), events.begin() + 11}));
  save(folder / "list.tsv",
       to_bytes("# trispike event list\n# window_us 1000\ntrain\tpen\tb/pen.aedat\n"
                "train\tcup\ta/cup.aedat\ntest\tcup\tb/cup.aedat\n"));
  const std::filesystem::path path = folder / "list.tsv";
  EXPECT_EQ(find_format(path).name, "event_list");
  for (const std::int64_t cache_bytes : {std::int64_t{0}, std::int64_t{1} << 30}) {
    const auto train = open_dataset(path, Split::kTrain, {.cache_bytes = cache_bytes});
    EXPECT_THAT(train->class_names(), ElementsAre("cup", "pen"));
    ASSERT_EQ(train->size(), 4) << "1 window of the pen, 3 of the cup; the rest is too short";
    EXPECT_EQ(train->label(0), 1);
    EXPECT_EQ(train->label(3), 0);
    EXPECT_EQ(train->events(0).events, (std::vector<Event>{events.begin(), events.begin() + 10}));
    EXPECT_EQ(train->events(2).events,
              (std::vector<Event>{events.begin() + 10, events.begin() + 20}));
    EXPECT_EQ(train->width(), 128);
    EXPECT_THAT(train->name(2), HasSubstr("cup.aedat, 2000 to 3000 us"));
  }
  EXPECT_EQ(open_dataset(path, Split::kTest)->size(), 3);
  EXPECT_TRUE(check(path).ok);

  save(path, to_bytes("# trispike event list\ntrain\tcup\ta/cup.aedat\n"));
  const auto whole = open_dataset(path, Split::kTrain);
  ASSERT_EQ(whole->size(), 1);
  EXPECT_EQ(whole->events(0).events, events);
  EXPECT_THAT(message_of([&] { open_dataset(path, Split::kTest); }),
              HasSubstr("lists no recording of split 'test'"));
}

TEST(EventList, SaysWhichLineIsWrong) {
  const TemporaryFolder folder;
  const auto message = [&](const std::string& text) {
    save(folder / "list.tsv", to_bytes("# trispike event list\n" + text));
    return message_of([&] { open_dataset(folder / "list.tsv", Split::kTrain); });
  };
  EXPECT_THAT(message("train\tcup\n"), HasSubstr("list.tsv: line 2: expected three cells"));
  EXPECT_THAT(message("\n\ntrain\tcup\n"), HasSubstr("list.tsv: line 4: expected three cells"));
  EXPECT_THAT(message("train\ta\tb\nvalidation\tcup\tx\n"), HasSubstr("line 3: expected three"));
  EXPECT_THAT(message("# window_us 1e5\n"), HasSubstr("line 2: the window is '1e5'"));
  EXPECT_THAT(message("# window_us 0\n"), HasSubstr("the window is '0'"));
  EXPECT_THAT(message(""), HasSubstr("lists no recording"));
  EXPECT_THAT(message("train\tcup\tmissing.aedat\n"), HasSubstr("missing.aedat"));
}

// The rule of tools/cifar10_dvs_split.py, applied with another implementation of SHA-256.
TEST(Cifar10Dvs, SplitFollowsItsRule) {
  for (int label = 0; label < 10; ++label) {
    std::vector<std::pair<std::string, int>> by_digest;
    for (int number = 0; number < 1000; ++number) {
      const std::string file =
          "cifar10_" + cifar10_class_names()[label] + "_" + std::to_string(number) + ".aedat";
      model::Sha256 sha;
      sha.update(file);
      by_digest.emplace_back(sha.finish(), number);
    }
    std::ranges::sort(by_digest);
    for (int rank = 0; rank < 1000; ++rank) {
      ASSERT_EQ(cifar10_dvs::in_test_split(label, by_digest[rank].second), rank < 100)
          << by_digest[rank].second;
    }
  }
}

TEST(Cifar10Dvs, ReadsItsFolders) {
  const TemporaryFolder folder;
  int tests = 0;
  for (int number = 0; number < 40; ++number) {
    const std::string name = "cifar10_bird_" + std::to_string(number) + ".aedat";
    save(folder / ("bird/" + name), aedat2({{number, 5, 6, 1}}));
    tests += cifar10_dvs::in_test_split(2, number) ? 1 : 0;
  }
  save(folder / "airplane/cifar10_airplane_999.aedat", aedat2({{7, 127, 0, 0}}));
  EXPECT_EQ(find_format(folder.path()).name, "cifar10_dvs");
  const auto train = open_dataset(folder.path(), Split::kTrain);
  const auto test = open_dataset(folder.path(), Split::kTest);
  EXPECT_EQ(train->num_classes(), 10);
  EXPECT_EQ(train->width(), 128);
  EXPECT_EQ(train->size() + test->size(), 41);
  EXPECT_GE(test->size(), tests);
  for (std::int64_t i = 0; i < test->size(); ++i) {
    if (test->label(i) != 2) continue;
    EXPECT_TRUE(cifar10_dvs::in_test_split(2, static_cast<int>(test->events(i).events[0].t)));
  }
  save(folder / "bird/cifar10_bird_1000.aedat", aedat2({}));
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTrain); }),
              HasSubstr("cifar10_bird_1000.aedat: is not called like"));
}

TEST(DvsGesture, CutsRecordingsByTheirLabels) {
  const TemporaryFolder folder;
  const EventSample sample = event_sample("aedat3");
  std::vector<Event> events = sample.events;
  ASSERT_GE(events.size(), 2u);
  std::ranges::stable_sort(events, {}, &Event::t);
  const std::int64_t middle = events[events.size() / 2].t;
  const auto labels = [&](const std::string& first) {
    return to_bytes("class,startTime_usec,endTime_usec\n" + first + "," +
                    std::to_string(events.front().t) + "," + std::to_string(middle) + "\n9," +
                    std::to_string(middle) + "," + std::to_string(events.back().t + 1) + "\n");
  };
  save(folder / "user01_led.aedat", sample.bytes);
  save(folder / "user01_led_labels.csv", labels("2"));
  save(folder / "user02_led.aedat", sample.bytes);
  save(folder / "user02_led_labels.csv", labels("11"));
  save(folder / "user03_led_labels.csv", to_bytes("no recording"));
  EXPECT_EQ(find_format(folder.path()).name, "dvs_gesture");
  EXPECT_EQ(open_dataset(folder.path(), Split::kTest)->size(), 4) << "without lists it is all";
  save(folder / "trials_to_train.txt", to_bytes("user02_led.aedat\n"));
  save(folder / "trials_to_test.txt", to_bytes("user01_led.aedat\n"));
  const auto train = open_dataset(folder.path(), Split::kTrain);
  ASSERT_EQ(train->size(), 2);
  EXPECT_EQ(train->label(0), 10);
  EXPECT_EQ(train->label(1), 8);
  std::vector<Event> parts = train->events(0).events;
  for (const Event& event : parts) EXPECT_LT(event.t, middle);
  const std::vector<Event> rest = train->events(1).events;
  parts.insert(parts.end(), rest.begin(), rest.end());
  EXPECT_EQ(parts, events);
  EXPECT_EQ(open_dataset(folder.path(), Split::kTest)->label(0), 1);
  save(folder / "user01_led_labels.csv", labels("12"));
  EXPECT_THAT(message_of([&] { open_dataset(folder.path(), Split::kTest); }),
              HasSubstr("class 12, expected 1 to 11"));
}

TEST(DvsGesture, NamesTheListOrTheLabelsThatAreWrong) {
  const TemporaryFolder folder;
  save(folder / "user01_led.aedat", event_sample("aedat3").bytes);
  save(folder / "user01_led_labels.csv", to_bytes("class,startTime_usec,endTime_usec\n2,0,9\n"));
  const auto message = [&](const std::string& list) {
    save(folder / "trials_to_test.txt", to_bytes(list));
    return message_of([&] { open_dataset(folder.path(), Split::kTest); });
  };
  EXPECT_EQ(message("user01_led.aedat\n"), "no error");
  EXPECT_THAT(message("user02_led.aedat\n"),
              HasSubstr("trials_to_test.txt: line 1: names 'user02_led.aedat', but there is no "));
  EXPECT_THAT(message("user01_led.aedat\nuser01_led.aedat\n"),
              HasSubstr("line 2: names 'user01_led.aedat' twice"));
  EXPECT_THAT(message("\n"), HasSubstr("trials_to_test.txt: holds no labelled recording"));
  save(folder / "user01_led_labels.csv", to_bytes("class,startTime_usec,endTime_usec\n"));
  EXPECT_THAT(message("user01_led.aedat\n"), HasSubstr("user01_led_labels.csv: labels no gesture"));
}

TEST(EventSamples, LoaderAndFilesGiveTheSameFrames) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : nmnist_files()) save(folder / name, bytes);
  const std::shared_ptr<const Dataset> train = open_dataset(folder.path(), Split::kTrain);
  SampleForm form;
  form.frames = {.time_steps = 3, .by = FramesBy::kTime};
  form.height = 17;
  form.width = 12;
  const SamplePreparer preparer(complete(form, *train));
  EXPECT_EQ(preparer.elements(), 3 * 2 * 17 * 12);
  FrameOptions options = *form.frames;
  options.height = 17;
  options.width = 12;
  const std::vector<float> expected = make_frames({events_of(2), 34, 34}, options);
  EXPECT_EQ(preparer.prepare(*train, 1), expected);
  EXPECT_EQ(preparer.prepare_file((folder / "train/0/2.bin").string()), expected);

  form.channels_last = true;
  LoaderOptions loading;
  loading.form = form;
  loading.batch_size = 3;
  Loader loader(train, loading);
  Batch batch;
  ASSERT_TRUE(loader.next(batch));
  ASSERT_EQ(batch.images.size(), 3 * expected.size());
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t c = 0; c < 2; ++c) {
      for (std::size_t p = 0; p < 17 * 12; ++p) {
        ASSERT_EQ(batch.images[expected.size() + (t * 17 * 12 + p) * 2 + c],
                  expected[(t * 2 + c) * 17 * 12 + p]);
      }
    }
  }
}

TEST(EventSamples, AreAugmentedByTheSeed) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : nmnist_files()) save(folder / name, bytes);
  const std::shared_ptr<const Dataset> train = open_dataset(folder.path(), Split::kTrain);
  SampleForm form;
  form.frames = {.time_steps = 2};
  const SamplePreparer preparer(complete(form, *train), {.flip = true, .roll = 5});
  std::vector<float> sample(static_cast<std::size_t>(preparer.elements()));
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    std::vector<float> expected = preparer.prepare(*train, 0);
    Random random(seed);
    Random same(seed);
    augment_frames(expected, 34, 34, true, 5, same);
    preparer.prepare(*train, 0, random, sample);
    EXPECT_EQ(sample, expected);
  }
}

TEST(EventSamples, AreNoPicturesAndPicturesNoEvents) {
  SampleForm frames{2, 8, 8, {{0, 0}, {1, 1}}};
  frames.frames = FrameOptions{};
  const SampleForm picture{1, 8, 8, {{0}, {1}}};
  EXPECT_THAT(message_of([&] { SamplePreparer(frames).prepare(Image(1, 8, 8)); }),
              HasSubstr("this is a picture"));
  EXPECT_THAT(message_of([&] { SamplePreparer(picture).prepare(EventRecording{}); }),
              HasSubstr("this is a recording of events"));
  EXPECT_THAT(message_of([&] { SamplePreparer(picture, {.roll = 2}); }),
              HasSubstr("roll: is 2, but is for frames"));
  EXPECT_THAT(message_of([&] { SamplePreparer(frames, {.cutout = 2}); }),
              HasSubstr("of frames of events is flip and roll"));
  frames.channels = 1;
  EXPECT_THAT(message_of([&] { SamplePreparer{frames}; }), HasSubstr("channels: is 1"));
}

// The same gestures twice: as AEDAT 3.1 with labels, and one N-MNIST-coded file each.
TEST(RealEvents, DvsGestureEqualsItsSingleGestures) {
  TRISPIKE_TEST_DATA(folder, "events/dvs-gesture");
  const auto gestures = open_dataset(folder, Split::kTrain);
  EXPECT_EQ(gestures->format(), "dvs_gesture");
  ASSERT_EQ(gestures->size(), 7);
  for (std::int64_t i = 0; i < gestures->size(); ++i) {
    std::string number = std::to_string(100 + gestures->label(i) + 1);
    number.erase(0, 1);  // two digits
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string file = entry.path().filename().string();
      if (!file.starts_with(number + "_") || entry.path().extension() != ".bin") continue;
      const std::vector<Event> expected = read_events(*open_events(entry.path()));
      const std::vector<Event> found = gestures->events(i).events;
      ASSERT_EQ(found.size(), expected.size()) << file;
      for (std::size_t k = 0; k < found.size(); ++k) {
        ASSERT_EQ(found[k].x, expected[k].x) << file;
        ASSERT_EQ(found[k].y, expected[k].y) << file;
        ASSERT_EQ(found[k].p, expected[k].p) << file;
      }
    }
  }
}

TEST(RealEvents, NmnistSmallInItsTar) {
  TRISPIKE_TEST_DATA(path, "events/nmnist-small/nmnist-small.tar");
  std::int64_t events = 0;
  for (const auto& [split, size] : {std::pair{Split::kTrain, 667}, std::pair{Split::kTest, 67}}) {
    const auto dataset = open_dataset(path, split);
    EXPECT_EQ(dataset->size(), size);
    EXPECT_EQ(dataset->num_classes(), 10);
    EXPECT_EQ(dataset->width(), 34);
    EXPECT_EQ(dataset->height(), 34);
    for (std::int64_t i = 0; i < size; ++i) events += std::ssize(dataset->events(i).events);
  }
  EXPECT_EQ(events, 3'008'045);
}

}  // namespace
}  // namespace trispike::data
