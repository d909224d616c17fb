// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "trispike/train/device.h"
#include "trispike/train/processes.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// Makes the device that of this process. Throws ConfigError (--device) if it is not there.
at::Device use_device(Device device, const Processes& processes = {});
/// Type of the maps that `precision` means there: float32, bfloat16 or float16. Throws ConfigError
/// for float16 on a CPU.
at::ScalarType map_type(Precision precision, const at::Device& device);
/// "float32", "bfloat16" or "float16".
std::string precision_name(at::ScalarType map_type);
/// Sets LibTorch's threads: `threads`, or if 0 all cores, shared by `processes` of this machine.
/// Returns the number.
int use_threads(int threads, int processes = 1);

}  // namespace trispike::train
