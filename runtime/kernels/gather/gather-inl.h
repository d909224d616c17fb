// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Gathering events, vectorised across output channels.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#endif

#include "hwy/highway.h"
#include "kernels/gather/scalar.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Whole vectors are written.
template <class Weight>
HWY_INLINE void list_strip(const EventInput<Weight>& input, std::int64_t y) {
  const hn::ScalableTag<std::uint32_t> wide;
  const hn::Rebind<std::uint16_t, decltype(wide)> narrow;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  static_assert(2 * hn::MaxLanes(wide) <= kListSlack);
  const auto stride = hn::Set(wide, static_cast<std::uint32_t>(input.stride));
  scalar::list_strip(input, y,
                     [&](const std::uint16_t* channels, std::int64_t count, std::uint32_t offset,
                         std::uint32_t* list) HWY_ATTR {
                       const auto begin = hn::Set(wide, offset);
                       // Two vectors at a time, so that most lists take one turn.
                       for (std::int64_t i = 0; i < count; i += 2 * lanes) {
                         for (std::int64_t j = i; j < i + 2 * lanes; j += lanes) {
                           const auto channel =
                               hn::PromoteTo(wide, hn::LoadU(narrow, channels + j));
                           hn::StoreU(hn::Add(begin, hn::Mul(channel, stride)), wide, list + j);
                         }
                       }
                     });
}

/// Sums of kVectors vectors of channels, held in registers.
template <int kVectors, class Number>
HWY_INLINE void add_rows(const scalar::SeenEvents<Number>& seen, std::int64_t channel,
                         Number* sums) {
  const hn::ScalableTag<Number> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const Number* weights = seen.weights + channel;
  hn::Vec<decltype(tag)> sum[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Load(tag, sums + channel + v * lanes);
  for (std::int64_t i = 0; i < seen.count.positive; ++i) {
    const Number* row = weights + seen.positive[i];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * lanes));
  }
  for (std::int64_t i = 0; i < seen.count.negative; ++i) {
    const Number* row = weights + seen.negative[i];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Sub(sum[v], hn::Load(tag, row + v * lanes));
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], tag, sums + channel + v * lanes);
}

template <class Number>
std::int64_t gather(const EventInput<Number>& input, std::int64_t y, Number* sums) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<Number>()));
  list_strip(input, y);
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const scalar::SeenEvents<Number> seen = scalar::seen_from(input, x);
    std::int64_t c = 0;
    for (; c + 8 * lanes <= input.stride; c += 8 * lanes) add_rows<8>(seen, c, sums);
    for (; c + 4 * lanes <= input.stride; c += 4 * lanes) add_rows<4>(seen, c, sums);
    for (; c < input.stride; c += lanes) add_rows<1>(seen, c, sums);
    rows += seen.count.positive + seen.count.negative;
  }
  return rows;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
