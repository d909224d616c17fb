// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// LibTorch holds Gloo, but not its headers: what c10d/ProcessGroupGloo.hpp names of it. Nothing
// here is called by us.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace gloo::rendezvous {
class Store {
 public:
  virtual ~Store();
  virtual void set(const std::string& key, const std::vector<char>& data) = 0;
  virtual std::vector<char> get(const std::string& key) = 0;
  virtual void wait(const std::vector<std::string>& keys) = 0;
  virtual void wait(const std::vector<std::string>& keys, const std::chrono::milliseconds&) {
    wait(keys);
  }
};
}  // namespace gloo::rendezvous
