// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/thread_team.h"

#include <chrono>

namespace trispike::runtime {
namespace {

/// Longer than the pause between two maps, shorter than a user would notice in the load of an idle
/// machine.
constexpr std::chrono::microseconds kSpinTime{20};

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Until `done()` or kSpinTime is over; returns what `done` says.
template <class Done>
bool spin_until(const Done& done) {
  constexpr int kSpinsPerLook = 64;  // at the clock
  const auto end = std::chrono::steady_clock::now() + kSpinTime;
  do {
    for (int i = 0; i < kSpinsPerLook; ++i) {
      if (done()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return done();
}

}  // namespace

ThreadTeam::ThreadTeam(int size) {
  others_.reserve(static_cast<std::size_t>(size - 1));
  try {
    for (int member = 1; member < size; ++member) {
      others_.emplace_back([this, member, size] { serve(member, size); });
    }
  } catch (...) {  // of a thread that could not be started
    stop();
    throw;
  }
}

ThreadTeam::~ThreadTeam() { stop(); }

void ThreadTeam::stop() {
  stop_.store(true);
  round_.fetch_add(1);
  round_.notify_all();
  for (std::thread& other : others_) other.join();
}

void ThreadTeam::share() {
  working_.store(static_cast<int>(others_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  run_part(0, size());
  const auto done = [&] { return working_.load(std::memory_order_acquire) == 0; };
  // The others may share this thread's core.
  while (!spin_until(done)) std::this_thread::yield();
}

void ThreadTeam::serve(int member, int members) {
  std::uint32_t seen = 0;
  while (true) {
    const auto called = [&] { return round_.load(std::memory_order_acquire) != seen; };
    if (!spin_until(called)) round_.wait(seen, std::memory_order_acquire);
    seen = round_.load(std::memory_order_acquire);
    if (stop_.load()) return;
    run_part(member, members);
    working_.fetch_sub(1, std::memory_order_release);
  }
}

void ThreadTeam::run_part(int member, std::int64_t members) const noexcept {
  const std::int64_t begin = count_ * member / members;
  const std::int64_t end = count_ * (member + 1) / members;
  if (begin < end) call_(context_, member, begin, end);
}

}  // namespace trispike::runtime
