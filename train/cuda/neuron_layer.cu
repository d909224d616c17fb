// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of neuron_layer.h as CUDA's compiler makes them.
#include "cuda/gpu_kernels.h"
#include "cuda/neuron_layer-inl.h"
#include "trispike/model/error.h"

namespace trispike::train::cuda {

void check_launch() {
  const cudaError_t status = cudaGetLastError();
  if (status != cudaSuccess) {
    throw Error(std::string("a kernel cannot run on the GPU: ") + cudaGetErrorString(status));
  }
}

const NeuronLayerTable& gpu_kernels() {
  static const NeuronLayerTable kTable = neuron_layer_table();
  return kTable;
}

}  // namespace trispike::train::cuda
