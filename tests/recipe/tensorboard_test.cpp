// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/tensorboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

std::string hex(const std::string& bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

TEST(Crc32c, GivesTheValuesOfRfc3720) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string rising;
  for (char c = 0; c < 32; ++c) rising += c;
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
}

// The expected bytes were written by RecordWriter and event_pb2 of the Python package
// tensorboard 2.21.
TEST(ScalarEvent, EqualsTensorBoardsOwnEncoding) {
  EXPECT_EQ(hex(tf_record(scalar_event(1700000000.25, 300, "train/loss", 0.375f))),
            "2100000000000000017becf60900001040fc54d94110ac022a130a110a0a747261696e2f6c6f73731500"
            "00c03ea3786555");
  EXPECT_EQ(hex(tf_record(scalar_event(1700000000.25, -1, "a", -2.5f))),
            "200000000000000029eda9500900001040fc54d94110ffffffffffffffffff012a0a0a080a0161150000"
            "20c0b63d5241");
}

class EventFileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = testing::TempDir() + "event_file_" + std::to_string(::getpid());
    std::filesystem::remove_all(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
};

TEST_F(EventFileTest, StartsWithVersionAndSessionThenHoldsTheValues) {
  EventFile file(directory_ + "/deep/er", 7);
  file.scalar("x", 0.5, 9);
  std::ostringstream text;
  text << std::ifstream(file.path(), std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  // Frame 16 bytes; version event 9 + 2 + 13; session event 9 + 2 + 4; scalar event 9 + 2 + 2 + 10.
  EXPECT_EQ(bytes.size(), 3 * 16 + 24 + 15 + 23u);
  EXPECT_EQ(bytes.substr(12 + 9, 15),
            "\x1a\x0d"
            "brain.Event:2");
  EXPECT_EQ(bytes.substr(40 + 12 + 9, 6), std::string("\x10\x07\x3a\x02\x08\x01", 6));
  EXPECT_EQ(bytes.substr(71 + 12 + 9, 2), "\x10\x09");
}

TEST_F(EventFileTest, TwoFilesOfOneSecondDoNotMeet) {
  const EventFile first(directory_, 0);
  const EventFile second(directory_, 0);
  EXPECT_NE(first.path(), second.path());
  EXPECT_THAT(second.path(), testing::HasSubstr("events.out.tfevents."));
}

TEST_F(EventFileTest, APlaceThatCannotBeWrittenIsNamed) {
  EXPECT_THROW(EventFile("/proc/nothing", 0), IoError);
}

}  // namespace
}  // namespace trispike::train
