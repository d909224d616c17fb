// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What each neuron_layer_<target>.cpp offers to the dispatch table: data, initialised by the
// linker. A function that returned it would itself be made of instructions that not every machine
// has.
#pragma once

#include "kernels/neuron_layer.h"
#include "kernels/patches.h"
#include "kernels/pool.h"
#include "kernels/spike_events.h"
#include "kernels/spikes.h"
#include "kernels/weights.h"

namespace trispike::train::kernels {

extern const NeuronLayerTable kBaselineTable;
extern const NeuronLayerTable kAvx2Table;
extern const NeuronLayerTable kAvx512Table;
extern const EventTable kBaselineEvents;
extern const EventTable kAvx2Events;
extern const EventTable kAvx512Events;
extern const PatchTable kBaselinePatches;
extern const PatchTable kAvx2Patches;
extern const PatchTable kAvx512Patches;
extern const PoolTable kBaselinePools;
extern const PoolTable kAvx2Pools;
extern const PoolTable kAvx512Pools;
extern const SpikeTable kBaselineSpikes;
extern const SpikeTable kAvx2Spikes;
extern const SpikeTable kAvx512Spikes;
extern const WeightTable kBaselineWeights;
extern const WeightTable kAvx2Weights;
extern const WeightTable kAvx512Weights;

}  // namespace trispike::train::kernels
