// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Integer multiply-accumulates of a real-valued map, two numbers of a window at a time, with the
// instruction that multiplies 16-bit numbers and adds neighbouring products.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_DENSE_PAIRS_INL_H
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "kernels/dense/dense-inl.h"

#if HWY_ARCH_X86
#include <immintrin.h>

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {

#if HWY_TARGET == HWY_AVX2
using Sums32 = __m256i;
HWY_INLINE Sums32 load_sums(const void* from) {
  return _mm256_load_si256(static_cast<const __m256i*>(from));
}
HWY_INLINE void store_sums(Sums32 sums, std::int32_t* to) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), sums);
}
HWY_INLINE Sums32 repeat_pair(std::int32_t pair) { return _mm256_set1_epi32(pair); }
HWY_INLINE Sums32 add_products(Sums32 sum, Sums32 a, Sums32 b) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
#else
using Sums32 = __m512i;
HWY_INLINE Sums32 load_sums(const void* from) { return _mm512_load_si512(from); }
HWY_INLINE void store_sums(Sums32 sums, std::int32_t* to) { _mm512_store_si512(to, sums); }
HWY_INLINE Sums32 repeat_pair(std::int32_t pair) { return _mm512_set1_epi32(pair); }
HWY_INLINE Sums32 add_products(Sums32 sum, Sums32 a, Sums32 b) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(a, b));
}
#endif

/// Some windows of a map and the weights of some output channels, both in pairs.
class WindowPairs {
 public:
  static constexpr std::int64_t kMaxNumbers = 256;  ///< of a window
  static constexpr std::int64_t kLanes = sizeof(Sums32) / sizeof(std::int32_t);
  static constexpr std::int64_t kChannels = 4 * kLanes;

  /// Window numbers: cells * in_channels <= kMaxNumbers.
  HWY_INLINE explicit WindowPairs(const DenseInput<Integer>& input)
      : input_(input), numbers_(input.cells * input.in_channels) {}

  /// Sums of channels [channel, channel + kChannels) of destinations [begin, end).
  HWY_INLINE void add(std::int64_t channel, std::int64_t begin, std::int64_t end,
                      std::int32_t* sums) {
    load_weights(channel);
    // Windows are written well before they are read: a load that spans two recent stores waits.
    for (std::int64_t d = begin; d < end; d += kWindows) {
      const std::int64_t count = std::min(kWindows, end - d);
      for (std::int64_t i = 0; i < count; ++i) load_window(d + i, windows_[i]);
      for (std::int64_t i = 0; i < count; ++i, sums += input_.stride) {
        multiply(windows_[i], sums + channel);
      }
    }
  }

 private:
  static constexpr std::int64_t kWindows = 16;

  HWY_INLINE void load_weights(std::int64_t channel) {
    for (std::int64_t n = 0; n < numbers_ + numbers_ % 2; ++n) {
      std::int16_t* to = weights_ + n / 2 * 2 * kChannels + n % 2;
      const std::int16_t* from = input_.weights + n * input_.stride + channel;
      for (std::int64_t c = 0; c < kChannels; ++c) {
        to[2 * c] = n < numbers_ ? from[c] : std::int16_t{0};
      }
    }
  }

  HWY_INLINE void load_window(std::int64_t d, std::int16_t* to) const {
    const std::int64_t channels = input_.in_channels;
    const std::uint32_t first = input_.taps.first[d], end = input_.taps.first[d + 1];
    if (end - first < input_.cells || numbers_ % 2 != 0) {
      std::fill_n(to, numbers_ + numbers_ % 2, std::int16_t{0});
    }
    for (std::uint32_t i = first; i < end; ++i) {
      const Tap tap = input_.taps.taps[i];
      const std::int16_t* from = input_.source + tap.source * input_.source_stride;
      std::int16_t* cell = to + tap.block * channels;
      if (channels == 3) {
        std::copy_n(from, 3, cell);
      } else {
        std::copy_n(from, channels, cell);
      }
    }
  }

  HWY_INLINE void multiply(const std::int16_t* window, std::int32_t* sums) const {
    Sums32 a = load_sums(sums), b = load_sums(sums + kLanes);
    Sums32 c = load_sums(sums + 2 * kLanes), d = load_sums(sums + 3 * kLanes);
    const std::int16_t* weights = weights_;
    for (std::int64_t n = 0; n < numbers_; n += 2, weights += 2 * kChannels) {
      std::int32_t two;
      std::memcpy(&two, window + n, sizeof two);
      const Sums32 pair = repeat_pair(two);
      a = add_products(a, pair, load_sums(weights));
      b = add_products(b, pair, load_sums(weights + 2 * kLanes));
      c = add_products(c, pair, load_sums(weights + 4 * kLanes));
      d = add_products(d, pair, load_sums(weights + 6 * kLanes));
    }
    store_sums(a, sums);
    store_sums(b, sums + kLanes);
    store_sums(c, sums + 2 * kLanes);
    store_sums(d, sums + 3 * kLanes);
  }

  const DenseInput<Integer>& input_;
  const std::int64_t numbers_;
  alignas(64) std::int16_t weights_[kMaxNumbers * kChannels];  // [pairs][kChannels][2]
  std::int16_t windows_[kWindows][kMaxNumbers];
};

/// As `dense`.
inline void dense_integer(const DenseInput<Integer>& input, std::int64_t begin, std::int64_t end,
                          std::int32_t* sums) {
  if (input.cells == 0 || input.cells * input.in_channels > WindowPairs::kMaxNumbers) {
    dense<Integer>(input, begin, end, sums);
    return;
  }
  WindowPairs pairs(input);
  for (std::int64_t c = 0; c < input.stride; c += WindowPairs::kChannels) {
    pairs.add(c, begin, end, sums);
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
