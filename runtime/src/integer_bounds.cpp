// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/integer_bounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "src/tensor_numbers.h"
#include "trispike/model/error.h"
#include "trispike/model/neurons/integer_lif.h"

namespace trispike::runtime {
namespace {

constexpr std::int64_t k16Bits = std::numeric_limits<std::int16_t>::max();
constexpr std::int64_t k32Bits = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kMagnitudes = 129;  // of an int8

/// Of each block of weights: how often one destination sees it at most.
std::vector<std::int64_t> most_uses(const Plan& plan, const Projection& projection) {
  if (projection.adds_rows()) {
    return std::vector<std::int64_t>(plan.weight_blocks(projection).size(),
                                     plan.pooled_positions(projection));
  }
  const Connectivity& connectivity = plan.connectivity(projection);
  std::vector<std::int64_t> most(connectivity.blocks.size(), 0);
  std::vector<std::int64_t> uses(most.size(), 0);
  for (std::size_t d = 0; d + 1 < connectivity.first.size(); ++d) {
    for (std::uint32_t i = connectivity.first[d]; i < connectivity.first[d + 1]; ++i) {
      ++uses[connectivity.taps[i].block];
    }
    for (std::uint32_t i = connectivity.first[d]; i < connectivity.first[d + 1]; ++i) {
      const std::uint32_t block = connectivity.taps[i].block;
      most[block] = std::max(most[block], uses[block]);
      uses[block] = 0;
    }
  }
  return most;
}

/// What can reach one output channel: how many weights of each magnitude.
class Reach {
 public:
  void add(std::int64_t magnitude, std::int64_t times) {
    count_[static_cast<std::size_t>(magnitude)] += times;
    sum_ += magnitude * times;
  }
  std::int64_t sum() const { return sum_; }
  std::int64_t largest() const {
    std::int64_t magnitude = kMagnitudes - 1;
    while (magnitude > 0 && count_[static_cast<std::size_t>(magnitude)] == 0) --magnitude;
    return magnitude;
  }
  /// The largest n such that the n largest sum to at most 16 bits' worth.
  std::int64_t rows_in_16_bits() const {
    std::int64_t rows = 0;
    std::int64_t left = k16Bits;
    for (std::size_t magnitude = kMagnitudes; magnitude-- > 1;) {
      const auto size = static_cast<std::int64_t>(magnitude);
      const std::int64_t fit = std::min(count_[magnitude], left / size);
      rows += fit;
      left -= fit * size;
      if (fit < count_[magnitude]) return rows;
    }
    return rows + count_[0];
  }

 private:
  std::array<std::int64_t, kMagnitudes> count_{};
  std::int64_t sum_ = 0;
};

/// Per channel, the most that one projection can add if each place of its source has one event;
/// sets its rows_in_16_bits.
std::vector<std::int64_t> largest_sums(const Plan& plan, Projection& projection,
                                       std::int64_t channels, const model::TensorMap& tensors) {
  const std::vector<WeightBlock> blocks = plan.weight_blocks(projection);
  const std::vector<std::int64_t> uses = most_uses(plan, projection);
  std::vector<std::int64_t> sums(static_cast<std::size_t>(channels), 0);
  visit_numbers(tensors.at(projection.weight), [&](const auto& weight) {
    const auto magnitude = [&](std::int64_t i) {
      return static_cast<std::int64_t>(std::abs(weight[static_cast<std::size_t>(i)]));
    };
    if (projection.diagonal) {
      std::int64_t times = 0;
      for (const std::int64_t n : uses) times += n;
      for (std::int64_t o = 0; o < channels; ++o) {
        sums[static_cast<std::size_t>(o)] = magnitude(o) * times;
      }
      return;
    }
    projection.rows_in_16_bits = std::numeric_limits<std::int64_t>::max();
    for (std::int64_t o = 0; o < channels; ++o) {
      Reach reach;
      for (std::size_t b = 0; b < uses.size(); ++b) {
        for (std::int64_t i = 0; i < projection.in_channels; ++i) {
          const std::int64_t cell = blocks[b].cell;
          reach.add(magnitude((o * projection.in_channels + i) * projection.cells + cell), uses[b]);
        }
      }
      // A place of the input may have any number of events, all of them with its largest weight.
      const std::int64_t rows = projection.source == kInputSource
                                    ? k16Bits / std::max<std::int64_t>(reach.largest(), 1)
                                    : reach.rows_in_16_bits();
      projection.rows_in_16_bits = std::min(projection.rows_in_16_bits, rows);
      sums[static_cast<std::size_t>(o)] = reach.sum();
    }
  });
  return sums;
}

void check(const std::string& layer, std::size_t channel, const char* what, std::int64_t value,
           std::int64_t limit) {
  if (value <= limit) return;
  throw ShapeError(layer, "its " + std::string(what) + " could reach " + std::to_string(value) +
                              " in channel " + std::to_string(channel) + ", more than " +
                              std::to_string(limit));
}

/// Sets plan.most_input_events as well, if `population` reads events of the input.
void prove(Plan& plan, Population& population, const model::TensorMap& tensors) {
  const auto channels = static_cast<std::size_t>(population.shape.channels);
  std::vector<std::int64_t> currents(channels, 0);   // caused by events
  std::vector<std::int64_t> per_event(channels, 0);  // by one event at each place of the input
  std::vector<std::int64_t> products(channels, 0);   // sums with the input
  for (Projection& projection : population.projections) {
    const std::vector<std::int64_t> sums =
        largest_sums(plan, projection, population.shape.channels, tensors);
    for (std::size_t o = 0; o < channels; ++o) {
      // Checked one by one, so that the bounds themselves cannot overflow.
      if (projection.event_driven && projection.source == kInputSource) {
        per_event[o] += sums[o];
        check(population.layer, o, "current", per_event[o], model::kPotentialLimit - 1);
      } else if (projection.event_driven) {
        currents[o] += sums[o];
        check(population.layer, o, "current", currents[o], model::kPotentialLimit - 1);
      } else {
        check(population.layer, o, "sum with the input", sums[o], k32Bits);
        products[o] += sums[o] * kLargestInput;
      }
    }
  }
  const std::int64_t half = (std::int64_t{1} << population.input_shift) / 2;
  for (std::size_t o = 0; o < channels; ++o) {
    const auto bias = static_cast<std::int64_t>(std::abs(population.bias[o]));
    const std::int64_t shifted = bias * (std::int64_t{1} << population.input_shift);
    if (products[o] > 0) {
      check(population.layer, o, "sum with the input", products[o] + shifted + half, k32Bits);
    }
    const std::int64_t current = currents[o] + bias + (products[o] >> population.input_shift) + 1;
    check(population.layer, o, "current", current + per_event[o], model::kPotentialLimit - 1);
    if (per_event[o] > 0) {
      plan.most_input_events =
          std::min(plan.most_input_events, (model::kPotentialLimit - 1 - current) / per_event[o]);
    }
  }
}

}  // namespace

void prove_bounds(Plan& plan, const model::TensorMap& tensors) {
  for (Population& population : plan.populations) prove(plan, population, tensors);
}

}  // namespace trispike::runtime
