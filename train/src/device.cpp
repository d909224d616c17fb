// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/train/device.h"

#include <string>

#include "trispike/model/error.h"

namespace trispike::train {

std::string_view to_string(Device device) { return device == Device::kCuda ? "cuda" : "cpu"; }

Device device_from_string(std::string_view name) {
  for (const Device device : {Device::kCpu, Device::kCuda}) {
    if (name == to_string(device)) return device;
  }
  throw ConfigError("--device", "'" + std::string(name) + "' is unknown, expected cpu or cuda");
}

}  // namespace trispike::train
