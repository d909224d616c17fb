// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Several processes that train one network, started by the program or by hand.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/train_fixture.h"
#include "trispike/model/model_data.h"

namespace trispike::test {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

const std::vector<std::string> kEndless = {"--set", "train.epochs=100000", "--json"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// The processes that a program has started, in order.
std::vector<pid_t> children_of(const Program& program) {
  const std::string id = std::to_string(program.id());
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> children;
  for (pid_t child; file >> child;) children.push_back(child);
  return children;
}

TEST_F(Train, TwoProcessesTrainOneNetwork) {
  const Json trained = run_json("train", train("run", {"--json", "--quiet", "--processes", "2"}));
  EXPECT_EQ(trained["finished"], true);
  EXPECT_EQ(trained["test_samples"], kPictures);
  EXPECT_EQ(Json::parse(read_text(path("run/result.json")))["processes"], 2);
  const Json eval = run_json("eval", {"eval", trained["best"], "--data", path("data"), "--engine",
                                      "libtorch", "--threads", "1", "--json", "--quiet"});
  EXPECT_EQ(eval["accuracy"], trained["test_accuracy"]);
}

TEST_F(Train, InterruptedProcessesSaveTogetherAndOneGoesOn) {
  const auto command = with(train("run", kEndless), {"--processes=2"});
  Program program = start(command);
  wait_for(path("run/best.safetensors"));
  program.interrupt();
  const ProgramResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_EQ(checked_json("train", stopped.out)["finished"], false);

  fs::remove(path("run/best.safetensors"));
  Program alone = start(with(train("run", kEndless), {"--resume"}));
  wait_for(path("run/best.safetensors"));
  alone.interrupt();
  EXPECT_EQ(alone.wait().exit_code, 130);
}

TEST_F(Train, AKilledProcessEndsTheOthers) {
  Program program = start(with(train("run", kEndless), {"--processes", "2"}));
  wait_for(path("run/best.safetensors"));
  const std::vector<pid_t> children = children_of(program);
  ASSERT_EQ(children.size(), 2u);
  const auto before = std::chrono::steady_clock::now();
  kill(children[1], SIGKILL);
  const ProgramResult result = program.wait();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("process 1 of 2 was ended by signal 9"));
  EXPECT_NE(kill(children[0], 0), 0) << "process 0 runs on";
  model::read_model(path("run/last.safetensors"));  // whole
}

TEST_F(Train, ProcessesStartedByHandMeet) {
  const auto environment = [](int rank) {
    return std::vector<std::string>{"RANK=" + std::to_string(rank), "WORLD_SIZE=2",
                                    "LOCAL_WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1",
                                    "MASTER_PORT=29731"};
  };
  fs::create_directories(path("second"));
  Program second(path("second"), train("run", {"--json", "--quiet"}), environment(1));
  const ProgramResult first = run(train("run", {"--json", "--quiet"}), environment(0));
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(checked_json("train", first.out)["finished"], true);
  const ProgramResult other = second.wait();
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_EQ(other.out, "");  // rank 0 speaks for all
}

TEST_F(Train, FaultsOfProcesses) {
  expect_error(2, train("run", {"--processes", "0"}), "--processes");
  expect_error(2, train("run", {"--processes", "11"}), "train.batch_size");
  const auto refused = [&](const std::vector<std::string>& environment, const std::string& message,
                           const std::vector<std::string>& more = {}) {
    const ProgramResult result = run(train("run", more), environment);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
  };
  refused({"RANK=0"}, "WORLD_SIZE: is not in the environment, but RANK is");
  refused({"RANK=2", "WORLD_SIZE=2"},
          "RANK: '2' in the environment, expected a number from 0 to 1");
  refused({"RANK=0", "WORLD_SIZE=two"}, "WORLD_SIZE: 'two' in the environment");
  refused({"RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=0"},
          "MASTER_PORT: '0' in the environment, expected a number from 1 to 65535");
  refused({"RANK=0", "WORLD_SIZE=2", "MASTER_ADDR=127.0.0.1", "MASTER_PORT=29732"},
          "--processes: starts processes, but RANK and WORLD_SIZE say", {"--processes", "2"});
}

}  // namespace
}  // namespace trispike::test
