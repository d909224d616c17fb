// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#define TRISPIKE_KERNEL_NAMESPACE avx512
#include "kernels/neuron_layer-inl.h"
#include "kernels/neuron_layer_targets.h"
#include "kernels/patches-inl.h"
#include "kernels/pool-inl.h"
#include "kernels/spike_events-inl.h"
#include "kernels/spikes-inl.h"
#include "kernels/weights-inl.h"

namespace trispike::train::kernels {

constinit const NeuronLayerTable kAvx512Table = {.f32 = avx512::table<float, float>(),
                                                 .bf16 = avx512::table<BFloat16, float>(),
                                                 .f64 = avx512::table<double, double>()};
constinit const EventTable kAvx512Events = avx512::event_kernels();
constinit const PatchTable kAvx512Patches = avx512::patch_kernels();
constinit const PoolTable kAvx512Pools = avx512::pool_kernels();
constinit const SpikeTable kAvx512Spikes = avx512::spike_kernels();
constinit const WeightTable kAvx512Weights = avx512::weight_kernels();

}  // namespace trispike::train::kernels
