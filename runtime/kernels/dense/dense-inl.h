// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Multiply-accumulates, vectorised across output channels. The product is rounded before it is
// added, as in the scalar kernel: a fused multiply-add would give other bits.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_DENSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_DENSE_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_DENSE_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_DENSE_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Numbers of the sums' type, or narrower ones made wider.
template <class Tag, class Factor>
HWY_INLINE hn::Vec<Tag> load_factors(Tag tag, const Factor* factors) {
  if constexpr (sizeof(Factor) == sizeof(hn::TFromD<Tag>)) {
    return hn::Load(tag, factors);
  } else {
    return hn::PromoteTo(tag, hn::LoadU(hn::Rebind<Factor, Tag>(), factors));
  }
}

/// All taps of destination `d` for kVectors vectors of channels, held in registers.
template <int kVectors, class Number>
HWY_INLINE void dense_channels(const DenseInput<Number>& input, std::int64_t d,
                               std::int64_t channel, typename Types<Number>::Potential* sums) {
  using Sum = typename Types<Number>::Potential;
  const hn::ScalableTag<Sum> tag;
  const std::size_t lanes = hn::Lanes(tag);
  hn::Vec<decltype(tag)> sum[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Load(tag, sums + channel + v * lanes);
  for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
    const Tap tap = input.taps.taps[i];
    const auto* value = input.source + tap.source * input.source_stride;
    const auto* row = input.weights + tap.block * input.in_channels * input.stride + channel;
    for (std::int64_t n = 0; n < input.in_channels; ++n, row += input.stride) {
      const auto factor = hn::Set(tag, static_cast<Sum>(value[n]));
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[v] = hn::Add(sum[v], hn::Mul(factor, load_factors(tag, row + v * lanes)));
      }
    }
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], tag, sums + channel + v * lanes);
}

template <class Number>
void dense(const DenseInput<Number>& input, std::int64_t begin, std::int64_t end,
           typename Types<Number>::Potential* sums) {
  using Sum = typename Types<Number>::Potential;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<Sum>()));
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    std::int64_t c = 0;
    for (; c + 8 * lanes <= input.stride; c += 8 * lanes) dense_channels<8>(input, d, c, sums);
    for (; c + 4 * lanes <= input.stride; c += 4 * lanes) dense_channels<4>(input, d, c, sums);
    for (; c < input.stride; c += lanes) dense_channels<1>(input, d, c, sums);
  }
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_DENSE_INL_H
