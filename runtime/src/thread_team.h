// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Threads that share the rows of one map. There are dozens of maps in a network and microseconds of
// work in each, so the threads wait for the next one without sleeping at first.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace trispike::runtime {

class ThreadTeam {
 public:
  /// `size` at least 1, the calling thread included. Throws std::system_error if a thread cannot be
  /// started. In a forked process the other threads are missing: it needs a team of its own.
  explicit ThreadTeam(int size);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return static_cast<int>(others_.size()) + 1; }

  /// Cuts [0, count) into size() contiguous parts and calls work(member, begin, end) for each that
  /// is not empty, on different threads; returns when all are done. `work` must not throw.
  template <class Work>
  void for_each_part(std::int64_t count, const Work& work) {
    if (others_.empty() || count < 2) {
      if (count > 0) work(0, std::int64_t{0}, count);
      return;
    }
    call_ = [](const void* context, int member, std::int64_t begin, std::int64_t end) {
      (*static_cast<const Work*>(context))(member, begin, end);
    };
    context_ = &work;
    count_ = count;
    share();
  }

 private:
  void share();
  void stop();
  void serve(int member, int members);
  void run_part(int member, std::int64_t members) const noexcept;

  void (*call_)(const void*, int, std::int64_t, std::int64_t) = nullptr;
  const void* context_ = nullptr;
  std::int64_t count_ = 0;
  std::atomic<std::uint32_t> round_{0};
  std::atomic<int> working_{0};
  std::atomic<bool> stop_{false};
  std::vector<std::thread> others_;
};

}  // namespace trispike::runtime
