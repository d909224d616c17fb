// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <string>

#include "kernels/neuron_layer.h"
#include "kernels/neuron_layer_targets.h"
#include "trispike/model/error.h"

namespace trispike::train::kernels {
namespace {

#if defined(__x86_64__)
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512cd");
}
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"); }
#endif
bool always() { return true; }

constexpr NeuronLayerTarget kTargets[] = {
#if defined(__x86_64__)
    {"avx512", has_avx512, &kAvx512Table, &kAvx512Events, &kAvx512Patches, &kAvx512Pools,
     &kAvx512Weights, &kAvx512Spikes},
    {"avx2", has_avx2, &kAvx2Table, &kAvx2Events, &kAvx2Patches, &kAvx2Pools, &kAvx2Weights,
     &kAvx2Spikes},
#endif
    {"scalar", always, &kBaselineTable, &kBaselineEvents, &kBaselinePatches, &kBaselinePools,
     &kBaselineWeights, &kBaselineSpikes},
};

}  // namespace

std::span<const NeuronLayerTarget> neuron_layer_targets() { return kTargets; }

const NeuronLayerTarget& neuron_layer_target() {
  static const NeuronLayerTarget& chosen = []() -> const NeuronLayerTarget& {
    const char* forced = std::getenv("TRISPIKE_TARGET");
    for (const NeuronLayerTarget& target : neuron_layer_targets()) {
      if (forced && *forced ? target.name == forced : target.supported()) {
        if (!target.supported()) break;
        return target;
      }
    }
    throw ConfigError("TRISPIKE_TARGET",
                      "'" + std::string(forced ? forced : "") +
                          "' is not a target of this machine; see: trispike cpu");
  }();
  return chosen;
}

const EventTable& event_table() { return *neuron_layer_target().events; }
const PatchTable& patch_table() { return *neuron_layer_target().patches; }
const PoolTable& pool_table() { return *neuron_layer_target().pools; }
const SpikeTable& spike_table() { return *neuron_layer_target().spikes; }
const WeightTable& weight_table() { return *neuron_layer_target().weights; }

std::int64_t chunk_count(const MapSize& size) {
  const std::int64_t fitting = kBlockElements / size.channels;
  const std::int64_t rows_per_block = fitting > 1 ? fitting : 1;
  const std::int64_t blocks = (size.rows + rows_per_block - 1) / rows_per_block;
  return blocks < kMaxChunks ? blocks : kMaxChunks;
}

std::int64_t workspace_size(const MapSize& size) {
  const std::int64_t fitting = kBlockElements / size.channels;
  const std::int64_t elements = (fitting > 1 ? fitting : 1) * size.channels;
  // backward needs most: u, grad_u, grad_sum, surrogate, amplitude, threshold, potentials, sums and
  // norm constants of all groups
  return elements * (6 + size.time_steps + 2 * size.groups + 4 * size.groups) + 64;
}

}  // namespace trispike::train::kernels
