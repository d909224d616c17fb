// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// When and by what the spikes of a layer are multiplied instead of added: beyond some firing rate,
// multiplying everything is faster than looking for the spikes. Sums are the same.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/plan.h"
#include "trispike/model/model_data.h"

namespace trispike::runtime {

/// Weights of one projection as DenseSpikesInput wants them.
struct DenseSpikeWeights {
  AlignedVector<std::int8_t> weights;
  AlignedVector<std::int32_t> excess;
  std::uint8_t zero = 0;         ///< of the spike map
  std::int64_t from_spikes = 0;  ///< of the source in one time step: multiplying is faster

  std::int64_t size_bytes() const {
    return std::ssize(weights) + std::ssize(excess) * std::int64_t{sizeof(std::int32_t)};
  }
};

inline constexpr std::int64_t kNeverDense = std::numeric_limits<std::int64_t>::max();

/// Layers that would multiply from a higher firing rate on never do: such rates are rare, and a
/// copy of the weights is not free.
inline constexpr double kMostFiring = 0.7;

/// From how many spikes of the source in one time step multiplying is faster, if it takes
/// `cost` and can be done at all: an integer layer that reads spikes, whose
/// sums may fit 16 bits. More than the source has neurons: never.
std::int64_t dense_from(const Plan& plan, const Population& population,
                        const Projection& projection, const DenseCost& cost);

/// Null if spikes are never multiplied. `stride`: numbers per position of the destination.
std::shared_ptr<const DenseSpikeWeights> pack_spike_weights(
    const Plan& plan, const Population& population, const Projection& projection,
    const model::TensorMap& tensors, std::int64_t stride, const DenseCost& cost);

}  // namespace trispike::runtime
