// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace trispike::train {

/// Where LibTorch computes. Not part of a recipe: a recipe says what is computed, and a run may go
/// on elsewhere.
enum class Device {
  kCpu,
  kCuda  ///< an NVIDIA GPU, by libtrispike_cuda.so; each process of a run has its own
};

std::string_view to_string(Device device);
/// Throws ConfigError (--device) for another name.
Device device_from_string(std::string_view name);

}  // namespace trispike::train
