// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Integer potentials in 16 bits. Where a current may not fit (docs/integer.md), the row of neurons
// goes on in 32 bits until the next reset, so that nothing is ever rounded or cut off.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/kernels.h"
#include "src/aligned.h"
#include "src/plan.h"
#include "trispike/model/neurons/integer_lif.h"

namespace trispike::runtime {

/// The state of one population; an empty one holds no row.
class NarrowState {
 public:
  NarrowState() = default;
  /// Of a population with narrow_limit > 0.
  NarrowState(const Population& population, std::int64_t stride)
      : limit_(population.narrow_limit),
        channels_(population.shape.channels),
        stride_(stride),
        row_(population.shape.width * stride),
        neuron_(model::lower_integer(population.neuron)),
        potentials_(static_cast<std::size_t>(population.positions() * stride), 0),
        below_threshold_(static_cast<std::size_t>(stride), 0),
        bias_(below_threshold_.size(), 0),
        narrow_(static_cast<std::size_t>(population.shape.height), 1) {
    for (std::size_t c = 0; c < population.thresholds.size(); ++c) {
      below_threshold_[c] = static_cast<std::int16_t>(population.thresholds[c] - 1);
    }
    const auto event_driven = [](const Projection& p) { return p.event_driven; };
    driven_ =
        std::none_of(population.projections.begin(), population.projections.end(), event_driven);
    if (driven_) {  // with the bias in it
      drive_.resize(potentials_.size());
    } else {
      std::transform(population.bias.begin(), population.bias.end(), bias_.begin(),
                     [](double bias) { return static_cast<std::int16_t>(bias); });
    }
  }

  /// All potentials are 0, without being written: the next step does not read them.
  void reset() {
    from_zero_ = true;
    std::fill(narrow_.begin(), narrow_.end(), std::uint8_t{1});
  }
  /// All rows have made a step.
  void stepped() { from_zero_ = false; }

  bool empty() const { return narrow_.empty(); }

  /// Whether row `y` is here and its next currents can be tried in 16 bits.
  bool holds(std::int64_t y) const {
    return !narrow_.empty() && narrow_[static_cast<std::size_t>(y)] != 0 &&
           (!driven_ || drive_fits_);
  }

  /// Moves row `y`, if it is here, to the potentials in 32 bits, [positions][stride].
  void widen(std::int64_t y, AlignedVector<std::int32_t>& potentials) {
    if (narrow_.empty() || narrow_[static_cast<std::size_t>(y)] == 0) return;
    narrow_[static_cast<std::size_t>(y)] = 0;
    if (from_zero_) {
      std::fill_n(potentials.begin() + y * row_, row_, 0);
    } else {
      std::copy_n(potentials_.begin() + y * row_, row_, potentials.begin() + y * row_);
    }
  }

  /// `drive`: all currents, [positions][stride], if no event adds to them.
  void set_drive(const AlignedVector<std::int32_t>& drive) {
    constexpr std::size_t kPart = 4096;
    if (!driven_) return;
    drive_fits_ = true;
    for (std::size_t begin = 0; drive_fits_ && begin < drive_.size(); begin += kPart) {
      std::int32_t largest = 0;
      for (std::size_t i = begin; i < std::min(begin + kPart, drive_.size()); ++i) {
        largest = std::max(largest, std::max(drive[i], -drive[i]));
        drive_[i] = static_cast<std::int16_t>(drive[i]);
      }
      drive_fits_ = largest <= limit_;
    }
  }
  /// The currents of row `y`; null if events make them.
  const std::int16_t* drive(std::int64_t y) const {
    return driven_ ? drive_.data() + y * row_ : nullptr;
  }

  std::int16_t* potentials(std::int64_t y) { return potentials_.data() + y * row_; }
  NarrowLif lif() const {
    NarrowLif lif{neuron_, below_threshold_.data(), bias_.data(), channels_, stride_};
    if (from_zero_) lif.neuron.decay_mask = 0;  // nothing is left of what lies there
    return lif;
  }

 private:
  std::int32_t limit_ = 0;
  std::int64_t channels_ = 0;
  std::int64_t stride_ = 0;
  std::int64_t row_ = 0;  // numbers
  model::IntegerLif neuron_{};
  AlignedVector<std::int16_t> potentials_;       // [positions][stride]
  AlignedVector<std::int16_t> below_threshold_;  // [stride]
  AlignedVector<std::int16_t> bias_;             // [stride]
  std::vector<std::uint8_t> narrow_;             // per row: whether it is here
  bool from_zero_ = true;
  bool driven_ = false;
  bool drive_fits_ = false;
  AlignedVector<std::int16_t> drive_;  // [positions][stride]
};

}  // namespace trispike::runtime
