// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

Processes processes_of(std::map<std::string, std::string> variables) {
  return processes_of_environment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

std::map<std::string, std::string> rank_of_four(const std::string& rank) {
  return {{"RANK", rank},
          {"WORLD_SIZE", "4"},
          {"LOCAL_WORLD_SIZE", "2"},
          {"MASTER_ADDR", "localhost"},
          {"MASTER_PORT", "29500"}};
}

TEST(ProcessesOfEnvironment, CountsRanksOfAMachine) {
  EXPECT_EQ(processes_of({}).rank_on_this_machine, 0);
  EXPECT_EQ(processes_of(rank_of_four("2")).rank_on_this_machine, 0);
  EXPECT_EQ(processes_of(rank_of_four("3")).rank_on_this_machine, 1);
  const auto with = [](const std::string& local) {
    auto variables = rank_of_four("3");
    variables.emplace("LOCAL_RANK", local);
    return variables;
  };
  EXPECT_EQ(processes_of(with("0")).rank_on_this_machine, 0);
  try {
    processes_of(with("2"));
    FAIL() << "no error";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("LOCAL_RANK: '2' in the environment, expected a "
                                                   "number from 0 to 1"));
  }
}

}  // namespace
}  // namespace trispike::train
