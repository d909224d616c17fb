// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/device_norm_neuron.h"

namespace trispike::train {

/// The bodies of the CUDA kernels as this machine's compiler makes them: loops over blocks and
/// threads (cuda/block.h).
const cuda::NeuronLayerTable& emulated_table();

/// Blocks and threads run from the last to the first from now on, or no longer.
void emulate_backwards(bool on);

/// device_norm_neuron by them, on tensors of the CPU.
NormNeuronOutput emulated_norm_neuron(const NormNeuronInput& input);

}  // namespace trispike::train
