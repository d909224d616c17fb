// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Integer neurons of 16 bits, vectorised across channels.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_LIF_NARROW_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_LIF_NARROW_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_LIF_NARROW_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_LIF_NARROW_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/kernels.h"
#include "kernels/lif/spike_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Bits of two vectors of masks, in order.
template <class Tag>
HWY_INLINE void store_bits(Tag, hn::Vec<Tag> low, hn::Vec<Tag> high, std::uint8_t* bits) {
  const hn::Repartition<std::uint8_t, Tag> bytes;
  const auto both = hn::ConcatEven(bytes, hn::BitCast(bytes, high), hn::BitCast(bytes, low));
  hn::StoreMaskBits(bytes, hn::MaskFromVec(both), bits);
}

/// `events` has bits.
template <ListRow kListRow>
SpikeCount lif_narrow(const NarrowLif& layer, const std::int16_t* currents,
                      std::int16_t* membrane_potential, std::int64_t positions, EventSink events) {
  const hn::ScalableTag<std::int16_t> tag;
  using Vector = hn::Vec<decltype(tag)>;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto mask = [&](std::int32_t yes)
                        HWY_ATTR { return hn::Set(tag, static_cast<std::int16_t>(yes)); };
  const Vector decay = mask(layer.neuron.decay_mask);
  const Vector ternary = mask(layer.neuron.ternary);
  const Vector hard = mask(layer.neuron.hard_reset);
  const Vector soft = mask(layer.neuron.soft_reset);
  // Returns by `up` and `down`, as masks, which of a vector of neurons fire.
  const auto update = [&](std::int64_t c, const std::int16_t* current, std::int16_t* u, Vector& up,
                          Vector& down) HWY_ATTR {
    const Vector below = hn::Load(tag, layer.below_threshold + c);
    const Vector left =
        hn::And(hn::ShiftRightSame(hn::Load(tag, u + c), layer.neuron.decay_shift), decay);
    const Vector before =
        hn::Add(left, hn::Add(hn::Load(tag, current + c), hn::Load(tag, layer.bias + c)));
    up = hn::VecFromMask(tag, hn::Gt(before, below));
    down = hn::And(hn::VecFromMask(tag, hn::Gt(hn::Neg(below), before)), ternary);
    const Vector threshold = hn::Add(below, hn::Set(tag, std::int16_t{1}));
    const Vector subtracted = hn::Sub(hn::And(threshold, up), hn::And(threshold, down));
    const Vector after =
        hn::Sub(hn::AndNot(hn::And(hn::Or(up, down), hard), before), hn::And(subtracted, soft));
    hn::Store(after, tag, u + c);
  };
  SpikeBits bits(events);
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::int16_t* current = currents + p * layer.stride;
    std::int16_t* u = membrane_potential + p * layer.stride;
    std::uint8_t* positive = bits.positive(p);
    std::uint8_t* negative = bits.negative(p);
    for (std::int64_t c = 0; c < layer.stride; c += 2 * lanes) {
      Vector up[2], down[2];
      update(c, current, u, up[0], down[0]);
      update(c + lanes, current, u, up[1], down[1]);
      store_bits(tag, up[0], up[1], positive + c / 8);
      store_bits(tag, down[0], down[1], negative + c / 8);
    }
  }
  return kListRow(layer.channels, positions, events);
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_LIF_NARROW_INL_H
