// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The fused neuron layer on a GPU: what queues the kernels of cuda/neuron_layer.h.
#pragma once

#include "cuda/neuron_layer.h"
#include "src/norm_neuron.h"

namespace trispike::train {

struct DeviceKernels {
  const cuda::NeuronLayerTable* table;
  cuda::Stream stream;
};

/// fused_norm_neuron by these kernels. All tensors lie where the kernels read: in the GPU's memory,
/// or in the CPU's for kernels compiled for it (tests). Maps of float32, float64, bfloat16 or
/// float16; parameters of float64 or else float32. The processor does not wait for the GPU.
NormNeuronOutput device_norm_neuron(const NormNeuronInput& input, const DeviceKernels& kernels);

}  // namespace trispike::train
