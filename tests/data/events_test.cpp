// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What holds for every event format.
#include "trispike/data/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(EventFormats, EachHasASampleAndANameOfItsOwn) {
  const std::vector<EventSample> samples = event_samples();
  for (const EventFormat& format : event_formats()) {
    EXPECT_EQ(std::ranges::count(event_formats(), format.name, &EventFormat::name), 1);
    EXPECT_GE(std::ranges::count(samples, format.name, &EventSample::format), 1) << format.name;
    EXPECT_FALSE(format.summary.empty());
  }
}

class EverySample : public testing::TestWithParam<EventSample> {};

TEST_P(EverySample, IsRecognisedAndRead) {
  const EventSample& sample = GetParam();
  const auto reader = open_events(sample.bytes, sample.file);
  EXPECT_EQ(reader->format(), sample.format);
  EXPECT_EQ(reader->width(), sample.width);
  EXPECT_EQ(reader->height(), sample.height);
  EXPECT_EQ(reader->header_bytes(), sample.header_bytes);
  EXPECT_EQ(read_events(*reader), sample.events);
  EXPECT_EQ(reader->records(), sample.records);
  std::vector<Event> more(3);
  EXPECT_EQ(reader->read(more), 0u);
}

TEST_P(EverySample, IsReadFromAFile) {
  const EventSample& sample = GetParam();
  const TemporaryFolder folder;
  save(folder / sample.file, sample.bytes);
  EXPECT_TRUE(is_event_file(folder / sample.file));
  EXPECT_EQ(read_events(*open_events(folder / sample.file, sample.format)), sample.events);
}

TEST_P(EverySample, GivesTheSameEventsOneByOne) {
  const EventSample& sample = GetParam();
  const auto reader = open_events(sample.bytes, sample.file);
  std::vector<Event> events;
  for (std::array<Event, 1> one; reader->read(one) == 1;) events.push_back(one[0]);
  EXPECT_EQ(events, sample.events);
}

TEST_P(EverySample, WithoutDataHoldsNoEvent) {
  const EventSample& sample = GetParam();
  if (sample.header_bytes == 0) return;  // no header that could stand alone
  const Bytes header(sample.bytes.begin(),
                     sample.bytes.begin() +
                         static_cast<std::ptrdiff_t>(sample.header_bytes + sample.prefix_bytes));
  const auto reader = open_events(header, sample.file, sample.format);
  if (sample.format != "aedat4") {  // whose header says where its packets end
    EXPECT_EQ(read_events(*reader), std::vector<Event>());
  }
  EXPECT_EQ(reader->header_bytes(), sample.header_bytes);
}

// Cut off anywhere, a recording gives its first events and then, unless the cut falls between two
// records, an error that names file and byte.
TEST_P(EverySample, CutOffGivesWhatIsThere) {
  const EventSample& sample = GetParam();
  for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
    const Bytes cut(sample.bytes.begin(), sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    std::vector<Event> events;
    try {
      const auto reader = open_events(cut, sample.file, sample.format);
      for (std::array<Event, 1> one; reader->read(one) == 1;) events.push_back(one[0]);
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(sample.file), HasSubstr(": byte "))) << size;
    }
    ASSERT_LE(events.size(), sample.events.size());
    EXPECT_TRUE(std::ranges::equal(events, std::span(sample.events).first(events.size()))) << size;
  }
}

TEST_P(EverySample, IsSummarised) {
  const EventSample& sample = GetParam();
  const auto reader = open_events(sample.bytes, sample.file);
  const EventSummary summary = summarise_events(*reader);
  EXPECT_EQ(summary.format, sample.format);
  EXPECT_EQ(summary.events, sample.events.size());
  EXPECT_EQ(summary.on_events, std::ranges::count(sample.events, 1, &Event::p));
  EXPECT_EQ(summary.first_us, sample.events.front().t);
  EXPECT_EQ(summary.last_us, sample.events.back().t);
  EXPECT_EQ(summary.max_x, std::ranges::max(sample.events, {}, &Event::x).x);
  EXPECT_EQ(summary.max_y, std::ranges::max(sample.events, {}, &Event::y).y);
}

INSTANTIATE_TEST_SUITE_P(Events, EverySample, testing::ValuesIn(event_samples()),
                         [](const auto& sample) {
                           std::string name = sample.param.file;
                           std::ranges::replace_if(
                               name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(Events, RefusesWhatItDoesNotKnow) {
  const Bytes noise = to_bytes("noise");
  EXPECT_THAT(
      [&] { open_events(noise, "a.xyz"); },
      ThrowsMessage<DataError>(HasSubstr("a.xyz: is no event recording of a known format")));
  EXPECT_THAT([&] { open_events(noise, "a.bin", "evt9"); },
              ThrowsMessage<DataError>(HasSubstr("unknown event format 'evt9', known: auto, ")));
  EXPECT_THAT([&] { open_events(std::filesystem::path("/nowhere/a.bin")); },
              ThrowsMessage<DataError>(HasSubstr("/nowhere/a.bin: cannot be read")));
}

TEST(Events, CountsStepsBackInTime) {
  const EventSample sample = event_sample("aedat2-dvs128");
  EXPECT_EQ(summarise_events(*open_events(sample.bytes, sample.file)).backward_steps, 2);
}

}  // namespace
}  // namespace trispike::data
