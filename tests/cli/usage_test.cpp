// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/cli_fixture.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Usage : public CliTest {
 protected:
  void expect_usage_error(const std::vector<std::string>& arguments, const std::string& message) {
    const ProgramResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("trispike: error: " + message));
  }
};

TEST_F(Usage, Version) {
  const ProgramResult result = run({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, ::testing::MatchesRegex("trispike [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(Usage, HelpNamesEveryCommandAndEachHasExamples) {
  const ProgramResult help = run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("Examples:"));
  for (const std::string command : {"import", "show", "predict", "eval", "count", "data"}) {
    EXPECT_THAT(help.out, HasSubstr("\n  " + command + " "));
    const ProgramResult own = run({command, "--help"});
    EXPECT_EQ(own.exit_code, 0);
    EXPECT_THAT(own.out, HasSubstr("trispike " + command + " "));
    EXPECT_THAT(own.out, HasSubstr("Example"));
  }
}

TEST_F(Usage, Faults) {
  expect_usage_error({}, "A subcommand is required\nsee trispike --help\n");
  expect_usage_error({"shwo"},
                     "unknown command 'shwo'; did you mean 'show'?\nsee trispike --help\n");
  expect_usage_error({"frobnicate"}, "unknown command 'frobnicate'\nsee trispike --help\n");
  expect_usage_error({"data", "chek"},
                     "unknown command 'chek'; did you mean 'check'?\nsee trispike data --help\n");
  expect_usage_error(
      {"show", "resnet20", "--widht", "16"},
      "unknown option '--widht'; did you mean '--width'?\nsee trispike show --help\n");
  expect_usage_error({"show", "resnet20", "extra"}, "unexpected argument 'extra'\n");
  expect_usage_error({"show"}, "TARGET is required\n");
  expect_usage_error({"eval", "model.safetensors"}, "--data is required\n");
  expect_usage_error({"predict", "m", "f", "--top", "0"}, "--top: ");
}

}  // namespace
}  // namespace trispike::test
