// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/watchdog.h"

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "hostile/sanitized.h"

#ifdef TRISPIKE_SANITIZED
#include <sanitizer/common_interface_defs.h>
#endif

namespace trispike::hostile {
namespace {

constexpr int kComputingSeconds = 5;
constexpr int kSeconds = 60;

const std::string* current_label = nullptr;
const data::Bytes* current_bytes = nullptr;

// Everything here may be called in a signal handler.
void write_all(int descriptor, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = ::write(descriptor, bytes, size);
    if (count <= 0) return;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
}

void say(const char* text) { write_all(STDERR_FILENO, text, std::strlen(text)); }

void report() {
  if (current_label == nullptr) return;
  say("hostile: while reading ");
  write_all(STDERR_FILENO, current_label->data(), current_label->size());
  say(", kept as hostile-crash.bin\n");
  const int file = ::open("hostile-crash.bin", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return;
  write_all(file, current_bytes->data(), current_bytes->size());
  ::close(file);
  current_label = nullptr;
}

void on_signal(int signal) {
  say(signal == SIGPROF   ? "\nhostile: more than 5 s of computing\n"
      : signal == SIGALRM ? "\nhostile: more than 60 s\n"
                          : "\nhostile: a crash\n");
  report();
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

// Once per program. The sanitizers report crashes themselves and call back.
bool install() {
  std::signal(SIGPROF, on_signal);
  std::signal(SIGALRM, on_signal);
#ifdef TRISPIKE_SANITIZED
  __sanitizer_set_death_callback(report);
#else
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
    std::signal(signal, on_signal);
  }
#endif
  return true;
}

void set_timers(int computing_seconds, int seconds) {
  const itimerval computing{{}, {computing_seconds, 0}};
  const itimerval any{{}, {seconds, 0}};
  ::setitimer(ITIMER_PROF, &computing, nullptr);
  ::setitimer(ITIMER_REAL, &any, nullptr);
}

}  // namespace

Watchdog::Watchdog(const std::string& label, const data::Bytes& bytes) {
  static const bool installed = install();
  if (!installed) return;
  current_bytes = &bytes;
  current_label = &label;
  set_timers(kComputingSeconds, kSeconds);
}

Watchdog::~Watchdog() {
  set_timers(0, 0);
  current_label = nullptr;
}

}  // namespace trispike::hostile
