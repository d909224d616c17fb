// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"
#include "cli/samples.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Data = CliTest;

TEST_F(Data, GoodDataSet) {
  write_idx_dataset(path("set"), 8, {0, 1, 2});
  for (const std::string command : {"check", "info"}) {
    const Json answer = run_json("data", {"data", command, path("set"), "--json"});
    EXPECT_EQ(answer["path"], path("set"));
    EXPECT_EQ(answer["ok"], true);
    EXPECT_EQ(answer["problems"], Json::array());
    EXPECT_FALSE(answer["summary"].empty());
    const ProgramResult text = run({"data", command, path("set")});
    EXPECT_EQ(text.exit_code, 0);
    EXPECT_THAT(text.out, HasSubstr(answer["summary"][0].get<std::string>()));
    EXPECT_EQ(text.err, "");
  }
}

// The header is whole: only check reads on.
TEST_F(Data, TruncatedPicture) {
  data::Bytes picture = data::encode_png(pattern(64, 1));
  picture.resize(picture.size() - 200);
  data::save(path("cut.png"), picture);
  EXPECT_EQ(run_json("data", {"data", "info", path("cut.png"), "--json"})["ok"], true);

  const ProgramResult text = run({"data", "check", path("cut.png")});
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_EQ(text.out, "");
  EXPECT_THAT(text.err, StartsWith("trispike: error: " + path("cut.png") + ": "));

  const ProgramResult json = run({"data", "check", path("cut.png"), "--json"});
  EXPECT_EQ(json.exit_code, 1);
  const Json answer = checked_json("data", json.out);
  EXPECT_EQ(answer["ok"], false);
  EXPECT_EQ(answer["problems"].size(), 1u);
}

// Worked out by hand: three events, the second of them OFF.
constexpr char kEvents[] = "0.5 7 2 1\n2.25 3 4 0\n2.0 0 0 1\n";

TEST_F(Data, EventRecording) {
  data::save(path("a.txt"), data::to_bytes(kEvents));
  for (const std::string command : {"check", "info"}) {
    const Json answer = run_json("data", {"data", command, path("a.txt"), "--json"});
    EXPECT_EQ(answer["kind"], "text event recording");
    const Json& recording = answer["recording"];
    EXPECT_EQ(recording["format"], "text");
    EXPECT_EQ(recording["width"], 0);
    EXPECT_EQ(recording["events"], 3);
    EXPECT_EQ(recording["on_events"], 2);
    EXPECT_EQ(recording["on_share"], 2.0 / 3);
    EXPECT_EQ(recording["first_us"], 500000);
    EXPECT_EQ(recording["last_us"], 2000000);
    EXPECT_EQ(recording["backward_steps"], 1);
    EXPECT_EQ(recording["max_x"], 7);
  }
}

TEST_F(Data, PrintsEvents) {
  data::save(path("a.txt"), data::to_bytes(kEvents));
  EXPECT_EQ(run({"data", "events", path("a.txt")}).out,
            "500000 7 2 1\n2250000 3 4 0\n2000000 0 0 1\n");
  EXPECT_EQ(run({"data", "events", path("a.txt"), "--limit", "2", "--without-times"}).out,
            "0 7 2 1\n0 3 4 0\n");
  EXPECT_EQ(run({"data", "events", path("a.txt"), "--limit", "0"}).out, "");
}

// By Python: hashlib.sha256(struct.pack("<qHHB", 500000, 7, 2, 1)).
TEST_F(Data, PrintsTheDigest) {
  data::save(path("a.txt"), data::to_bytes(kEvents));
  EXPECT_EQ(run({"data", "events", path("a.txt"), "--digest", "--limit", "1"}).out,
            "19ac8ca7181125563e6d9096db6d63b0b6eec4423a1ec2761ddc94c44d689b5e\n");
}

TEST_F(Data, RefusesEventsItCannotRead) {
  data::save(path("a.txt"), data::to_bytes(kEvents));
  expect_error(2, {"data", "events", path("a.txt"), "--format", "evt9"}, "--format");
  expect_error(2, {"data", "events", path("a.txt"), "--limit", "-1"}, "--limit");
  expect_error(1, {"data", "events", path("a.txt"), "--format", "evt2"},
               "byte 0: does not begin with a header line");
  expect_error(1, {"data", "events", path("nowhere")}, "cannot be read");
}

TEST_F(Data, NothingThere) {
  const ProgramResult result = run({"data", "check", path("nowhere")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(path("nowhere")));
}

}  // namespace
}  // namespace trispike::test
