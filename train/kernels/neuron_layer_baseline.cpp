// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#define TRISPIKE_KERNEL_NAMESPACE baseline
#include "kernels/neuron_layer-inl.h"
#include "kernels/neuron_layer_targets.h"
#include "kernels/patches-inl.h"
#include "kernels/pool-inl.h"
#include "kernels/spike_events-inl.h"
#include "kernels/spikes-inl.h"
#include "kernels/weights-inl.h"

namespace trispike::train::kernels {

constinit const NeuronLayerTable kBaselineTable = {.f32 = baseline::table<float, float>(),
                                                   .bf16 = baseline::table<BFloat16, float>(),
                                                   .f64 = baseline::table<double, double>()};
constinit const EventTable kBaselineEvents = baseline::event_kernels();
constinit const PatchTable kBaselinePatches = baseline::patch_kernels();
constinit const PoolTable kBaselinePools = baseline::pool_kernels();
constinit const SpikeTable kBaselineSpikes = baseline::spike_kernels();
constinit const WeightTable kBaselineWeights = baseline::weight_kernels();

}  // namespace trispike::train::kernels
