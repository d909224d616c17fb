// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Several processes that train one network, started by the program or by hand.
#include <signal.h>

#include <algorithm>
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

/// Waits until a process is gone or only waits to be collected.
bool ends(pid_t id) {
  for (int i = 0; i < 100; ++i) {
    std::string state;
    std::ifstream file("/proc/" + std::to_string(id) + "/stat");
    if (!(file >> state >> state >> state) || state == "Z" || state == "X") return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST_F(Train, ASecondInterruptEndsAllProcessesAtOnce) {
  Program program = start(with(train("run", kEndless), {"--processes", "2"}));
  wait_for(path("run/best.safetensors"));
  const std::vector<pid_t> children = children_of(program);
  ASSERT_EQ(children.size(), 2u);
  kill(children[1], SIGSTOP);  // process 0 waits for it: they cannot save together
  program.interrupt();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  EXPECT_EQ(kill(program.id(), 0), 0) << "ended by the first";
  program.interrupt();
  const ProgramResult result = program.wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_THAT(result.err, HasSubstr("stopped without waiting for the processes to save"));
  for (const pid_t child : children) EXPECT_TRUE(ends(child)) << child << " is an orphan";
  model::read_model(path("run/last.safetensors"));  // whole
}

TEST_F(Train, ProcessesEndWithTheOneThatStartedThem) {
  Program program = start(with(train("run", kEndless), {"--processes", "2"}));
  wait_for(path("run/best.safetensors"));
  const std::vector<pid_t> children = children_of(program);
  ASSERT_EQ(children.size(), 2u);
  kill(program.id(), SIGKILL);
  program.wait();
  for (const pid_t child : children) EXPECT_TRUE(ends(child)) << child << " is an orphan";
}

/// Of process `rank` of two that are started by hand.
std::vector<std::string> by_hand(int rank, const std::string& port) {
  return {"RANK=" + std::to_string(rank), "WORLD_SIZE=2", "LOCAL_WORLD_SIZE=2",
          "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + port};
}

TEST_F(Train, ProcessesThatDifferAreRefused) {
  fs::create_directories(path("second"));
  const auto refused = [&](const std::vector<std::string>& words, const std::string& port,
                           const std::string& message) {
    Program second(path("second"), words, by_hand(1, port));
    const ProgramResult first = run(train("run", {"--quiet"}), by_hand(0, port));
    const ProgramResult other = second.wait();
    for (const ProgramResult& result : {first, other}) {
      EXPECT_EQ(result.exit_code, 2);
      EXPECT_THAT(result.err, HasSubstr(message));
    }
    EXPECT_FALSE(fs::exists(path("run/last.safetensors")));
  };
  refused(train("run", {"--set", "train.learning_rate=0.25"}), "29733",
          "train.learning_rate is 0.25 on process 1, but 0.1 on process 0");
  std::vector<std::uint8_t> labels;
  for (int i = 0; i < kPictures + 10; ++i) labels.push_back(static_cast<std::uint8_t>(i % 10));
  write_idx_dataset(path("more"), kSide, labels);
  std::vector<std::string> words = train("run", {});
  *std::find(words.begin(), words.end(), path("data")) = path("more");
  refused(words, "29734", "the number of train samples is 50 on process 1, but 40 on process 0");
}

TEST_F(Train, ProcessesStartedByHandMeet) {
  fs::create_directories(path("second"));
  Program second(path("second"), train("run", {"--json", "--quiet"}), by_hand(1, "29731"));
  const ProgramResult first = run(train("run", {"--json", "--quiet"}), by_hand(0, "29731"));
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
