// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// From bits to lists with the instruction that compresses 16-bit numbers (AVX-512 VBMI2): 32
// channels at a time. Part of the AVX-512 target; attributes as in kernels/vnni.h.

#include <bit>
#include <cstring>

#include "kernels/kernels.h"
#include "kernels/vnni.h"

#if TRISPIKE_HAS_VNNI
TRISPIKE_BEFORE_VNNI();
namespace trispike::runtime::HWY_NAMESPACE {

/// As list_bytes.
HWY_INLINE std::int64_t list_bytes_vbmi2(const std::uint8_t* bits, std::int64_t channels,
                                         __m512i first, std::uint16_t* list) {
  std::int64_t count = 0;
  for (std::int64_t c = 0; c < channels; c += 32) {
    std::uint32_t set;
    std::memcpy(&set, bits + c / 8, sizeof set);
    const __m512i numbers = _mm512_add_epi16(first, _mm512_set1_epi16(static_cast<short>(c)));
    // Compressing to a register and storing all of it is faster than compressing to memory.
    _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi16(set, numbers));
    count += std::popcount(set);
  }
  return count;
}

/// As list_row.
inline SpikeCount list_row_vbmi2(std::int64_t channels, std::int64_t positions, EventSink events) {
  if (events.channels == nullptr) return count_row(channels, positions, events);
  std::uint16_t counting[32];
  for (int i = 0; i < 32; ++i) counting[i] = static_cast<std::uint16_t>(i);
  const __m512i first = _mm512_loadu_si512(counting);
  SpikeCount total;
  for (std::int64_t p = 0; p < positions; ++p) {
    const std::uint8_t* bits = events.bits + 2 * p * events.bits_stride;
    std::uint16_t* list = events.channels + p * events.stride;
    const std::int64_t positive = list_bytes_vbmi2(bits, channels, first, list);
    const std::int64_t negative =
        list_bytes_vbmi2(bits + events.bits_stride, channels, first, list + positive);
    events.positive[p] = static_cast<std::uint16_t>(positive);
    events.negative[p] = static_cast<std::uint16_t>(negative);
    total.positive += positive;
    total.negative += negative;
  }
  return total;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
TRISPIKE_AFTER_VNNI();
#endif
