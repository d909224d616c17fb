// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Runs the built program as its user does.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace trispike::test {

struct ProgramResult {
  int exit_code = -1;  ///< 128 + signal if it was killed
  std::string out;
  std::string err;
};

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// trispike, or another program, <arguments>, running. Its output goes through files in `folder`.
class Program {
 public:
  /// `environment` ("NAME=value") is added to that of the test.
  Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
          const std::vector<std::string>& environment = {}, const char* program = TRISPIKE_PROGRAM)
      : out_(folder / "stdout.txt"), err_(folder / "stderr.txt") {
    std::vector<char*> argv = {const_cast<char*>(program)};
    for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    // Of two values of one name getenv takes the first.
    std::vector<char*> env;
    for (const std::string& entry : environment) env.push_back(const_cast<char*>(entry.c_str()));
    for (char** entry = environ; *entry != nullptr; ++entry) env.push_back(*entry);
    env.push_back(nullptr);

    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), kFlags, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), kFlags, 0600);
    const int failed = posix_spawn(&process_, program, &actions, nullptr, argv.data(), env.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error("cannot run " + std::string(program));
  }
  ~Program() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void interrupt() const { kill(process_, SIGINT); }
  pid_t id() const { return process_; }

  ProgramResult wait() {
    int status = 0;
    if (waitpid(process_, &status, 0) != process_) throw std::runtime_error("waitpid");
    process_ = 0;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_text(out_), read_text(err_)};
  }

 private:
  std::string out_;
  std::string err_;
  pid_t process_ = 0;
};

}  // namespace trispike::test
