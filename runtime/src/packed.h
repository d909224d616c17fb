// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A model's weights as the kernels read them: one block per kernel cell and pool divisor, rows of
// output channels padded with zeros. All divisions of pooling happen here, once; integer weights
// are divided already.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "src/aligned.h"
#include "src/byte_rows.h"
#include "src/dense_spikes.h"
#include "src/plan.h"
#include "src/tensor_numbers.h"
#include "trispike/model/error.h"

namespace trispike::runtime {

template <class T>
using Weights = std::shared_ptr<const AlignedVector<T>>;

template <class Number>
struct PackedPopulation {
  using Potential = typename Types<Number>::Potential;

  std::int64_t stride = 0;        ///< numbers per position
  AlignedVector<Potential> bias;  ///< [stride]
  /// What sums with real-valued maps start from: the bias, in integers before the shift.
  AlignedVector<Potential> dense_bias;  ///< [stride]
  AlignedVector<Potential> thresholds;  ///< integer neurons only: [stride]
  /// Per projection, in one of these: event-driven ones add rows of weights, or a constant if they
  /// are diagonal; the others multiply.
  std::vector<Weights<typename Types<Number>::Weight>> event_weights;
  std::vector<ByteRows> event_rows;  ///< beside event_weights
  std::vector<Weights<typename Types<Number>::Constant>> event_constants;
  std::vector<Weights<typename Types<Number>::Factor>> dense_weights;
  /// Beside event_weights, null where spikes are never multiplied.
  std::vector<std::shared_ptr<const DenseSpikeWeights>> spike_weights;
};

template <class Number>
struct Packed {
  std::vector<PackedPopulation<Number>> populations;
  std::int64_t size_bytes = 0;
};

/// Strips (kernels.h) hold offsets of 32 bits: of a row of weights in its copy, and as many columns
/// further as the map has.
inline void check_offsets(const Projection& projection, std::int64_t packed,
                          std::int64_t column_size) {
  const std::int64_t columns = projection.window.source_width * column_size;
  if (packed + columns > std::numeric_limits<std::uint32_t>::max()) {
    throw ShapeError(projection.layer, "has more than 2^32 packed weights");
  }
}

/// [blocks][in_channels][stride], or [blocks][stride] if diagonal; a row of zeros behind each
/// column of a window if events add rows (EventInput::weights).
template <class T>
AlignedVector<T> pack_weights(const Projection& projection,
                              const std::vector<WeightBlock>& blocks_of_weights,
                              const model::TensorMap& tensors, std::int64_t channels,
                              std::int64_t stride) {
  const std::int64_t rows = projection.diagonal ? 1 : projection.in_channels;
  const std::int64_t blocks = std::ssize(blocks_of_weights);
  const std::int64_t column = projection.adds_rows() ? projection.window.kernel_height : blocks;
  const std::int64_t gap = projection.adds_rows() ? stride : 0;
  const std::int64_t size = blocks * rows * stride + blocks / column * gap;
  check_offsets(projection, size, column * rows * stride + gap);
  AlignedVector<T> packed(static_cast<std::size_t>(size), T(0));
  const auto fill = [&](const auto& weight) {
    T* row = packed.data();
    std::int64_t blocks_done = 0;
    for (const WeightBlock& block : blocks_of_weights) {
      if (blocks_done > 0 && blocks_done % column == 0) row += gap;
      ++blocks_done;
      for (std::int64_t i = 0; i < rows; ++i, row += stride) {
        for (std::int64_t o = 0; o < channels; ++o) {
          const std::int64_t from =
              projection.diagonal
                  ? o
                  : (o * projection.in_channels + i) * projection.cells + block.cell;
          row[o] = T(weight[static_cast<std::size_t>(from)] / static_cast<double>(block.divisor));
        }
      }
    }
  };
  if (projection.weight.empty()) {
    fill(std::vector<double>(std::size_t(channels), 1.0));
  } else {
    visit_numbers(tensors.at(projection.weight), fill);
  }
  return packed;
}

/// Packs each layer's weights once, also where several populations read the layer.
template <class T>
class WeightPacker {
 public:
  /// `shrinks`: as `shrink` does.
  WeightPacker(const Plan& plan, const model::TensorMap& tensors, bool shrinks = false)
      : plan_(plan), tensors_(tensors), shrinks_(shrinks) {}

  Weights<T> operator()(const Projection& projection, std::int64_t channels, std::int64_t stride) {
    Known& known = packed_[{projection.weight, projection.connectivity, channels}];
    if (known.weights == nullptr) {
      AlignedVector<T> packed =
          pack_weights<T>(projection, plan_.weight_blocks(projection), tensors_, channels, stride);
      if constexpr (std::is_same_v<T, BiasedByte>) {
        if (shrinks_) known.rows = shrink(packed);
      }
      size_bytes_ += static_cast<std::int64_t>(packed.size() * sizeof(T));
      known.weights = std::make_shared<const AlignedVector<T>>(std::move(packed));
    }
    rows_ = known.rows;
    return known.weights;
  }
  /// Of the weights packed last.
  ByteRows rows() const { return rows_; }
  std::int64_t size_bytes() const { return size_bytes_; }

 private:
  const Plan& plan_;
  const model::TensorMap& tensors_;
  bool shrinks_;
  struct Known {
    Weights<T> weights;
    ByteRows rows;
  };
  std::map<std::tuple<std::string, int, std::int64_t>, Known> packed_;
  ByteRows rows_;
  std::int64_t size_bytes_ = 0;
};

/// Thresholds, and a start of the sums with the input that makes their shift round to nearest.
/// Padding channels have a threshold too: they have no current and stay below it.
template <class Number>
void pack_integer_constants(const Population& population, PackedPopulation<Number>& packed) {
  using Potential = typename Types<Number>::Potential;
  packed.thresholds.assign(static_cast<std::size_t>(packed.stride), Potential(1));
  std::copy(population.thresholds.begin(), population.thresholds.end(), packed.thresholds.begin());
  const auto unit = Potential(1) << population.input_shift;
  for (Potential& start : packed.dense_bias) start = start * unit + unit / 2;
}

/// Of each tensor of weights, the last population that reads it.
inline std::map<std::string, std::size_t> last_readers(const Plan& plan) {
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < plan.populations.size(); ++i) {
    for (const Projection& projection : plan.populations[i].projections) {
      last[projection.weight] = i;
    }
  }
  return last;
}

/// `done`, if not null, are the same tensors: those of weights are emptied as soon as they are
/// packed, so that the memory of a model is not needed twice. `lanes`: strides are multiples of
/// this (Kernels::lanes). `dense_cost`: that of NarrowKernels; zeros: spikes are never multiplied.
/// `vectors`: for kernels that know EventInput::bias.
template <class Number>
Packed<Number> pack(const Plan& plan, const model::TensorMap& tensors, std::int64_t lanes,
                    const DenseCost& dense_cost = {}, model::TensorMap* done = nullptr,
                    bool vectors = false) {
  using Potential = typename Types<Number>::Potential;
  Packed<Number> packed;
  WeightPacker<typename Types<Number>::Weight> event_packer(plan, tensors, vectors);
  WeightPacker<typename Types<Number>::Constant> constant_packer(plan, tensors);
  WeightPacker<typename Types<Number>::Factor> dense_packer(plan, tensors);
  const std::map<std::string, std::size_t> last = last_readers(plan);
  for (const Population& population : plan.populations) {
    PackedPopulation<Number> p;
    p.stride = round_up(population.shape.channels, lanes);
    p.bias.assign(static_cast<std::size_t>(p.stride), Potential(0));
    std::copy(population.bias.begin(), population.bias.end(), p.bias.begin());
    p.dense_bias = p.bias;
    if constexpr (std::is_integral_v<Potential>) pack_integer_constants(population, p);
    for (const Projection& projection : population.projections) {
      const std::int64_t channels = population.shape.channels;
      const bool events = projection.event_driven;
      const bool rows = events && !projection.diagonal;
      p.event_weights.push_back(rows ? event_packer(projection, channels, p.stride) : nullptr);
      p.event_rows.push_back(rows ? event_packer.rows() : ByteRows{});
      p.event_constants.push_back(events && !rows ? constant_packer(projection, channels, p.stride)
                                                  : nullptr);
      p.dense_weights.push_back(events ? nullptr : dense_packer(projection, channels, p.stride));
      p.spike_weights.push_back(
          pack_spike_weights(plan, population, projection, tensors, p.stride, dense_cost));
      if (p.spike_weights.back() != nullptr) {
        packed.size_bytes += p.spike_weights.back()->size_bytes();
      }
    }
    for (const Projection& projection : population.projections) {
      const bool read_again = last.at(projection.weight) > packed.populations.size();
      if (done == nullptr || projection.weight.empty() || read_again) continue;
      std::exchange(done->at(projection.weight).data, {});
    }
    packed.populations.push_back(std::move(p));
  }
  packed.size_bytes +=
      event_packer.size_bytes() + constant_packer.size_bytes() + dense_packer.size_bytes();
  return packed;
}

}  // namespace trispike::runtime
