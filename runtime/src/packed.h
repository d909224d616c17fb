// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model's weights as the kernels read them: one block per kernel cell and pool divisor, rows of
// output channels padded with zeros. All divisions of pooling happen here, once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/aligned.h"
#include "src/plan.h"
#include "trispike/model/error.h"

namespace trispike::runtime {

template <class T>
using Weights = std::shared_ptr<const AlignedVector<T>>;

template <class Number>
struct PackedPopulation {
  using Real = typename RealOf<Number>::type;

  std::int64_t stride = 0;   ///< numbers per position
  AlignedVector<Real> bias;  ///< [stride]
  /// Per projection, in one of the two: event-driven ones add Numbers, the others multiply Reals.
  std::vector<Weights<Number>> event_weights;
  std::vector<Weights<Real>> dense_weights;
};

template <class Number>
struct Packed {
  std::vector<PackedPopulation<Number>> populations;
  std::int64_t size_bytes = 0;
};

/// [blocks][in_channels][stride], or [blocks][stride] if diagonal.
template <class T>
AlignedVector<T> pack_weights(const Projection& projection, const Connectivity& connectivity,
                              const model::TensorMap& tensors, std::int64_t channels,
                              std::int64_t stride) {
  const std::vector<double> weight = projection.weight.empty()
                                         ? std::vector<double>(std::size_t(channels), 1.0)
                                         : tensors.at(projection.weight).to_double();
  const std::int64_t rows = projection.diagonal ? 1 : projection.in_channels;
  const std::int64_t blocks = static_cast<std::int64_t>(connectivity.blocks.size());
  if (blocks * rows > std::numeric_limits<std::uint32_t>::max()) {
    throw ShapeError(projection.layer, "has more than 2^32 rows of weights");
  }
  AlignedVector<T> packed(static_cast<std::size_t>(blocks * rows * stride), T(0));
  T* row = packed.data();
  for (const WeightBlock& block : connectivity.blocks) {
    for (std::int64_t i = 0; i < rows; ++i, row += stride) {
      for (std::int64_t o = 0; o < channels; ++o) {
        const std::int64_t from =
            projection.diagonal ? o
                                : (o * projection.in_channels + i) * projection.cells + block.cell;
        row[o] = T(weight[static_cast<std::size_t>(from)] / static_cast<double>(block.divisor));
      }
    }
  }
  return packed;
}

/// Packs each layer's weights once, also where several populations read the layer.
template <class T>
class WeightPacker {
 public:
  WeightPacker(const Plan& plan, const model::TensorMap& tensors)
      : plan_(plan), tensors_(tensors) {}

  Weights<T> operator()(const Projection& projection, std::int64_t channels, std::int64_t stride) {
    Weights<T>& weights = packed_[{projection.weight, projection.connectivity, channels}];
    if (weights == nullptr) {
      const auto& connectivity =
          plan_.connectivities[static_cast<std::size_t>(projection.connectivity)];
      weights = std::make_shared<const AlignedVector<T>>(
          pack_weights<T>(projection, connectivity, tensors_, channels, stride));
      size_bytes_ += static_cast<std::int64_t>(weights->size() * sizeof(T));
    }
    return weights;
  }
  std::int64_t size_bytes() const { return size_bytes_; }

 private:
  const Plan& plan_;
  const model::TensorMap& tensors_;
  std::map<std::tuple<std::string, int, std::int64_t>, Weights<T>> packed_;
  std::int64_t size_bytes_ = 0;
};

/// `lanes`: strides are multiples of this (Kernels::lanes).
template <class Number>
Packed<Number> pack(const Plan& plan, const model::TensorMap& tensors, std::int64_t lanes) {
  using Real = typename RealOf<Number>::type;
  Packed<Number> packed;
  WeightPacker<Number> event_packer(plan, tensors);
  WeightPacker<Real> dense_packer(plan, tensors);
  for (const Population& population : plan.populations) {
    PackedPopulation<Number> p;
    p.stride = round_up(population.shape.channels, lanes);
    p.bias.assign(static_cast<std::size_t>(p.stride), Real(0));
    std::copy(population.bias.begin(), population.bias.end(), p.bias.begin());
    for (const Projection& projection : population.projections) {
      const std::int64_t channels = population.shape.channels;
      const bool events = projection.event_driven;
      p.event_weights.push_back(events ? event_packer(projection, channels, p.stride) : nullptr);
      p.dense_weights.push_back(events ? nullptr : dense_packer(projection, channels, p.stride));
    }
    packed.populations.push_back(std::move(p));
  }
  packed.size_bytes = event_packer.size_bytes() + dense_packer.size_bytes();
  return packed;
}

}  // namespace trispike::runtime
