// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// tests/golden/torch: files of torch.save and what PyTorch reads from them (tools/golden_torch.py).
#pragma once

#include <cstddef>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "trispike/model/tensor.h"

namespace trispike::test {

inline std::string torch_golden(const std::string& name) {
  return TRISPIKE_SOURCE_DIR "/tests/golden/torch/" + name;
}

inline nlohmann::json torch_expected() {
  std::ifstream stream(torch_golden("expected.json"));
  return nlohmann::json::parse(stream);
}

inline nlohmann::json described(const model::TensorMap& tensors) {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, tensor] : tensors) {
    std::string hex;
    for (const std::byte byte : tensor.data) {
      for (const int digit : {std::to_integer<int>(byte) >> 4, std::to_integer<int>(byte) & 15}) {
        hex += "0123456789abcdef"[digit];
      }
    }
    all[name] = {{"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"bytes", hex}};
  }
  return all;
}

}  // namespace trispike::test
