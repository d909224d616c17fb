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

TEST_F(Data, NothingThere) {
  const ProgramResult result = run({"data", "check", path("nowhere")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(path("nowhere")));
}

}  // namespace
}  // namespace trispike::test
