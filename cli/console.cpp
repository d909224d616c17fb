// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "format.h"
#include "trispike/model/error.h"

namespace trispike::cli {
namespace {

constexpr auto kBarPeriod = std::chrono::milliseconds(100);
constexpr auto kLinePeriod = std::chrono::seconds(10);
constexpr int kBarCells = 24;

volatile std::sig_atomic_t g_interrupts = 0;

extern "C" void note_interrupt(int) { g_interrupts = g_interrupts + 1; }

void handle_interrupts(int flags) {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = flags | SA_RESTART;
  sigemptyset(&action.sa_mask);
  // One after the other: they count with the same number.
  sigaddset(&action.sa_mask, SIGINT);
  sigaddset(&action.sa_mask, SIGTERM);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// At most `columns` code points.
std::string clip(const std::string& text, std::size_t columns) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80 && ++seen > columns) {
      return text.substr(0, i);
    }
  }
  return text;
}

std::string bar(double fraction) {
  const int filled = std::clamp(static_cast<int>(fraction * kBarCells), 0, kBarCells);
  return fmt::format("[{:#>{}}{:.>{}}]", "", filled, "", kBarCells - filled);
}

void print_marked(const char* kind, std::string_view message) {
  const std::string line = fmt::format("trispike: {}: {}\n", kind, printable(message));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw IoError("standard output: cannot be written");
  }
}

void print_note(std::string_view message) { fmt::print(stderr, "{}\n", message); }

void print_error(std::string_view message) { print_marked("error", message); }

void print_warning(std::string_view message) { print_marked("warning", message); }

void catch_interrupts() { handle_interrupts(SA_RESETHAND); }

bool interrupted() { return g_interrupts != 0; }

void count_interrupts() { handle_interrupts(0); }

int interrupts() { return g_interrupts; }

Progress::Progress(std::string title, std::int64_t total, std::string unit, bool quiet,
                   std::int64_t done_before, double seconds_ago)
    : title_(std::move(title)),
      total_(total),
      unit_(std::move(unit)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      done_before_(done_before),
      start_(Clock::now() - std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(seconds_ago))),
      next_draw_(start_ + (terminal_ ? Clock::duration(kBarPeriod) : Clock::duration(kLinePeriod))),
      done_(done_before) {}

Progress::~Progress() {
  if (line_open_) {
    std::fputc('\n', stderr);
  }
}

void Progress::update(std::int64_t done, std::string_view note) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  draw(done, note);
}

void Progress::advance() {
  const std::lock_guard lock(mutex_);
  draw(++done_, {});
}

void Progress::draw(std::int64_t done, std::string_view note) {
  const Clock::time_point now = Clock::now();
  if (quiet_ || now < next_draw_) {
    return;
  }
  next_draw_ = now + (terminal_ ? Clock::duration(kBarPeriod) : Clock::duration(kLinePeriod));
  const double seconds = std::chrono::duration<double>(now - start_).count();
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", clip(line(done, note, seconds), terminal_columns() - 1));
    std::fflush(stderr);
    line_open_ = true;
  } else {
    fmt::print(stderr, "{}\n", line(done, note, seconds));
  }
}

std::string Progress::line(std::int64_t done, std::string_view note, double seconds) const {
  const double fraction =
      total_ > 0 ? static_cast<double>(done) / static_cast<double>(total_) : 1.0;
  const double rate = seconds > 0 ? static_cast<double>(done - done_before_) / seconds : 0.0;
  std::string text = title_ + "  ";
  if (terminal_) {
    text += bar(fraction) + " ";
  }
  text += fmt::format("{:3.0f} %  {}/{} {}  {} {}/s", 100 * fraction, grouped(done),
                      grouped(total_), unit_, scaled(rate), unit_);
  if (rate > 0) {
    text += "  ETA " + duration(static_cast<double>(total_ - done) / rate);
  }
  if (!note.empty()) {
    text += "  " + std::string(note);
  }
  return text;
}

void Progress::finish(std::string_view note) {
  const std::lock_guard lock(mutex_);
  if (quiet_) {
    return;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::int64_t done = total_ - done_before_;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0.0;
  fmt::print(stderr, "{}{}  {} {} in {}, {} {}/s{}{}\n", line_open_ ? "\r\x1b[K" : "", title_,
             grouped(done), unit_, duration(seconds), scaled(rate), unit_, note.empty() ? "" : "  ",
             note);
  line_open_ = false;
}

}  // namespace trispike::cli
