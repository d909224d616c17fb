// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Ranks as threads of this process, which meet as processes do.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#include "src/communicator.h"

namespace trispike::train {

inline int free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  close(listener);
  return ntohs(address.sin_port);
}

/// Calls work(rank) on `count` threads; throws what one of them threw.
template <class F>
void on_threads(int count, F&& work) {
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(count));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        at::set_num_threads(1);
        work(rank);
      } catch (...) {
        failures[static_cast<std::size_t>(rank)] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

/// Calls work(communicator, rank) on `count` ranks.
template <class F>
void on_ranks(int count, F&& work, Transport transport = Transport::kAutomatic) {
  const int port = free_port();
  on_threads(count, [&](int rank) {
    const auto group =
        connect({.rank = rank, .count = count, .on_this_machine = count, .port = port}, transport);
    work(group.get(), rank);
    if (group) group->all_reduce(at::zeros({1}));  // nobody leaves before the others are done
  });
}

}  // namespace trispike::train
