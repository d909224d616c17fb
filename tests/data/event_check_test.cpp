// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// `trispike data info|check` on event recordings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"
#include "trispike/data/check.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(EventCheck, DescribesEveryFormat) {
  const TemporaryFolder folder;
  for (const EventSample& sample : event_samples()) {
    save(folder / sample.file, sample.bytes);
    for (const CheckReport& report : {info(folder / sample.file), check(folder / sample.file)}) {
      EXPECT_EQ(report.kind, sample.format + " event recording");
      ASSERT_TRUE(report.recording) << sample.file;
      EXPECT_EQ(report.recording->events, sample.events.size());
      EXPECT_EQ(report.recording->last_us, sample.events.back().t);
    }
  }
}

TEST(EventCheck, SummarisesForAPerson) {
  const TemporaryFolder folder;
  save(folder / "a.txt", to_bytes("0.5 7 2 1\n2.25 3 4 0\n2.0 0 0 0\n"));
  EXPECT_THAT(
      check(folder / "a.txt").summary,
      ElementsAre("text event recording: 3 events, 3 records, header of 0 bytes",
                  "sensor of unknown size, largest column 7, row 4",
                  "33.33 % of the events have polarity bit 1", "from 500000 to 2000000 us: 1.500 s",
                  "1 events are earlier than the one before them"));
}

TEST(EventCheck, ReportsDamage) {
  const TemporaryFolder folder;
  Bytes cut = event_sample("aedat2-dvs128").bytes;
  cut.pop_back();
  save(folder / "cut.aedat", cut);
  const CheckReport report = check(folder / "cut.aedat");
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.kind, "aedat2-dvs128 event recording");
  EXPECT_FALSE(report.recording);
  EXPECT_THAT(report.problems, ElementsAre(HasSubstr("cut.aedat: byte ")));
}

TEST(EventCheck, ReportsEventsOutsideTheSensor) {
  const TemporaryFolder folder;
  save(folder / "a.raw", Writer()
                             .text("% evt 2.0\n% geometry 640x480\n")
                             .little(0x8000'0000, 4)
                             .little(640 << 11, 4)
                             .bytes());
  EXPECT_THAT(check(folder / "a.raw").problems,
              ElementsAre(HasSubstr("a.raw: holds events outside its sensor: sensor 640x480, "
                                    "largest column 640, row 0")));
}

}  // namespace
}  // namespace trispike::data
