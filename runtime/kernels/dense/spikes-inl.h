// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spike maps times weights. What targets have in common, and tiles with the instruction of x86 that
// multiplies bytes and adds pairs of products to 16 bits: the numbers of a map are small, so many
// such sums fit before they must be widened.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_DENSE_SPIKES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_DENSE_SPIKES_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_DENSE_SPIKES_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_DENSE_SPIKES_INL_H
#endif

#include <cstdint>
#include <cstring>
#include <limits>

#include "hwy/highway.h"
#include "kernels/dense/spikes.h"

#if HWY_ARCH_X86
#include <immintrin.h>
#endif

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Sets the bytes of one position to `from`, those of a position or `zero`, and its spikes.
template <class Before>
HWY_INLINE void write_spike_bits(const SpikeMap& map, std::int64_t source, std::uint8_t* to,
                                 const Before& before) {
  const hn::ScalableTag<std::uint8_t> tag;
  const auto one = hn::Set(tag, std::uint8_t{1});
  const std::uint8_t* positive = map.events.bits + 2 * source * map.events.bits_stride;
  const std::uint8_t* negative = positive + map.events.bits_stride;
  for (std::int64_t c = 0; c < map.pitch(); c += static_cast<std::int64_t>(hn::Lanes(tag))) {
    const auto up = hn::IfThenElseZero(hn::LoadMaskBits(tag, positive + c / 8), one);
    const auto down = hn::IfThenElseZero(hn::LoadMaskBits(tag, negative + c / 8), one);
    hn::StoreU(hn::Sub(hn::Add(before(to + c), up), down), tag, to + c);
  }
}

/// As scalar::write_spike_map, from bits. What is written too much behind a position is `zero`, as
/// the padding there is, or the next position's, which is written later.
inline void write_spike_map(const SpikeMap& map) {
  const hn::ScalableTag<std::uint8_t> tag;
  const auto zero = hn::Set(tag, map.zero);
  const auto nothing = [&](const std::uint8_t*) HWY_ATTR { return zero; };
  const auto there = [&](const std::uint8_t* from) HWY_ATTR { return hn::LoadU(tag, from); };
  const StripWindow& window = map.window;
  const auto pad = [&](std::uint8_t* from, const std::uint8_t* to) {
    std::memset(from, map.zero, static_cast<std::size_t>(to - from));
  };
  const std::int64_t side = window.padding * map.pitch();
  std::uint8_t* row = map.bytes + window.padding * map.row_pitch();
  pad(map.bytes, row);
  for (std::int64_t y = 0, p = 0; y < window.height; ++y, row += map.row_pitch()) {
    pad(row, row + side);
    std::uint8_t* to = row + side;
    for (std::int64_t x = 0; x < window.width; ++x, ++p, to += map.pitch()) {
      if (map.sources.first == nullptr) {
        write_spike_bits(map, p, to, nothing);
        continue;
      }
      const std::uint32_t first = map.sources.first[p];
      const std::uint32_t end = map.sources.first[p + 1];
      if (first == end) pad(to, to + map.pitch());
      for (std::uint32_t i = first; i < end; ++i) {
        const std::int64_t source = map.sources.taps[i].source;
        if (i == first) {
          write_spike_bits(map, source, to, nothing);
        } else {
          write_spike_bits(map, source, to, there);
        }
      }
    }
    pad(to, to + side);
  }
  pad(row, map.bytes + map.size());
}

inline bool finish_sums(const std::int32_t* HWY_RESTRICT sums,
                        const std::int32_t* HWY_RESTRICT excess, std::int64_t channels,
                        std::int32_t share, bool add, std::int16_t* HWY_RESTRICT to) {
  const hn::ScalableTag<std::int32_t> wide;
  const hn::Rebind<std::int16_t, decltype(wide)> tag;
  auto largest = hn::Zero(wide);
  for (std::int64_t c = 0; c < channels; c += static_cast<std::int64_t>(hn::Lanes(wide))) {
    const auto sum = hn::Sub(hn::Load(wide, sums + c), hn::Load(wide, excess + c));
    largest = hn::Max(largest, hn::Abs(sum));
    auto narrow = hn::DemoteTo(tag, sum);
    if (add) narrow = hn::Add(narrow, hn::Load(tag, to + c));
    hn::Store(narrow, tag, to + c);
  }
  return hn::AllFalse(wide, hn::Gt(largest, hn::Set(wide, share)));
}

template <class Tile>
void dense_spikes(const DenseSpikesInput& input, std::int64_t begin, std::int64_t end, bool add,
                  std::int16_t* sums, std::uint8_t* fits) {
  dense_tiles<Tile>(input, begin, end, add, sums, fits, finish_sums);
}

#if HWY_ARCH_X86
#if HWY_TARGET == HWY_AVX2
using ByteVector = __m256i;
HWY_INLINE __m256i zero_bytes() { return _mm256_setzero_si256(); }
HWY_INLINE __m256i load_bytes(const std::int8_t* from) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
}
HWY_INLINE __m256i repeat_quad(const std::uint8_t* from) {
  std::int32_t quad;
  std::memcpy(&quad, from, sizeof quad);
  return _mm256_set1_epi32(quad);
}
HWY_INLINE __m256i add_pairs(__m256i sum, __m256i numbers, __m256i weights) {
  return _mm256_add_epi16(sum, _mm256_maddubs_epi16(numbers, weights));
}
/// Adds the sums of neighbours.
HWY_INLINE void flush(__m256i pairs, std::int32_t* sums) {
  auto* to = reinterpret_cast<__m256i*>(sums);
  const __m256i wide = _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
  _mm256_store_si256(to, _mm256_add_epi32(_mm256_load_si256(to), wide));
}
#else
using ByteVector = __m512i;
HWY_INLINE __m512i zero_bytes() { return _mm512_setzero_si512(); }
HWY_INLINE __m512i load_bytes(const std::int8_t* from) { return _mm512_load_si512(from); }
HWY_INLINE __m512i repeat_quad(const std::uint8_t* from) {
  std::int32_t quad;
  std::memcpy(&quad, from, sizeof quad);
  return _mm512_set1_epi32(quad);
}
HWY_INLINE __m512i add_pairs(__m512i sum, __m512i numbers, __m512i weights) {
  return _mm512_add_epi16(sum, _mm512_maddubs_epi16(numbers, weights));
}
HWY_INLINE void flush(__m512i pairs, std::int32_t* sums) {
  const __m512i wide = _mm512_madd_epi16(pairs, _mm512_set1_epi16(1));
  _mm512_store_si512(sums, _mm512_add_epi32(_mm512_load_si512(sums), wide));
}
#endif

/// 16-bit sums of two vectors of output channels. (Arrays of vectors would be kept in memory.)
struct PairSums {
  ByteVector a, b;

  HWY_INLINE void add(const std::uint8_t* quad, ByteVector weights_a, ByteVector weights_b) {
    const ByteVector numbers = repeat_quad(quad);
    a = add_pairs(a, numbers, weights_a);
    b = add_pairs(b, numbers, weights_b);
  }
  HWY_INLINE void add_to(std::int32_t* sums) const {
    flush(a, sums);
    flush(b, sums + sizeof(ByteVector) / sizeof(std::int32_t));
  }
};

struct PairTile {
  static constexpr int kPositions = 6;

  static void run(const DenseTile& tile) {
    constexpr std::int64_t kBytes = sizeof(ByteVector);
    constexpr std::int64_t kQuads = kDenseChannels * SpikeMap::kQuad;  // bytes of one quad
    // Two products of a byte up to 2 zero and a weight at a time.
    const std::int64_t quads_that_fit =
        std::numeric_limits<std::int16_t>::max() / (2 * 2 * tile.zero * 127);
    std::memset(tile.sums, 0, sizeof(std::int32_t) * kPositions * kDenseChannels);
    for (std::int64_t c = 0; c < kDenseChannels * SpikeMap::kQuad; c += 2 * kBytes) {
      std::int32_t* sums = tile.sums + c / SpikeMap::kQuad;
      for (std::int64_t y = 0; y < tile.rows; ++y) {
        const std::int8_t* weights = tile.weights + y * tile.quads * kQuads + c;
        for (std::int64_t begin = 0; begin < tile.quads; begin += quads_that_fit) {
          const std::int64_t count = std::min(quads_that_fit, tile.quads - begin);
          const std::int64_t at = y * tile.row_pitch + begin * SpikeMap::kQuad;
          const std::uint8_t* x[kPositions];
          for (int p = 0; p < kPositions; ++p) x[p] = tile.windows[p] + at;
          const PairSums none{zero_bytes(), zero_bytes()};
          PairSums s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none;
          for (std::int64_t q = 0; q < count; ++q, weights += kQuads) {
            const ByteVector a = load_bytes(weights);
            const ByteVector b = load_bytes(weights + kBytes);
            const std::int64_t i = q * SpikeMap::kQuad;
            s0.add(x[0] + i, a, b);
            s1.add(x[1] + i, a, b);
            s2.add(x[2] + i, a, b);
            s3.add(x[3] + i, a, b);
            s4.add(x[4] + i, a, b);
            s5.add(x[5] + i, a, b);
          }
          s0.add_to(sums);
          s1.add_to(sums + kDenseChannels);
          s2.add_to(sums + 2 * kDenseChannels);
          s3.add_to(sums + 3 * kDenseChannels);
          s4.add_to(sums + 4 * kDenseChannels);
          s5.add_to(sums + 5 * kDenseChannels);
        }
      }
    }
  }
};

#endif  // HWY_ARCH_X86

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_DENSE_SPIKES_INL_H
