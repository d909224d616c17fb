// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/processes.h"

#include <charconv>
#include <cstring>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

int whole_number(const char* name, const char* text, int low, int high) {
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc() || stop != end || value < low || value > high) {
    throw ConfigError(name, "'" + std::string(text) +
                                "' in the environment, expected a number from " +
                                std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

}  // namespace

Processes processes_of_environment(const std::function<const char*(const char*)>& get) {
  constexpr int kMost = 65536, kLastPort = 65535;
  Processes processes;
  const char *rank = get("RANK"), *count = get("WORLD_SIZE");
  if (rank == nullptr && count == nullptr) return processes;
  const auto needed = [&](const char* name) {
    const char* value = get(name);
    if (value == nullptr || *value == '\0') {
      throw ConfigError(name, "is not in the environment, but " +
                                  std::string(rank ? "RANK" : "WORLD_SIZE") +
                                  " is; expected RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as "
                                  "torchrun sets them");
    }
    return value;
  };
  processes.count = whole_number("WORLD_SIZE", needed("WORLD_SIZE"), 1, kMost);
  processes.rank = whole_number("RANK", needed("RANK"), 0, processes.count - 1);
  if (processes.count == 1) return processes;
  processes.address = needed("MASTER_ADDR");
  processes.port = whole_number("MASTER_PORT", needed("MASTER_PORT"), 1, kLastPort);
  if (const char* local = get("LOCAL_WORLD_SIZE")) {
    processes.on_this_machine = whole_number("LOCAL_WORLD_SIZE", local, 1, processes.count);
  }
  processes.rank_on_this_machine = processes.rank % processes.on_this_machine;
  if (const char* local = get("LOCAL_RANK")) {
    processes.rank_on_this_machine =
        whole_number("LOCAL_RANK", local, 0, processes.on_this_machine - 1);
  }
  if (const char* restart = get("TORCHELASTIC_RESTART_COUNT")) {
    processes.restart = whole_number("TORCHELASTIC_RESTART_COUNT", restart, 0, 1 << 30);
  }
  const char* agent = get("TORCHELASTIC_USE_AGENT_STORE");
  processes.store_runs_elsewhere = agent != nullptr && std::strcmp(agent, "True") == 0;
  return processes;
}

}  // namespace trispike::train
