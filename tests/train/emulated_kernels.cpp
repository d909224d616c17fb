// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "train/emulated_kernels.h"

#include "cuda/neuron_layer-inl.h"

namespace trispike::train {

const cuda::NeuronLayerTable& emulated_table() {
  static const cuda::NeuronLayerTable kTable = cuda::neuron_layer_table();
  return kTable;
}

void emulate_backwards(bool on) { cuda::backwards = on; }

NormNeuronOutput emulated_norm_neuron(const NormNeuronInput& input) {
  return device_norm_neuron(input, {&emulated_table(), nullptr});
}

}  // namespace trispike::train
