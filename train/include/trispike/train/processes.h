// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Training in several processes, on one machine or more.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace trispike::train {

/// Which of the processes of a run this one is, and where they meet.
struct Processes {
  int rank = 0;  ///< from 0; rank 0 writes files and messages
  int count = 1;
  int on_this_machine = 1;            ///< of them; share its cores if train.threads is 0
  std::string address = "127.0.0.1";  ///< of rank 0
  int port = 0;
  bool store_runs_elsewhere = false;  ///< torchrun listens on the port itself, not rank 0
  int restart = 0;                    ///< how often torchrun has started the run anew
  int meeting_seconds = 60;           ///< how long to wait for the others at the start
};

/// From the variables that torchrun and its like set: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT,
/// LOCAL_WORLD_SIZE, TORCHELASTIC_USE_AGENT_STORE, TORCHELASTIC_RESTART_COUNT. One process if
/// neither of the first two is set. `get` gives a variable's value, or null. Throws ConfigError
/// naming the variable that is missing or out of range.
Processes processes_of_environment(const std::function<const char*(const char*)>& get);

}  // namespace trispike::train
