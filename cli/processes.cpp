// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "console.h"
#include "trispike/model/error.h"

namespace trispike::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLookEvery = std::chrono::milliseconds(20);
/// From the request to stop until a process is ended by force.
constexpr auto kPatience = std::chrono::seconds(10);

/// The words of this program's command line without `--processes N`.
std::vector<std::string> own_arguments() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size(); at += words.back().size() + 1) {
    words.emplace_back(text.c_str() + at);
  }
  std::vector<std::string> kept;
  constexpr std::string_view kOption = "--processes";
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == kOption) {
      ++i;  // and its value
    } else if (!words[i].starts_with(std::string(kOption) + "=")) {
      kept.push_back(words[i]);
    }
  }
  return kept;
}

/// A port of this machine that nobody listens on now.
int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  const bool found =
      listener >= 0 &&
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  const std::string reason = std::strerror(errno);
  if (listener >= 0) close(listener);
  if (!found) throw IoError("no port of this machine can be had for --processes: " + reason);
  return ntohs(address.sin_port);
}

struct Process {
  pid_t id = 0;
  int errors = -1;  ///< what it wrote to standard error, unless it is rank 0
  bool running = false;
};

/// In the child: never returns.
[[noreturn]] void become(const Process& process, int rank, pid_t parent,
                         const std::vector<std::string>& arguments) {
  // A group of its own: Ctrl-C at the terminal reaches the parent alone, which passes it on once.
  setpgid(0, 0);
  // Not SIGTERM, which asks to save first, together with the others: they might never agree.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kFailure);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  if (rank > 0) {
    dup2(nothing, STDOUT_FILENO);
    dup2(process.errors, STDERR_FILENO);
  }
  setenv("RANK", std::to_string(rank).c_str(), 1);
  std::vector<char*> argv;
  for (const std::string& word : arguments) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv("/proc/self/exe", argv.data());
  _exit(kFailure);
}

std::vector<Process> start_all(int count) {
  const std::vector<std::string> arguments = own_arguments();
  setenv("WORLD_SIZE", std::to_string(count).c_str(), 1);
  setenv("LOCAL_WORLD_SIZE", std::to_string(count).c_str(), 1);
  setenv("MASTER_ADDR", "127.0.0.1", 1);
  setenv("MASTER_PORT", std::to_string(free_port()).c_str(), 1);
  unsetenv("TORCHELASTIC_USE_AGENT_STORE");
  unsetenv("LOCAL_RANK");
  const pid_t parent = getpid();
  std::vector<Process> processes(static_cast<std::size_t>(count));
  for (int rank = 0; rank < count; ++rank) {
    Process& process = processes[static_cast<std::size_t>(rank)];
    if (rank > 0) process.errors = memfd_create("errors", MFD_CLOEXEC);
    process.id = fork();
    if (process.id == 0) become(process, rank, parent, arguments);
    if (process.id < 0) {
      const std::string reason = std::strerror(errno);
      for (const Process& started : processes) {
        if (started.running) kill(started.id, SIGKILL);
      }
      throw IoError(fmt::format("process {} of {} cannot be started: {}", rank, count, reason));
    }
    process.running = true;
  }
  return processes;
}

void signal_all(const std::vector<Process>& processes, int signal) {
  for (const Process& process : processes) {
    if (process.running) kill(process.id, signal);
  }
}

/// What a failed process had to say, then how it ended.
void report(const Process& process, std::size_t rank, std::size_t count, int status) {
  std::string said;
  if (process.errors >= 0) {
    char buffer[4096];
    lseek(process.errors, 0, SEEK_SET);
    for (ssize_t n; (n = read(process.errors, buffer, sizeof(buffer))) > 0;) {
      said.append(buffer, static_cast<std::size_t>(n));
    }
  }
  while (said.ends_with('\n')) said.pop_back();
  if (!said.empty()) print_note(said);
  const std::string how = WIFSIGNALED(status)
                              ? fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                                            strsignal(WTERMSIG(status)))
                              : fmt::format("ended with exit status {}", WEXITSTATUS(status));
  print_error(
      fmt::format("process {} of {} {}; the others are being stopped. If there is a "
                  "checkpoint, it is whole: --resume goes on from it",
                  rank, count, how));
}

}  // namespace

int run_processes(int count) {
  count_interrupts();
  std::vector<Process> processes = start_all(count);
  std::size_t running = processes.size();
  int result = kSuccess;
  bool failed = false, told = false;
  Clock::time_point force_at = Clock::time_point::max();
  while (running > 0) {
    // Of several that ended at once, one that was killed is the cause, the others its consequences.
    std::optional<std::pair<std::size_t, int>> cause;
    for (std::size_t rank = 0; rank < processes.size(); ++rank) {
      Process& process = processes[rank];
      int status = 0;
      if (!process.running || waitpid(process.id, &status, WNOHANG) != process.id) continue;
      process.running = false;
      --running;
      const int code = WIFEXITED(status) ? WEXITSTATUS(status) : kFailure;
      if (code != kSuccess && code != kInterrupted) {
        if (!cause || (WIFSIGNALED(status) && !WIFSIGNALED(cause->second))) cause = {rank, status};
      } else if (rank == 0 && !failed) {
        result = code;
      }
    }
    if (cause && !failed) {
      failed = true;
      const auto [rank, status] = *cause;
      result = WIFEXITED(status) ? WEXITSTATUS(status) : kFailure;
      report(processes[rank], rank, processes.size(), status);
      signal_all(processes, SIGTERM);
      force_at = Clock::now() + kPatience;
    }
    if (interrupts() > 0 && !told && !failed) {
      signal_all(processes, SIGINT);
      told = true;
    }
    if (interrupts() > 1 && force_at > Clock::now()) {
      print_note(
          "stopped without waiting for the processes to save. If there is a checkpoint, it is "
          "whole: --resume goes on from it");
      if (!failed) result = kInterrupted;
      failed = true;
      force_at = Clock::now();
    }
    if (Clock::now() >= force_at) signal_all(processes, SIGKILL);
    std::this_thread::sleep_for(kLookEvery);
  }
  return result;
}

}  // namespace trispike::cli
