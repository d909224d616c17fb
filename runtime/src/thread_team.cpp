// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/thread_team.h"

namespace trispike::runtime {
namespace {

/// Some ten microseconds: longer than the pause between two maps, shorter than a user would notice
/// in the load of an idle machine.
constexpr int kSpins = 4000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(int size) {
  others_.reserve(static_cast<std::size_t>(size - 1));
  for (int member = 1; member < size; ++member) {
    others_.emplace_back([this, member] { serve(member); });
  }
}

ThreadTeam::~ThreadTeam() {
  stop_.store(true);
  round_.fetch_add(1);
  round_.notify_all();
  for (std::thread& other : others_) other.join();
}

void ThreadTeam::share() {
  working_.store(static_cast<int>(others_.size()), std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  round_.notify_all();
  run_part(0);
  // The others may share this thread's core.
  for (int spins = 0; working_.load(std::memory_order_acquire) > 0; ++spins) {
    if (spins < kSpins) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
}

void ThreadTeam::serve(int member) {
  std::uint32_t seen = 0;
  while (true) {
    std::uint32_t round = round_.load(std::memory_order_acquire);
    for (int spins = 0; round == seen && spins < kSpins; ++spins) {
      pause();
      round = round_.load(std::memory_order_acquire);
    }
    while (round == seen) {
      round_.wait(seen, std::memory_order_acquire);
      round = round_.load(std::memory_order_acquire);
    }
    seen = round;
    if (stop_.load()) return;
    run_part(member);
    working_.fetch_sub(1, std::memory_order_release);
  }
}

void ThreadTeam::run_part(int member) const {
  const std::int64_t members = size();
  const std::int64_t begin = count_ * member / members;
  const std::int64_t end = count_ * (member + 1) / members;
  if (begin < end) call_(context_, member, begin, end);
}

}  // namespace trispike::runtime
