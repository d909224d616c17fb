// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#define TRISPIKE_KERNEL_NAMESPACE avx2
#include "kernels/neuron_layer-inl.h"
#include "kernels/neuron_layer_targets.h"
#include "kernels/patches-inl.h"
#include "kernels/pool-inl.h"
#include "kernels/spike_events-inl.h"
#include "kernels/spikes-inl.h"
#include "kernels/weights-inl.h"

namespace trispike::train::kernels {

constinit const NeuronLayerTable kAvx2Table = {.f32 = avx2::table<float, float>(),
                                               .bf16 = avx2::table<BFloat16, float>(),
                                               .f64 = avx2::table<double, double>()};
constinit const EventTable kAvx2Events = avx2::event_kernels();
constinit const PatchTable kAvx2Patches = avx2::patch_kernels();
constinit const PoolTable kAvx2Pools = avx2::pool_kernels();
constinit const SpikeTable kAvx2Spikes = avx2::spike_kernels();
constinit const WeightTable kAvx2Weights = avx2::weight_kernels();

}  // namespace trispike::train::kernels
