// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The equations of neurons/lif.h in integers (docs/integer.md): the decay is a shift, the reset a
// mask. Without branches and multiplications.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "trispike/model/neuron.h"
#include "trispike/model/neurons/lif.h"

namespace trispike::model {

/// Potentials saturate at +-2^30 and a time step's current stays below: their sum fits 32 bits.
inline constexpr std::int32_t kPotentialLimit = std::int32_t{1} << 30;

/// One neuron's constants. A mask is -1 (all bits) for yes and 0 for no.
struct IntegerLif {
  int decay_shift;          ///< the potential is divided by 2^this and rounded down
  std::int32_t decay_mask;  ///< whether anything is left of it (a decay of 0 leaves nothing)
  std::int32_t threshold;   ///< fires +1 where u >= this, in [1, kPotentialLimit]
  std::int32_t ternary;     ///< fires -1 where u <= -threshold (mask)
  std::int32_t hard_reset;  ///< mask
  std::int32_t soft_reset;  ///< mask: the threshold is subtracted
};

/// Without a threshold, which each channel has for itself. The decay must be 0, 1 or 2^-k.
inline IntegerLif lower_integer(const NeuronSpec& neuron) {
  int exponent = 1;
  if (neuron.decay != 0) std::frexp(neuron.decay, &exponent);  // 2^-k is 0.5 * 2^(1 - k)
  const auto mask = [](bool yes) { return yes ? std::int32_t{-1} : std::int32_t{0}; };
  return {1 - exponent,
          mask(neuron.decay != 0),
          0,
          mask(info(neuron.kind).negative_spikes),
          mask(neuron.reset == ResetMode::kHard),
          mask(neuron.reset == ResetMode::kSoft)};
}

/// u before firing.
TRISPIKE_HD std::int32_t charge(const IntegerLif& k, std::int32_t u, std::int32_t input_current) {
  return ((u >> k.decay_shift) & k.decay_mask) + input_current;
}

/// The spike, -1, 0 or 1.
TRISPIKE_HD std::int32_t fire(const IntegerLif& k, std::int32_t u) {
  const std::int32_t positive = u >= k.threshold ? 1 : 0;
  const std::int32_t negative = u <= -k.threshold ? 1 : 0;
  return positive - (negative & k.ternary);
}

/// u after firing.
TRISPIKE_HD std::int32_t reset(const IntegerLif& k, std::int32_t u, std::int32_t spike) {
  const std::int32_t fired = -(spike & 1);
  const std::int32_t sign = spike >> 1;  // -1 if negative
  const std::int32_t subtracted = ((k.threshold ^ sign) - sign) & fired & k.soft_reset;
  const std::int32_t left = (u & ~(fired & k.hard_reset)) - subtracted;
  return std::clamp(left, -kPotentialLimit, kPotentialLimit);
}

}  // namespace trispike::model
