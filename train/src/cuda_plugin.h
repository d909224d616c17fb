// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The library that knows CUDA, loaded when a run asks for a GPU.
#pragma once

#include "cuda/api.h"
#include "src/device_norm_neuron.h"

namespace trispike::train {

/// Loads libtrispike_cuda.so at the first call; it stays. Throws ConfigError (--device) if it was
/// not built or cannot be loaded. The first call must come before LibTorch is asked for anything on
/// a GPU.
const cuda::Api& cuda_plugin();

/// Those of the GPU.
DeviceKernels cuda_kernels();

}  // namespace trispike::train
