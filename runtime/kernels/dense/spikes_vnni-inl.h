// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A tile with the instruction that multiplies bytes and adds four products to 32 bits (AVX-512
// VNNI). Part of the AVX-512 target; attributes as in kernels/vnni.h.

#include <cstring>

#include "kernels/dense/spikes.h"
#include "kernels/vnni.h"

#if TRISPIKE_HAS_VNNI
TRISPIKE_BEFORE_VNNI();
namespace trispike::runtime::HWY_NAMESPACE {

/// Sums of kDenseChannels output channels of one destination.
struct QuadSums {
  __m512i a, b, c, d;

  HWY_INLINE void add(const std::uint8_t* quad, __m512i wa, __m512i wb, __m512i wc, __m512i wd) {
    std::int32_t four;
    std::memcpy(&four, quad, sizeof four);
    const __m512i numbers = _mm512_set1_epi32(four);
    a = _mm512_dpbusd_epi32(a, numbers, wa);
    b = _mm512_dpbusd_epi32(b, numbers, wb);
    c = _mm512_dpbusd_epi32(c, numbers, wc);
    d = _mm512_dpbusd_epi32(d, numbers, wd);
  }
  HWY_INLINE void store(std::int32_t* sums) const {
    _mm512_store_si512(sums, a);
    _mm512_store_si512(sums + 16, b);
    _mm512_store_si512(sums + 32, c);
    _mm512_store_si512(sums + 48, d);
  }
};

struct VnniTile {
  static constexpr int kPositions = 6;

  static void run(const DenseTile& tile) {
    const std::int8_t* weights = tile.weights;
    const __m512i zero = _mm512_setzero_si512();
    const QuadSums none{zero, zero, zero, zero};
    QuadSums s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none;
    for (std::int64_t y = 0; y < tile.rows; ++y) {
      const std::uint8_t* x0 = tile.windows[0] + y * tile.row_pitch;
      const std::uint8_t* x1 = tile.windows[1] + y * tile.row_pitch;
      const std::uint8_t* x2 = tile.windows[2] + y * tile.row_pitch;
      const std::uint8_t* x3 = tile.windows[3] + y * tile.row_pitch;
      const std::uint8_t* x4 = tile.windows[4] + y * tile.row_pitch;
      const std::uint8_t* x5 = tile.windows[5] + y * tile.row_pitch;
      for (std::int64_t i = 0; i < tile.quads * SpikeMap::kQuad; i += SpikeMap::kQuad) {
        const __m512i a = _mm512_load_si512(weights);
        const __m512i b = _mm512_load_si512(weights + 64);
        const __m512i c = _mm512_load_si512(weights + 128);
        const __m512i d = _mm512_load_si512(weights + 192);
        weights += kDenseChannels * SpikeMap::kQuad;
        s0.add(x0 + i, a, b, c, d);
        s1.add(x1 + i, a, b, c, d);
        s2.add(x2 + i, a, b, c, d);
        s3.add(x3 + i, a, b, c, d);
        s4.add(x4 + i, a, b, c, d);
        s5.add(x5 + i, a, b, c, d);
      }
    }
    s0.store(tile.sums);
    s1.store(tile.sums + kDenseChannels);
    s2.store(tile.sums + 2 * kDenseChannels);
    s3.store(tile.sums + 3 * kDenseChannels);
    s4.store(tile.sums + 4 * kDenseChannels);
    s5.store(tile.sums + 5 * kDenseChannels);
  }
};

}  // namespace trispike::runtime::HWY_NAMESPACE
TRISPIKE_AFTER_VNNI();
#endif
