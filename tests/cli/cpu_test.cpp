// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"

namespace trispike::test {
namespace {

using Cpu = CliTest;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(Cpu, ChoosesASupportedTarget) {
  const Json answer = run_json("cpu", {"cpu", "--json"});
  bool found = false;
  for (const Json& target : answer["targets"]) {
    found = found || (target["name"] == answer["chosen"] && target["supported"] == true);
  }
  EXPECT_TRUE(found) << answer;
  EXPECT_THAT(run({"cpu"}).out, HasSubstr("in use"));
}

TEST_F(Cpu, EnvironmentForcesATarget) {
  EXPECT_EQ(run_json("cpu", {"cpu", "--json"}, {"TRISPIKE_TARGET=scalar"})["chosen"], "scalar");
}

TEST_F(Cpu, UnknownTargetIsASettingThatCannotBeUsed) {
  const ProgramResult result = run({"cpu"}, {"TRISPIKE_TARGET=abacus"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, StartsWith("trispike: error: TRISPIKE_TARGET: "));
  EXPECT_THAT(result.err, HasSubstr("'abacus'"));
}

}  // namespace
}  // namespace trispike::test
