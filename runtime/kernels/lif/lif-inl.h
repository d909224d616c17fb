// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Neuron update, vectorised across channels: the compiler vectorises the equations for the target,
// the lists come from bit masks.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_LIF_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_LIF_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_LIF_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_LIF_INL_H
#endif

#include <algorithm>
#include <bit>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/kernels.h"
#include "kernels/lif/spike_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::int64_t kWordBits = 64;
static_assert(kListSlack % kWordBits == 0);

/// Bit i: whether spikes[i] has the wanted sign, for kWordBits spikes.
template <bool kPositive>
HWY_INLINE std::uint64_t spike_mask(const std::int8_t* spikes) {
  const hn::CappedTag<std::int8_t, kWordBits> tag;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto zero = hn::Zero(tag);
  std::uint8_t bits[kWordBits / 8 + 8] = {};  // some targets store more than they need
  for (std::int64_t i = 0; i < kWordBits; i += lanes) {
    const auto spike = hn::LoadU(tag, spikes + i);
    hn::StoreMaskBits(tag, kPositive ? hn::Gt(spike, zero) : hn::Lt(spike, zero), bits + i / 8);
  }
  std::uint64_t mask;
  std::memcpy(&mask, bits, sizeof mask);
  return mask;
}

/// Writes the channels of the set bits; returns their number.
HWY_INLINE std::int64_t list_bits(std::uint64_t mask, std::int64_t channel, std::uint16_t* list) {
  std::int64_t count = 0;
  for (; mask != 0; mask &= mask - 1) {
    list[count++] = static_cast<std::uint16_t>(channel + std::countr_zero(mask));
  }
  return count;
}

/// Writes the channels whose spike has the wanted sign, and returns their number,
/// and, if `bits` is not null, the bits.
template <bool kPositive>
HWY_INLINE std::int64_t list_channels(const std::int8_t* spikes, std::int64_t channels,
                                      std::uint16_t* list, std::uint8_t* bits) {
  std::int64_t count = 0;
  for (std::int64_t c = 0; c < channels; c += kWordBits) {
    const std::uint64_t mask = spike_mask<kPositive>(spikes + c);
    count += list_bits(mask, c, list + count);
    if (bits != nullptr) std::memcpy(bits + c / 8, &mask, sizeof mask);
  }
  return count;
}

/// Padding channels have no current, so they never reach the threshold.
template <class Number>
SpikeCount lif(const LifLayer<Number>& layer, const typename Types<Number>::Current* currents,
               typename Types<Number>::Potential* membrane_potential, std::int64_t positions,
               EventSink events) {
  using Potential = typename Types<Number>::Potential;
  const typename Types<Number>::Neurons neurons = layer.neurons;
  const std::int64_t stride = layer.stride;
  std::int8_t* HWY_RESTRICT spikes = layer.spikes;
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    const auto* HWY_RESTRICT current = currents + p * stride;
    Potential* HWY_RESTRICT u = membrane_potential + p * stride;
    for (std::int64_t c = 0; c < stride; ++c) {
      const auto neuron = neuron_at(neurons, c);
      const Potential u_before = model::charge(neuron, u[c], static_cast<Potential>(current[c]));
      const Potential spike = model::fire(neuron, u_before);
      u[c] = model::reset(neuron, u_before, spike);
      spikes[c] = static_cast<std::int8_t>(spike);
    }
    std::uint16_t* list = events.channels + p * events.stride;
    std::uint8_t* bits =
        events.bits == nullptr ? nullptr : events.bits + 2 * p * events.bits_stride;
    const std::int64_t positive = list_channels<true>(spikes, layer.channels, list, bits);
    if (bits != nullptr) bits += events.bits_stride;
    const std::int64_t negative =
        list_channels<false>(spikes, layer.channels, list + positive, bits);
    events.positive[p] = static_cast<std::uint16_t>(positive);
    events.negative[p] = static_cast<std::uint16_t>(negative);
    total.positive += positive;
    total.negative += negative;
  }
  return total;
}

/// Integers: the same in vectors, from comparisons to bits to lists. Targets whose comparisons give
/// less than a byte of bits take the way above.
#if HWY_MAX_BYTES >= 32
template <ListRow kListRow>
SpikeCount lif_integer(const LifLayer<Integer>& layer, const std::int32_t* currents,
                       std::int32_t* membrane_potential, std::int64_t positions, EventSink events) {
  const hn::ScalableTag<std::int32_t> tag;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const model::IntegerLif& neuron = layer.neurons.shared;
  const auto decay = hn::Set(tag, neuron.decay_mask);
  const auto ternary = hn::Set(tag, neuron.ternary);
  const auto hard = hn::Set(tag, neuron.hard_reset);
  const auto soft = hn::Set(tag, neuron.soft_reset);
  const auto limit = hn::Set(tag, model::kPotentialLimit);
  const auto lower_limit = hn::Neg(limit);
  SpikeBits bits(events);
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    std::uint8_t* positive = bits.positive(p);
    std::uint8_t* negative = bits.negative(p);
    for (std::int64_t c = 0; c < layer.stride; c += lanes) {
      std::int32_t* u = membrane_potential + p * layer.stride + c;
      const auto threshold = hn::Load(tag, layer.neurons.threshold + c);
      const auto left = hn::And(hn::ShiftRightSame(hn::Load(tag, u), neuron.decay_shift), decay);
      const auto before = hn::Add(left, hn::Load(tag, currents + p * layer.stride + c));
      const auto below = hn::VecFromMask(tag, hn::Gt(threshold, before));
      const auto above = hn::VecFromMask(tag, hn::Gt(before, hn::Neg(threshold)));
      const auto up = hn::Not(below);
      const auto down = hn::AndNot(above, ternary);
      const auto subtracted = hn::Sub(hn::And(threshold, up), hn::And(threshold, down));
      const auto after =
          hn::Sub(hn::AndNot(hn::And(hn::Or(up, down), hard), before), hn::And(subtracted, soft));
      hn::Store(hn::Min(hn::Max(after, lower_limit), limit), tag, u);
      hn::StoreMaskBits(tag, hn::MaskFromVec(up), positive + c / 8);
      hn::StoreMaskBits(tag, hn::MaskFromVec(down), negative + c / 8);
    }
    if (events.bits != nullptr) continue;
    const SpikeCount count = list_spikes(bits, layer.channels, events, p);
    total.positive += count.positive;
    total.negative += count.negative;
  }
  return events.bits != nullptr ? kListRow(layer.channels, positions, events) : total;
}
#else
template <ListRow>
inline constexpr auto lif_integer = lif<Integer>;
#endif

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_LIF_INL_H
