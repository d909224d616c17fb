// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The terminal: results go to standard output, progress and errors to standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace trispike::cli {

/// How a command ends.
enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,       ///< anything that went wrong
  kUsage = 2,         ///< a wrong option, argument or setting
  kInterrupted = 130  ///< by Ctrl-C, after what was under way has been saved
};

/// Writes to standard output. Throws IoError if that fails (a full disk).
void print(std::string_view text);

/// A line about what is going on, on standard error.
void print_note(std::string_view message);

/// "trispike: error: <message>" on standard error.
void print_error(std::string_view message);
/// "trispike: warning: <message>" on standard error.
void print_warning(std::string_view message);

/// From now on the first Ctrl-C (SIGINT) or SIGTERM only makes `interrupted()` true, for commands
/// that have something to save; the second ends the program at once.
void catch_interrupts();
bool interrupted();
/// From now on none ends the program: for one that has others to end first.
void count_interrupts();
int interrupts();

/// How far a long job has come, on standard error: a bar with rate and time left on a terminal,
/// else a plain line every ten seconds; nothing if quiet. Members may be called from several
/// threads.
class Progress {
 public:
  /// `total` units of work, of which `done_before` were done earlier (a resumed run): the rate
  /// counts only what was done since. The work has begun `seconds_ago`.
  Progress(std::string title, std::int64_t total, std::string unit, bool quiet,
           std::int64_t done_before = 0, double seconds_ago = 0);
  /// Ends the bar's line if finish() was not reached.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` units of the total; `note` is appended ("loss 0.41"). Cheap: draws ten times a second
  /// at most.
  void update(std::int64_t done, std::string_view note = {});
  /// update() by one unit.
  void advance();
  /// The last line: total, time taken, rate and note.
  void finish(std::string_view note = {});

 private:
  using Clock = std::chrono::steady_clock;

  void draw(std::int64_t done, std::string_view note);
  std::string line(std::int64_t done, std::string_view note, double seconds) const;

  const std::string title_;
  const std::int64_t total_;
  const std::string unit_;
  const bool quiet_;
  const bool terminal_;
  const std::int64_t done_before_;
  const Clock::time_point start_;
  std::mutex mutex_;
  Clock::time_point next_draw_;
  std::int64_t done_;
  bool line_open_ = false;  ///< the cursor stands behind a bar
};

}  // namespace trispike::cli
