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
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Appends base + each of the `count` channels to `rows`; whole vectors are written.
HWY_INLINE std::int64_t append_rows(std::uint32_t base, const std::uint16_t* channels,
                                    std::int64_t count, std::uint32_t* rows) {
  const hn::ScalableTag<std::uint32_t> wide;
  const hn::Rebind<std::uint16_t, decltype(wide)> narrow;
  const auto offset = hn::Set(wide, base);
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(wide));
  static_assert(hn::MaxLanes(wide) <= kListSlack);
  for (std::int64_t i = 0; i < count; i += lanes) {
    const auto channel = hn::PromoteTo(wide, hn::LoadU(narrow, channels + i));
    hn::StoreU(hn::Add(channel, offset), wide, rows + i);
  }
  return count;
}

template <class Weight>
HWY_INLINE SpikeCount list_rows(const EventInput<Weight>& input, std::int64_t d) {
  SpikeCount count;
  for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
    const Tap tap = input.taps.taps[i];
    const std::uint32_t base = tap.block * static_cast<std::uint32_t>(input.in_channels);
    const std::uint16_t* channels = input.events.channels + tap.source * input.events.stride;
    const std::int64_t positive = input.events.positive[tap.source];
    count.positive += append_rows(base, channels, positive, input.positive_rows + count.positive);
    count.negative += append_rows(base, channels + positive, input.events.negative[tap.source],
                                  input.negative_rows + count.negative);
  }
  return count;
}

/// Sums of kVectors vectors of channels, held in registers.
template <int kVectors, class Number>
HWY_INLINE void add_rows(const EventInput<Number>& input, SpikeCount count, std::int64_t channel,
                         Number* sums) {
  const hn::ScalableTag<Number> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const Number* weights = input.weights + channel;
  hn::Vec<decltype(tag)> sum[kVectors];
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Load(tag, sums + channel + v * lanes);
  for (std::int64_t i = 0; i < count.positive; ++i) {
    const Number* row = weights + input.positive_rows[i] * input.stride;
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * lanes));
  }
  for (std::int64_t i = 0; i < count.negative; ++i) {
    const Number* row = weights + input.negative_rows[i] * input.stride;
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Sub(sum[v], hn::Load(tag, row + v * lanes));
  }
  for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], tag, sums + channel + v * lanes);
}

template <class Number>
std::int64_t gather(const EventInput<Number>& input, std::int64_t begin, std::int64_t end,
                    Number* sums) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<Number>()));
  std::int64_t rows = 0;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    const SpikeCount count = list_rows(input, d);
    std::int64_t c = 0;
    for (; c + 8 * lanes <= input.stride; c += 8 * lanes) add_rows<8>(input, count, c, sums);
    for (; c + 4 * lanes <= input.stride; c += 4 * lanes) add_rows<4>(input, count, c, sums);
    for (; c < input.stride; c += lanes) add_rows<1>(input, count, c, sums);
    rows += count.positive + count.negative;
  }
  return rows;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
