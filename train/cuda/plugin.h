#pragma once
#include "cuda/neuron_layer.h"
namespace trispike::train::cuda {
const NeuronLayerTable& gpu_kernels();
}
