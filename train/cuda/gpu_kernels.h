// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cuda/neuron_layer.h"

namespace trispike::train::cuda {

/// The kernels that CUDA's compiler has made.
const NeuronLayerTable& gpu_kernels();

}  // namespace trispike::train::cuda
