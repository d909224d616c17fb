// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From bits of which neurons fired to lists of them, eight at a time and without branches.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_SPIKE_BITS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_SPIKE_BITS_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_SPIKE_BITS_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_SPIKE_BITS_INL_H
#endif

#include <bit>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/kernels.h"
#include "kernels/lif/set_bits.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// One bit per channel of a position: those of the sink, or of a scratch if it keeps none.
class SpikeBits {
 public:
  explicit SpikeBits(const EventSink& events) : events_(events) {}

  std::uint8_t* positive(std::int64_t p) {
    return events_.bits == nullptr ? positive_ : events_.bits + 2 * p * events_.bits_stride;
  }
  std::uint8_t* negative(std::int64_t p) {
    return events_.bits == nullptr ? negative_ : positive(p) + events_.bits_stride;
  }

 private:
  const EventSink& events_;
  // Some targets store more bytes than they need.
  std::uint8_t positive_[kMaxChannels / 8 + 1 + HWY_MAX_BYTES];
  std::uint8_t negative_[kMaxChannels / 8 + 1 + HWY_MAX_BYTES];
};

/// Writes the channels of the set bits of `bytes` bytes, and up to 7 more; returns their number.
HWY_INLINE std::int64_t list_bytes(const std::uint8_t* bits, std::int64_t bytes,
                                   std::uint16_t* list) {
  const hn::FixedTag<std::uint16_t, 8> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> narrow;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < bytes; ++i) {
    const SetBits& set = kSetBits[bits[i]];
    const auto channels = hn::PromoteTo(wide, hn::Load(narrow, set.indices));
    hn::StoreU(hn::Add(channels, hn::Set(wide, static_cast<std::uint16_t>(8 * i))), wide,
               list + count);
    count += std::popcount(static_cast<unsigned>(bits[i]));
  }
  return count;
}

/// Writes the lists of position `p`. Positions follow each other in memory: what is written too
/// much behind one is overwritten by the next.
HWY_INLINE SpikeCount list_spikes(SpikeBits& bits, std::int64_t channels, EventSink events,
                                  std::int64_t p) {
  const std::int64_t bytes = (channels + 7) / 8;
  std::uint16_t* list = events.channels + p * events.stride;
  const std::int64_t positive = list_bytes(bits.positive(p), bytes, list);
  const std::int64_t negative = list_bytes(bits.negative(p), bytes, list + positive);
  events.positive[p] = static_cast<std::uint16_t>(positive);
  events.negative[p] = static_cast<std::uint16_t>(negative);
  return {positive, negative};
}

/// How lists are made of bits: list_row, or the same with more instructions.
using ListRow = SpikeCount (*)(std::int64_t channels, std::int64_t positions, EventSink events);

HWY_INLINE std::uint16_t count_bits(const std::uint8_t* bits, std::int64_t channels) {
  int count = 0;
  std::int64_t c = 0;
  for (; c + 64 <= channels; c += 64) {
    std::uint64_t word;
    std::memcpy(&word, bits + c / 8, sizeof word);
    count += std::popcount(word);
  }
  for (; c < channels; c += 8) count += std::popcount(static_cast<unsigned>(bits[c / 8]));
  return static_cast<std::uint16_t>(count);
}

/// How many spikes `positions` positions have, from their bits.
inline SpikeCount count_row(std::int64_t channels, std::int64_t positions, EventSink events) {
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::uint8_t* bits = events.bits + 2 * p * events.bits_stride;
    events.positive[p] = count_bits(bits, channels);
    events.negative[p] = count_bits(bits + events.bits_stride, channels);
    total.positive += events.positive[p];
    total.negative += events.negative[p];
  }
  return total;
}

/// Writes the lists of `positions` positions from their bits, which there are; without room for
/// lists it only counts.
inline SpikeCount list_row(std::int64_t channels, std::int64_t positions, EventSink events) {
  if (events.channels == nullptr) return count_row(channels, positions, events);
  SpikeBits bits(events);
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    const SpikeCount count = list_spikes(bits, channels, events, p);
    total.positive += count.positive;
    total.negative += count.negative;
  }
  return total;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_SPIKE_BITS_INL_H
