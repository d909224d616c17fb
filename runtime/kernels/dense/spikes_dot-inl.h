// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A tile with the instruction of 64-bit ARM that multiplies bytes and adds four products to 32 bits
// (SDOT). Part of the NEON target; attributes as in kernels/dot.h. The numbers of a map are no more
// than 2 kMaxZero, so they are the same with a sign.

#include <cstring>

#include "kernels/dense/spikes.h"
#include "kernels/dot.h"

#if TRISPIKE_HAS_DOT
TRISPIKE_BEFORE_DOT();
namespace trispike::runtime::HWY_NAMESPACE {

/// Sums of kDotChannels output channels of one destination: as many as six of them and the weights
/// fit the registers.
inline constexpr std::int64_t kDotChannels = 16;

struct DotSums {
  int32x4_t a, b, c, d;

  HWY_INLINE void add(const std::uint8_t* quad, int8x16_t wa, int8x16_t wb, int8x16_t wc,
                      int8x16_t wd) {
    std::int32_t four;
    std::memcpy(&four, quad, sizeof four);
    const int8x16_t numbers = vreinterpretq_s8_s32(vdupq_n_s32(four));
    a = vdotq_s32(a, wa, numbers);
    b = vdotq_s32(b, wb, numbers);
    c = vdotq_s32(c, wc, numbers);
    d = vdotq_s32(d, wd, numbers);
  }
  HWY_INLINE void store(std::int32_t* sums) const {
    vst1q_s32(sums, a);
    vst1q_s32(sums + 4, b);
    vst1q_s32(sums + 8, c);
    vst1q_s32(sums + 12, d);
  }
};

struct DotTile {
  static constexpr int kPositions = 6;
  static_assert(2 * SpikeMap::kMaxZero <= 127);

  static void run(const DenseTile& tile) {
    for (std::int64_t c = 0; c < kDenseChannels; c += kDotChannels) run(tile, c);
  }

 private:
  /// Of kDotChannels channels from `channel` on.
  static HWY_INLINE void run(const DenseTile& tile, std::int64_t channel) {
    const std::int8_t* weights = tile.weights + channel * SpikeMap::kQuad;
    const int32x4_t zero = vdupq_n_s32(0);
    const DotSums none{zero, zero, zero, zero};
    DotSums s0 = none, s1 = none, s2 = none, s3 = none, s4 = none, s5 = none;
    for (std::int64_t y = 0; y < tile.rows; ++y) {
      const std::int64_t row = y * tile.row_pitch;
      for (std::int64_t i = row; i < row + tile.quads * SpikeMap::kQuad; i += SpikeMap::kQuad) {
        const int8x16_t a = vld1q_s8(weights);
        const int8x16_t b = vld1q_s8(weights + 16);
        const int8x16_t c = vld1q_s8(weights + 32);
        const int8x16_t d = vld1q_s8(weights + 48);
        weights += kDenseChannels * SpikeMap::kQuad;
        s0.add(tile.windows[0] + i, a, b, c, d);
        s1.add(tile.windows[1] + i, a, b, c, d);
        s2.add(tile.windows[2] + i, a, b, c, d);
        s3.add(tile.windows[3] + i, a, b, c, d);
        s4.add(tile.windows[4] + i, a, b, c, d);
        s5.add(tile.windows[5] + i, a, b, c, d);
      }
    }
    std::int32_t* sums = tile.sums + channel;
    s0.store(sums);
    s1.store(sums + kDenseChannels);
    s2.store(sums + 2 * kDenseChannels);
    s3.store(sums + 3 * kDenseChannels);
    s4.store(sums + 4 * kDenseChannels);
    s5.store(sums + 5 * kDenseChannels);
  }
};

}  // namespace trispike::runtime::HWY_NAMESPACE
TRISPIKE_AFTER_DOT();
#endif
