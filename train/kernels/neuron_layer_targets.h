// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What each neuron_layer_<target>.cpp offers to the dispatch table.
#pragma once

#include "kernels/neuron_layer.h"

namespace trispike::train::kernels {

void fill_baseline(NeuronLayerTarget& target);
void fill_avx2(NeuronLayerTarget& target);
void fill_avx512(NeuronLayerTarget& target);

}  // namespace trispike::train::kernels
