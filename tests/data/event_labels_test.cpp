// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/data/event_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "event_fixtures.h"

namespace trispike::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::string kHeading = "class,startTime_usec,endTime_usec\n";

class EventLabels : public testing::Test {
 protected:
  std::vector<EventLabel> read(const std::string& text) const {
    save(folder_ / "labels.csv", to_bytes(text));
    return read_event_labels(folder_ / "labels.csv");
  }
  void expect_refused(const std::string& text, const std::string& message) const {
    EXPECT_THAT([&] { read(text); }, ThrowsMessage<DataError>(HasSubstr("labels.csv: " + message)));
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(EventLabels, AreReadInTheirOrder) {
  EXPECT_THAT(read(kHeading + "1,5,9\r\n11,9,5000000000\n"),
              ElementsAre(EventLabel{1, 5, 9}, EventLabel{11, 9, 5000000000}));
  EXPECT_THAT(read(kHeading), ElementsAre());
}

TEST_F(EventLabels, RefuseOtherLines) {
  expect_refused("", "is empty");
  expect_refused("a,b,c\n1,5,9\n", "line 1: 'a,b,c' is not the heading");
  for (const std::string line : {"1,5", "1,5,9,2", "1,5,x", "-1,5,9", "1;5;9", "1, 5,9"}) {
    expect_refused(kHeading + line + "\n", "line 2: '" + line + "' is no label");
  }
  expect_refused(kHeading + "1,5,4\n", "line 2: '1,5,4' ends before it begins");
  expect_refused(kHeading + "\n1,5,4\n", "line 3: '1,5,4' ends before it begins");
  expect_refused(kHeading + "1,5,9\n2,8,9\n",
                 "line 3: '2,8,9' begins before the part above it has ended");
}

std::vector<std::vector<std::int64_t>> cut(const std::string& text,
                                           const std::vector<EventLabel>& labels) {
  std::vector<std::vector<std::int64_t>> parts;
  const auto reader = open_events(to_bytes(text), "a.txt");
  cut_events(*reader, labels, [&](const EventLabel&, const std::vector<Event>& events) {
    parts.emplace_back();
    for (const Event& event : events) parts.back().push_back(event.t);
  });
  return parts;
}

TEST(CutEvents, PartsBeginInclusiveAndEndExclusive) {
  const std::string text = "4 0 0 0\n5 0 0 0\n8 0 0 0\n9 0 0 0\n12 0 0 0\n";
  EXPECT_THAT(cut(text, {{1, 5, 9}, {2, 9, 10}, {3, 10, 12}, {4, 12, 20}, {5, 30, 40}}),
              ElementsAre(ElementsAre(5, 8), ElementsAre(9), ElementsAre(), ElementsAre(12),
                          ElementsAre()));
}

// Small steps back in time occur; one into a part that was already handed out must not be lost.
TEST(CutEvents, RefusesEventsOfAPartThatIsOver) {
  EXPECT_THAT(cut("8 0 0 0\n7 0 0 0\n", {{1, 5, 9}}), ElementsAre(ElementsAre(8, 7)));
  EXPECT_THAT(
      [] {
        cut("8 0 0 0\n9 0 0 0\n7 0 0 0\n", {{1, 5, 9}});
      },
      ThrowsMessage<DataError>(HasSubstr("a.txt: event at 7 us: comes after events of 9 us")));
}

}  // namespace
}  // namespace trispike::data
