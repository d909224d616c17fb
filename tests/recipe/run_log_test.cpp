// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

class RunLogTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ = testing::TempDir() + "run_log_" + info->name() + ".jsonl";
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string content() const {
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  void put(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }

  std::string path_;
};

TEST_F(RunLogTest, WritesOneObjectPerLineInTheOrderGiven) {
  RunLog log(path_, 0);
  log.write("start", 0, {{"device", "cpu"}});
  log.write("epoch", 704, {{"epoch", std::int64_t{2}}, {"train_loss", 0.5}});
  EXPECT_EQ(content(),
            "{\"event\":\"start\",\"iteration\":0,\"device\":\"cpu\"}\n"
            "{\"event\":\"epoch\",\"iteration\":704,\"epoch\":2,\"train_loss\":0.5}\n");
}

TEST_F(RunLogTest, EveryLineIsJsonWhateverTheValues) {
  RunLog log(path_, 0);
  log.write("odd", 1,
            {{"loss", std::numeric_limits<double>::quiet_NaN()},
             {"rate", std::numeric_limits<double>::infinity()},
             {"file", std::string("a\"b\n\xff.jpg")}});
  const auto entry = nlohmann::json::parse(content());
  EXPECT_TRUE(entry["loss"].is_null());
  EXPECT_TRUE(entry["rate"].is_null());
  EXPECT_EQ(entry["file"], "a\"b\n\xEF\xBF\xBD.jpg");
}

TEST_F(RunLogTest, ResumeRemovesLaterIterationsOnly) {
  {
    RunLog log(path_, 0);
    for (const std::int64_t iteration : {0, 10, 20, 30}) log.write("epoch", iteration, {});
  }
  RunLog(path_, 20).write("resume", 20, {});
  EXPECT_EQ(content(),
            "{\"event\":\"epoch\",\"iteration\":0}\n{\"event\":\"epoch\",\"iteration\":10}\n"
            "{\"event\":\"epoch\",\"iteration\":20}\n{\"event\":\"resume\",\"iteration\":20}\n");
}

TEST_F(RunLogTest, ALineCutOffByAKilledRunIsRemoved) {
  const std::string first = "{\"event\":\"epoch\",\"iteration\":10}\n";
  for (const std::string tail : {"{\"event\":\"ep", "{\"event\":\"epoch\",\"iteration\":20}"}) {
    put(first + tail);
    RunLog(path_, 100);
    EXPECT_EQ(content(), first);
  }
}

TEST_F(RunLogTest, ANewRunEmptiesAnOldLog) {
  put("{\"event\":\"start\",\"iteration\":0}\n");
  RunLog(path_, 0);
  EXPECT_EQ(content(), "");
}

TEST_F(RunLogTest, AFileThatIsNoLogIsRefusedAndKept) {
  const std::string first = "{\"event\":\"epoch\",\"iteration\":10}\n";
  for (const std::string line :
       {"not JSON\n", "{\"event\":1}\n", "[1]\n", "{\"iteration\":1.5}\n"}) {
    put(first + line);
    try {
      RunLog(path_, 100);
      ADD_FAILURE() << line;
    } catch (const FormatError& error) {
      EXPECT_EQ(error.offset(), first.size());
      EXPECT_THAT(error.what(), testing::HasSubstr("iteration"));
    }
    EXPECT_EQ(content(), first + line);
  }
}

TEST_F(RunLogTest, APlaceThatCannotBeWrittenIsNamed) {
  try {
    RunLog("/does/not/exist/log.jsonl", 0);
    ADD_FAILURE();
  } catch (const IoError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("/does/not/exist/log.jsonl"));
  }
}

}  // namespace
}  // namespace trispike::train
