// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Spike maps times weights with tiles (AMX): an instruction multiplies 16 windows, of 64 bytes
// each, by 64 weights of each of 16 output channels. Part of the AVX-512 target.

#include <algorithm>
#include <cstdint>
#include <utility>

#include "hwy/highway.h"
#include "kernels/amx.h"
#include "kernels/dense/spikes-inl.h"
#include "kernels/dense/spikes.h"

#if TRISPIKE_HAS_AMX
HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {

inline constexpr std::int64_t kTileRows = 16;
inline constexpr std::int64_t kTileBytes = 64;  // of a row
inline constexpr std::int64_t kTileChannels = kTileBytes / SpikeMap::kQuad;
static_assert(SpikeMap::kWindows == 2 * kTileRows);
static_assert(SpikeMap::kWindowMultiple == kTileBytes);

/// All tiles have their full size while this exists.
class FullTiles {
 public:
  FullTiles() {
    struct alignas(64) {
      std::uint8_t palette = 1;
      std::uint8_t unused[15] = {};
      std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } const shape;
    asm volatile("ldtilecfg %0" ::"m"(shape));
  }
  FullTiles(const FullTiles&) = delete;
  FullTiles& operator=(const FullTiles&) = delete;
  ~FullTiles() { asm volatile("tilerelease"); }
};

template <int kTile>
HWY_INLINE void clear_tile() {
  asm volatile("tilezero %%tmm%c0" ::"i"(kTile));
}
template <int kTile>
HWY_INLINE void load_tile(const void* from, std::int64_t row_pitch) {
  asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(row_pitch), "i"(kTile) : "memory");
}
template <int kTile>
HWY_INLINE void store_tile(std::int32_t* to) {
  const std::int64_t row_pitch = kDenseChannels * std::int64_t{sizeof(std::int32_t)};
  asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(row_pitch), "i"(kTile) : "memory");
}
/// Adds the products of windows and weights to sums.
template <int kSums, int kWindows, int kWeights>
HWY_INLINE void multiply_tiles() {
  asm volatile("tdpbusd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSums), "i"(kWindows), "i"(kWeights));
}

/// Up to 2 * kTileRows windows. What lies under one is `rows` pieces of `tiles` * kTileBytes bytes.
struct WindowTiles {
  const std::uint8_t* first;   ///< of kTileRows windows
  const std::uint8_t* second;  ///< of as many more; null: there are none
  std::int64_t window_pitch;
  std::int64_t rows;
  std::int64_t row_pitch;
  std::int64_t tiles;
};

/// Sets sums [windows][kDenseChannels]. Two tiles of windows and two of weights at a time, so that
/// each is loaded half as often; where windows are few, four of weights.
HWY_INLINE void multiply_windows(const WindowTiles& windows, const std::int8_t* weights,
                                 std::int32_t* sums) {
  constexpr std::int64_t kQuadPitch = kDenseChannels * SpikeMap::kQuad;  // of weights
  constexpr std::int64_t kStep = kTileBytes / SpikeMap::kQuad * kQuadPitch;
  const auto for_each_tile = [&](std::int64_t first, const auto& use) HWY_ATTR {
    for (std::int64_t y = 0, at = first; y < windows.rows; ++y) {
      std::int64_t byte = y * windows.row_pitch;
      for (std::int64_t i = 0; i < windows.tiles; ++i, byte += kTileBytes, at += kStep) {
        use(byte, weights + at);
      }
    }
  };
  if (windows.second == nullptr) {
    clear_tile<0>(), clear_tile<1>(), clear_tile<2>(), clear_tile<3>();
    for_each_tile(0, [&](std::int64_t byte, const std::int8_t* weight) HWY_ATTR {
      load_tile<4>(windows.first + byte, windows.window_pitch);
      load_tile<5>(weight, kQuadPitch);
      multiply_tiles<0, 4, 5>();
      load_tile<6>(weight + kTileBytes, kQuadPitch);
      multiply_tiles<1, 4, 6>();
      load_tile<7>(weight + 2 * kTileBytes, kQuadPitch);
      multiply_tiles<2, 4, 7>();
      load_tile<5>(weight + 3 * kTileBytes, kQuadPitch);
      multiply_tiles<3, 4, 5>();
    });
    store_tile<0>(sums);
    store_tile<1>(sums + kTileChannels);
    store_tile<2>(sums + 2 * kTileChannels);
    store_tile<3>(sums + 3 * kTileChannels);
    return;
  }
  for (std::int64_t half = 0; half < 2; ++half) {
    clear_tile<0>(), clear_tile<1>(), clear_tile<2>(), clear_tile<3>();
    for_each_tile(half * 2 * kTileBytes,
                  [&](std::int64_t byte, const std::int8_t* weight) HWY_ATTR {
                    load_tile<4>(windows.first + byte, windows.window_pitch);
                    load_tile<6>(weight, kQuadPitch);
                    multiply_tiles<0, 4, 6>();
                    load_tile<7>(weight + kTileBytes, kQuadPitch);
                    multiply_tiles<1, 4, 7>();
                    load_tile<5>(windows.second + byte, windows.window_pitch);
                    multiply_tiles<2, 5, 6>();
                    multiply_tiles<3, 5, 7>();
                  });
    std::int32_t* to = sums + half * 2 * kTileChannels;
    store_tile<0>(to);
    store_tile<1>(to + kTileChannels);
    store_tile<2>(to + kTileRows * kDenseChannels);
    store_tile<3>(to + kTileRows * kDenseChannels + kTileChannels);
  }
}

/// As finish_sums, of kDenseChannels channels. A share of a plan is less than what sums are cut off
/// at.
HWY_INLINE bool finish_channels(const std::int32_t* sums, const std::int32_t* excess, __m512i share,
                                bool add, std::int16_t* to) {
  const auto sum = [&](std::int64_t c) HWY_ATTR {
    return _mm512_sub_epi32(_mm512_load_si512(sums + c), _mm512_load_si512(excess + c));
  };
  // Packing takes 128 bits of either vector in turn.
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  const auto pack = [&](std::int64_t c) HWY_ATTR {
    return _mm512_permutexvar_epi64(order, _mm512_packs_epi32(sum(c), sum(c + 16)));
  };
  __m512i low = pack(0);
  __m512i high = pack(32);
  const __m512i largest = _mm512_max_epu16(_mm512_abs_epi16(low), _mm512_abs_epi16(high));
  if (add) {
    low = _mm512_add_epi16(low, _mm512_load_si512(to));
    high = _mm512_add_epi16(high, _mm512_load_si512(to + 32));
  }
  _mm512_store_si512(to, low);
  _mm512_store_si512(to + 32, high);
  return _mm512_cmpgt_epu16_mask(largest, share) == 0;
}

/// Copies `size` bytes and less than kTileBytes more.
HWY_INLINE void copy_bytes(const std::uint8_t* from, std::int64_t size, std::uint8_t* to) {
  const hn::ScalableTag<std::uint8_t> tag;
  for (std::int64_t i = 0; i < size; i += kTileBytes) {
    hn::StoreU(hn::LoadU(tag, from + i), tag, to + i);
  }
}

/// As NarrowKernels::dense_spikes.
inline void dense_spikes_amx(const DenseSpikesInput& input, std::int64_t begin, std::int64_t end,
                             bool add, std::int16_t* sums, std::uint8_t* fits) {
  const SpikeMap& map = input.map;
  const StripWindow& window = map.window;
  const std::int64_t width = window.destination_width;
  const std::int64_t row = window.kernel_width * map.pitch();  // of a window, bytes
  const std::int64_t size = window.kernel_height * row;
  const std::int64_t pitch = map.window_pitch();
  const auto bytes_under = [&](std::int64_t destination) {
    return map.bytes + destination / width * window.stride * map.row_pitch() +
           destination % width * window.stride * map.pitch();
  };
  // Windows that lie at equal distances are loaded from the map, others side by side.
  const bool direct = width % kTileRows == 0 && row % kTileBytes == 0;
  WindowTiles windows{nullptr, nullptr, pitch, 1, 0, pitch / kTileBytes};
  if (direct) {
    windows = {nullptr,         nullptr,         window.stride * map.pitch(), window.kernel_height,
               map.row_pitch(), row / kTileBytes};
  }
  const auto copy_windows = [&](std::int64_t first, std::int64_t count, std::uint8_t* copies)
                                HWY_ATTR {
                                  const hn::ScalableTag<std::uint8_t> tag;
                                  for (std::int64_t i = 0; i < count; ++i) {
                                    const std::uint8_t* from = bytes_under(first + i);
                                    std::uint8_t* to = copies + i * pitch;
                                    for (std::int64_t y = 0; y < window.kernel_height; ++y) {
                                      copy_bytes(from + y * map.row_pitch(), row, to + y * row);
                                    }
                                    if (size < pitch) hn::StoreU(hn::Zero(tag), tag, to + size);
                                  }
                                };
  const FullTiles tiles;
  alignas(64) std::int32_t part[SpikeMap::kWindows * kDenseChannels];
  const __m512i share = _mm512_set1_epi16(static_cast<short>(input.narrow_share));
  const std::int64_t last = end * width;
  const auto count_from = [&](std::int64_t d) { return std::min(SpikeMap::kWindows, last - d); };
  // The next windows are copied before these are loaded, which would wait for their own copying.
  std::uint8_t* copied = input.windows;
  std::uint8_t* next = copied + map.copies_size();
  if (!direct) copy_windows(begin * width, count_from(begin * width), copied);
  for (std::int64_t d = begin * width; d < last; d += SpikeMap::kWindows) {
    const std::int64_t count = count_from(d);
    if (!direct && d + count < last) copy_windows(d + count, count_from(d + count), next);
    windows.first = direct ? bytes_under(d) : copied;
    windows.second = count <= kTileRows ? nullptr
                     : direct           ? bytes_under(d + kTileRows)
                                        : copied + kTileRows * pitch;
    std::swap(copied, next);
    const std::int8_t* weights = input.weights;
    for (std::int64_t c = 0; c < input.stride;
         c += kDenseChannels, weights += size * kDenseChannels) {
      multiply_windows(windows, weights, part);
      for (std::int64_t i = 0; i < count; ++i) {
        const bool fit = finish_channels(part + i * kDenseChannels, input.excess + c, share, add,
                                         sums + (d + i) * input.stride + c);
        if (!fit) fits[(d + i) / width] = 0;
      }
    }
  }
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
