// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Integer multiply-accumulates of a real-valued map, two channels of the input at a time, with the
// instruction that multiplies 16-bit numbers and adds neighbouring products.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "kernels/dense/dense-inl.h"

#if HWY_ARCH_X86
#include <immintrin.h>

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX2
using Shorts = __m256i;
HWY_INLINE Shorts no_shorts() { return _mm256_setzero_si256(); }
HWY_INLINE Shorts load_shorts(const std::int16_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
HWY_INLINE Shorts repeat_pair(std::int32_t pair) { return _mm256_set1_epi32(pair); }
HWY_INLINE Shorts interleave_low(Shorts a, Shorts b) { return _mm256_unpacklo_epi16(a, b); }
HWY_INLINE Shorts interleave_high(Shorts a, Shorts b) { return _mm256_unpackhi_epi16(a, b); }
HWY_INLINE Shorts add_products(Shorts sum, Shorts a, Shorts b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
/// Interleaving works within 128 bits: this undoes it.
HWY_INLINE void add_in_order(Shorts low, Shorts high, std::int32_t* sums) {
  auto* to = reinterpret_cast<__m256i*>(sums);
  const __m256i first = _mm256_permute2x128_si256(low, high, 0x20);
  const __m256i second = _mm256_permute2x128_si256(low, high, 0x31);
  _mm256_store_si256(to, _mm256_add_epi32(_mm256_load_si256(to), first));
  _mm256_store_si256(to + 1, _mm256_add_epi32(_mm256_load_si256(to + 1), second));
}
#else
using Shorts = __m512i;
HWY_INLINE Shorts no_shorts() { return _mm512_setzero_si512(); }
HWY_INLINE Shorts load_shorts(const std::int16_t* from) { return _mm512_load_si512(from); }
HWY_INLINE Shorts repeat_pair(std::int32_t pair) { return _mm512_set1_epi32(pair); }
HWY_INLINE Shorts interleave_low(Shorts a, Shorts b) { return _mm512_unpacklo_epi16(a, b); }
HWY_INLINE Shorts interleave_high(Shorts a, Shorts b) { return _mm512_unpackhi_epi16(a, b); }
HWY_INLINE Shorts add_products(Shorts sum, Shorts a, Shorts b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}
HWY_INLINE void add_in_order(Shorts low, Shorts high, std::int32_t* sums) {
  const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
  const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
  const auto add = [&](const __m512i& order, std::int32_t* to) HWY_ATTR {
    const __m512i ordered = _mm512_permutex2var_epi64(low, order, high);
    _mm512_store_si512(to, _mm512_add_epi32(_mm512_load_si512(to), ordered));
  };
  add(first, sums);
  add(second, sums + 16);
}
#endif

/// Destination `d`, two vectors of weights from `channel` on, or one.
template <bool kTwo>
HWY_INLINE void dense_pairs(const DenseInput<Integer>& input, std::int64_t d, std::int64_t channel,
                            std::int32_t* sums) {
  constexpr std::int64_t kShorts = sizeof(Shorts) / sizeof(std::int16_t);
  Shorts low_a = no_shorts(), high_a = no_shorts(), low_b = no_shorts(), high_b = no_shorts();
  for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
    const Tap tap = input.taps.taps[i];
    const std::int16_t* value = input.source + tap.source * input.source_stride;
    const std::int16_t* row =
        input.weights + tap.block * input.in_channels * input.stride + channel;
    for (std::int64_t n = 0; n < input.in_channels; n += 2, row += 2 * input.stride) {
      const bool both = n + 1 < input.in_channels;
      const std::uint32_t upper = both ? static_cast<std::uint16_t>(value[n + 1]) : 0U;
      const Shorts pair = repeat_pair(
          static_cast<std::int32_t>(static_cast<std::uint16_t>(value[n]) | upper << 16));
      // The second of a pair that is none is multiplied by 0: any numbers will do.
      const std::int16_t* next = both ? row + input.stride : row;
      const Shorts a = load_shorts(row), next_a = load_shorts(next);
      low_a = add_products(low_a, pair, interleave_low(a, next_a));
      high_a = add_products(high_a, pair, interleave_high(a, next_a));
      if constexpr (kTwo) {
        const Shorts b = load_shorts(row + kShorts), next_b = load_shorts(next + kShorts);
        low_b = add_products(low_b, pair, interleave_low(b, next_b));
        high_b = add_products(high_b, pair, interleave_high(b, next_b));
      }
    }
  }
  add_in_order(low_a, high_a, sums + channel);
  if constexpr (kTwo) add_in_order(low_b, high_b, sums + channel + kShorts);
}

/// As `dense`.
inline void dense_integer(const DenseInput<Integer>& input, std::int64_t begin, std::int64_t end,
                          std::int32_t* sums) {
  constexpr std::int64_t kShorts = sizeof(Shorts) / sizeof(std::int16_t);
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    std::int64_t c = 0;
    for (; c + 2 * kShorts <= input.stride; c += 2 * kShorts) dense_pairs<true>(input, d, c, sums);
    for (; c < input.stride; c += kShorts) dense_pairs<false>(input, d, c, sums);
  }
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#else

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
inline constexpr auto dense_integer = dense<Integer>;
}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif  // HWY_ARCH_X86

#endif  // TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
