// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/integer_bounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

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
  void add_constant(std::int64_t magnitude, std::int64_t times) { sum_ += magnitude * times; }
  std::int64_t sum() const { return sum_; }
  std::int64_t largest() const {
    std::int64_t magnitude = kMagnitudes - 1;
    while (magnitude > 0 && count_[static_cast<std::size_t>(magnitude)] == 0) --magnitude;
    return magnitude;
  }
  std::int64_t rows() const {
    return std::accumulate(count_.begin(), count_.end(), std::int64_t{0});
  }
  /// The sum of the `rows` largest.
  std::int64_t sum_of_largest(std::int64_t rows) const {
    std::int64_t sum = 0;
    for (std::size_t magnitude = kMagnitudes; magnitude-- > 1 && rows > 0;) {
      const std::int64_t taken = std::min(count_[magnitude], rows);
      sum += taken * static_cast<std::int64_t>(magnitude);
      rows -= taken;
    }
    return sum;
  }
  /// The largest n such that the n largest sum to at most `limit`.
  std::int64_t rows_within(std::int64_t limit) const {
    std::int64_t rows = 0;
    std::int64_t left = limit;
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

/// Per channel, what one projection can add if each place of its source has one event.
std::vector<Reach> reaches(const Plan& plan, const Projection& projection, std::int64_t channels,
                           const model::TensorMap& tensors) {
  const std::vector<WeightBlock> blocks = plan.weight_blocks(projection);
  const std::vector<std::int64_t> uses = most_uses(plan, projection);
  std::vector<Reach> reaches(static_cast<std::size_t>(channels));
  visit_numbers(tensors.at(projection.weight), [&](const auto& weight) {
    const auto magnitude = [&](std::int64_t i) {
      return static_cast<std::int64_t>(std::abs(weight[static_cast<std::size_t>(i)]));
    };
    for (std::int64_t o = 0; o < channels; ++o) {
      Reach& reach = reaches[static_cast<std::size_t>(o)];
      for (std::size_t b = 0; b < uses.size(); ++b) {
        if (projection.diagonal) {
          reach.add_constant(magnitude(o), uses[b]);
          continue;
        }
        for (std::int64_t i = 0; i < projection.in_channels; ++i) {
          const std::int64_t cell = blocks[b].cell;
          reach.add(magnitude((o * projection.in_channels + i) * projection.cells + cell), uses[b]);
        }
      }
    }
  });
  return reaches;
}

/// How many rows, whichever, add no more than `limit`. A place of the input may have any number of
/// events, all of them with its largest weight.
std::int64_t rows_within(const Projection& projection, const std::vector<Reach>& reaches,
                         std::int64_t limit) {
  std::int64_t rows = std::numeric_limits<std::int64_t>::max();
  for (const Reach& reach : reaches) {
    rows = std::min(rows, projection.source == kInputSource
                              ? limit / std::max<std::int64_t>(reach.largest(), 1)
                              : reach.rows_within(limit));
  }
  return rows;
}

void check(const std::string& layer, std::size_t channel, const char* what, std::int64_t value,
           std::int64_t limit) {
  if (value <= limit) return;
  throw ShapeError(layer, "its " + std::string(what) + " could reach " + std::to_string(value) +
                              " in channel " + std::to_string(channel) + ", more than " +
                              std::to_string(limit));
}

/// Within which currents the potentials fit 16 bits, if they start there. Less than what sums are
/// cut off at, so that one that was cut off never counts as fitting.
std::int64_t narrow_limit(const Population& population) {
  const model::IntegerLif neuron = model::lower_integer(population.neuron);
  const auto threshold = static_cast<std::int64_t>(
      *std::max_element(population.thresholds.begin(), population.thresholds.end()));
  if (threshold > k16Bits) return 0;
  // What is left after a hard reset on both sides is below the threshold.
  const bool below = neuron.hard_reset != 0 && neuron.ternary != 0;
  const std::int64_t largest = below ? threshold : k16Bits + 1;
  const std::int64_t left = neuron.decay_mask == 0 ? 0 : largest >> neuron.decay_shift;
  return k16Bits - std::max<std::int64_t>(left, 1);
}

/// Shares the 16 bits of a current out to the projections that add rows of weights. Sets
/// population.narrow_limit if they can be expected to suffice.
void prove_narrow(Population& population, const std::vector<std::vector<Reach>>& reach) {
  constexpr std::int64_t kLeast = 4096;
  const std::int64_t limit = narrow_limit(population);
  const auto driven = [](const Projection& p) { return p.event_driven; };
  const bool all =
      std::all_of(population.projections.begin(), population.projections.end(), driven);
  const bool none =
      std::none_of(population.projections.begin(), population.projections.end(), driven);
  if (limit < kLeast || population.projections.empty() || !(all || none)) return;
  if (none) {  // what they give is looked at when it is known
    population.narrow_limit = static_cast<std::int32_t>(limit);
    return;
  }
  std::int64_t constant = 0;  // bias, identities
  for (std::size_t o = 0; o < population.bias.size(); ++o) {
    std::int64_t of_channel = static_cast<std::int64_t>(std::abs(population.bias[o]));
    for (std::size_t j = 0; j < reach.size(); ++j) {
      const Projection& projection = population.projections[j];
      if (!projection.diagonal) continue;
      if (projection.source == kInputSource) return;
      of_channel += reach[j][o].sum();
    }
    constant = std::max(constant, of_channel);
  }
  const std::int64_t left = limit - constant;
  if (left < kLeast || left > k16Bits) return;
  // What `part` thousandths of a projection's rows can add.
  const auto share = [&](std::size_t j, std::int64_t part) {
    std::int64_t most = 0;
    if (population.projections[j].diagonal) return most;
    for (const Reach& of_channel : reach[j]) {
      most = std::max(most, of_channel.sum_of_largest(of_channel.rows() * part / 1000));
    }
    return most;
  };
  const auto fits = [&](std::int64_t part) {
    std::int64_t sum = 0;
    for (std::size_t j = 0; j < reach.size(); ++j) sum += share(j, part);
    return sum <= left;
  };
  // One alone gets what rounding left, too.
  const bool alone = std::count_if(population.projections.begin(), population.projections.end(),
                                   [](const Projection& p) { return !p.diagonal; }) == 1;
  // The largest part that fits, the same of every projection.
  std::int64_t part = 0;
  for (std::int64_t step = 512; step > 0; step /= 2) {
    if (part + step <= 1000 && fits(part + step)) part += step;
  }
  for (std::size_t j = 0; j < reach.size(); ++j) {
    Projection& projection = population.projections[j];
    if (projection.diagonal) continue;
    projection.narrow_share = static_cast<std::int32_t>(alone ? left : share(j, part));
    projection.narrow_rows = std::min(projection.rows_in_16_bits,
                                      rows_within(projection, reach[j], projection.narrow_share));
  }
  population.narrow_limit = static_cast<std::int32_t>(limit);
}

/// Sets plan.most_input_events as well, if `population` reads events of the input.
void prove(Plan& plan, Population& population, const model::TensorMap& tensors) {
  const auto channels = static_cast<std::size_t>(population.shape.channels);
  std::vector<std::int64_t> currents(channels, 0);   // caused by events
  std::vector<std::int64_t> per_event(channels, 0);  // by one event at each place of the input
  std::vector<std::int64_t> products(channels, 0);   // sums with the input
  std::vector<std::vector<Reach>> reach;
  for (Projection& projection : population.projections) {
    reach.push_back(reaches(plan, projection, population.shape.channels, tensors));
    if (!projection.diagonal) {
      projection.rows_in_16_bits = rows_within(projection, reach.back(), k16Bits);
    }
    for (std::size_t o = 0; o < channels; ++o) {
      // Checked one by one, so that the bounds themselves cannot overflow.
      if (projection.event_driven && projection.source == kInputSource) {
        per_event[o] += reach.back()[o].sum();
        check(population.layer, o, "current", per_event[o], model::kPotentialLimit - 1);
      } else if (projection.event_driven) {
        currents[o] += reach.back()[o].sum();
        check(population.layer, o, "current", currents[o], model::kPotentialLimit - 1);
      } else {
        check(population.layer, o, "sum with the input", reach.back()[o].sum(), k32Bits);
        products[o] += reach.back()[o].sum() * kLargestInput;
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
  if (population.activation == Activation::kSpikes) prove_narrow(population, reach);
}

}  // namespace

void prove_bounds(Plan& plan, const model::TensorMap& tensors) {
  for (Population& population : plan.populations) prove(plan, population, tensors);
}

}  // namespace trispike::runtime
