// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "kernels/tile_gradient.h"

#if defined(__x86_64__) && defined(__linux__)

#include <immintrin.h>
#include <omp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "kernels/neuron_layer.h"

// Only functions marked so are made of these instructions.
#define TRISPIKE_TILES __attribute__((target("avx512f,avx512bw,amx-tile,amx-bf16")))

namespace trispike::train::kernels {
namespace {

constexpr std::int64_t kTaps = 9;
constexpr std::int64_t kTile = 16;       ///< rows of a tile, and float32 numbers in one
constexpr std::int64_t kPositions = 32;  ///< that a tile of bfloat16 holds in a row
constexpr std::int64_t kBlock = 32;      ///< channels: two tiles

/// The system gives room for tiles to a process that asks for it.
bool may_use_tiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XTILEDATA
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
         __builtin_cpu_supports("avx512bw") &&
         syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

/// What has been written is in memory: GCC does not know what its intrinsics of tiles read.
inline void finish_writes() { __asm__ volatile("" ::: "memory"); }

struct alignas(64) TileConfig {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {};
  std::uint8_t rows[16] = {};
};

/// All eight tiles whole while it lives. LibTorch's kernels set up their own.
struct Tiles {
  TRISPIKE_TILES Tiles() {
    TileConfig config;
    for (int i = 0; i < 8; ++i) {
      config.bytes_per_row[i] = 64;
      config.rows[i] = kTile;
    }
    finish_writes();
    _tile_loadconfig(&config);
  }
  TRISPIKE_TILES ~Tiles() { _tile_release(); }
};

/// Room for one sample, packed.
struct Packed {
  /// gradient^T: [blocks of positions][outputs][32]
  BFloat16* gradient;
  /// Per horizontal shift -1, 0, 1: [height + 2 rows][pairs of positions][inputs][2]; the rows
  /// around are zero.
  BFloat16* x[3];
};

/// a0 b0 a1 b1 ... of 32 numbers each.
TRISPIKE_TILES inline void interleave(__m512i a, __m512i b, __m512i& low, __m512i& high) {
  const __m512i first =
      _mm512_set_epi32(0x002f000f, 0x002e000e, 0x002d000d, 0x002c000c, 0x002b000b, 0x002a000a,
                       0x00290009, 0x00280008, 0x00270007, 0x00260006, 0x00250005, 0x00240004,
                       0x00230003, 0x00220002, 0x00210001, 0x00200000);
  low = _mm512_permutex2var_epi16(a, first, b);
  high = _mm512_permutex2var_epi16(a, _mm512_add_epi16(first, _mm512_set1_epi16(16)), b);
}

TRISPIKE_TILES inline __m512i row_or_zero(const BFloat16* row, bool inside) {
  return inside ? _mm512_loadu_si512(row) : _mm512_setzero_si512();
}

TRISPIKE_TILES void pack_x(const TileGradientShape& s, const BFloat16* x, const Packed& to) {
  const std::int64_t pairs = s.width / 2, line = pairs * s.inputs * 2;
  for (std::int64_t y = 0; y < s.height; ++y) {
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      for (std::int64_t c = 0; c < s.inputs; c += kBlock) {
        const BFloat16* at = x + (y * s.width + 2 * pair) * s.inputs + c;
        const __m512i left = row_or_zero(at - s.inputs, pair > 0), even = _mm512_loadu_si512(at),
                      odd = _mm512_loadu_si512(at + s.inputs),
                      right = row_or_zero(at + 2 * s.inputs, pair + 1 < pairs);
        const __m512i firsts[3] = {left, even, odd}, seconds[3] = {even, odd, right};
        const std::int64_t place = (y + 1) * line + (pair * s.inputs + c) * 2;
        for (int shift = 0; shift < 3; ++shift) {
          __m512i low, high;
          interleave(firsts[shift], seconds[shift], low, high);
          _mm512_storeu_si512(to.x[shift] + place, low);
          _mm512_storeu_si512(to.x[shift] + place + kBlock, high);
        }
      }
    }
  }
}

/// Rows become columns.
TRISPIKE_TILES inline void transpose(__m512i (&r)[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 8; ++i) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
}

TRISPIKE_TILES void pack_gradient(const TileGradientShape& s, const BFloat16* gradient,
                                  BFloat16* to) {
  const std::int64_t blocks = s.height * s.width / kPositions;
  for (std::int64_t block = 0; block < blocks; ++block) {
    for (std::int64_t o = 0; o < s.outputs; o += kBlock) {
      const BFloat16* from = gradient + block * kPositions * s.outputs + o;
      __m512i low[kTile], high[kTile];  // [pair][output]: the pair as one number of 32 bits
      for (int pair = 0; pair < kTile; ++pair) {
        interleave(_mm512_loadu_si512(from + 2 * pair * s.outputs),
                   _mm512_loadu_si512(from + (2 * pair + 1) * s.outputs), low[pair], high[pair]);
      }
      transpose(low);
      transpose(high);
      BFloat16* out = to + (block * s.outputs + o) * kPositions;
      for (int i = 0; i < kTile; ++i) {
        _mm512_storeu_si512(out + i * kPositions, low[i]);
        _mm512_storeu_si512(out + (kTile + i) * kPositions, high[i]);
      }
    }
  }
}

/// sums[tap][output][input] += those of one sample.
TRISPIKE_TILES void add_sample(const TileGradientShape& s, const Packed& packed, float* sums) {
  const std::int64_t blocks = s.height * s.width / kPositions;
  const std::int64_t line = s.width * s.inputs;  // numbers of a row of packed.x
  const std::int64_t step = kPositions * s.inputs, pair_bytes = 2 * s.inputs * 2;
  const std::int64_t sum_bytes = s.inputs * 4;
  finish_writes();
  for (std::int64_t tap = 0; tap < kTaps; ++tap) {
    for (std::int64_t o = 0; o < s.outputs; o += kBlock) {
      for (std::int64_t i = 0; i < s.inputs; i += kBlock) {
        float* sum = sums + (tap * s.outputs + o) * s.inputs + i;
        float* below = sum + kTile * s.inputs;
        _tile_loadd(0, sum, sum_bytes);
        _tile_loadd(1, sum + kTile, sum_bytes);
        _tile_loadd(2, below, sum_bytes);
        _tile_loadd(3, below + kTile, sum_bytes);
        const BFloat16* a = packed.gradient + o * kPositions;
        const BFloat16* b = packed.x[tap % 3] + tap / 3 * line + i * 2;
        for (std::int64_t block = 0; block < blocks; ++block) {
          _tile_loadd(4, a, 64);
          _tile_loadd(6, b, pair_bytes);
          _tile_loadd(5, a + kTile * kPositions, 64);
          _tile_loadd(7, b + kTile * 2, pair_bytes);
          _tile_dpbf16ps(0, 4, 6);
          _tile_dpbf16ps(1, 4, 7);
          _tile_dpbf16ps(2, 5, 6);
          _tile_dpbf16ps(3, 5, 7);
          a += s.outputs * kPositions;
          b += step;
        }
        _tile_stored(0, sum, sum_bytes);
        _tile_stored(1, sum + kTile, sum_bytes);
        _tile_stored(2, below, sum_bytes);
        _tile_stored(3, below + kTile, sum_bytes);
      }
    }
  }
}

std::int64_t shifted_count(const TileGradientShape& s) {
  return (s.height + 2) * s.width * s.inputs;
}

}  // namespace

bool has_tile_gradient(const TileGradientShape& s) {
  static const bool allowed = neuron_layer_target().name == "avx512" && may_use_tiles();
  const bool rows_fit =
      s.width % kPositions == 0 ||
      (s.width % 2 == 0 && kPositions % s.width == 0 && s.height % (kPositions / s.width) == 0);
  return allowed && rows_fit && s.inputs % kBlock == 0 && s.outputs % kBlock == 0;
}

std::int64_t tile_gradient_parts(const TileGradientShape& s) {
  constexpr std::int64_t kMost = 32, kNumbers = 1 << 20;
  const std::int64_t fitting = kNumbers / (kTaps * s.outputs * s.inputs);
  return std::min(s.samples, std::clamp(fitting, std::int64_t{2}, kMost));
}

std::int64_t tile_gradient_sums(const TileGradientShape& s) {
  return tile_gradient_parts(s) * kTaps * s.outputs * s.inputs;
}

std::int64_t tile_gradient_space(const TileGradientShape& s) {
  return s.height * s.width * s.outputs + 3 * shifted_count(s);
}

void tile_gradient(const TileGradientShape& s, const BFloat16* x, const BFloat16* gradient,
                   float* weights, float* sums, BFloat16* space, int threads) {
  const std::int64_t parts = tile_gradient_parts(s), count = kTaps * s.outputs * s.inputs;
  const std::int64_t positions = s.height * s.width, shifted = shifted_count(s);
#pragma omp parallel num_threads(threads)
  {
    BFloat16* mine = space + omp_get_thread_num() * tile_gradient_space(s);
    BFloat16* shifts = mine + positions * s.outputs;
    std::fill_n(shifts, 3 * shifted, BFloat16{});
    const Packed packed{mine, {shifts, shifts + shifted, shifts + 2 * shifted}};
    const Tiles tiles;
#pragma omp for schedule(dynamic, 1)
    for (std::int64_t part = 0; part < parts; ++part) {
      float* part_sums = sums + part * count;
      std::fill_n(part_sums, count, 0.0f);
      const std::int64_t last = (part + 1) * s.samples / parts;
      for (std::int64_t sample = part * s.samples / parts; sample < last; ++sample) {
        pack_x(s, x + sample * positions * s.inputs, packed);
        pack_gradient(s, gradient + sample * positions * s.outputs, packed.gradient);
        add_sample(s, packed, part_sums);
      }
    }
#pragma omp for schedule(static)
    for (std::int64_t row = 0; row < kTaps * s.outputs; ++row) {
      const float* from = sums + row * s.inputs;
      float* to = weights + (row % s.outputs * kTaps + row / s.outputs) * s.inputs;
      for (std::int64_t i = 0; i < s.inputs; ++i) to[i] = from[i];
      for (std::int64_t part = 1; part < parts; ++part) {
        for (std::int64_t i = 0; i < s.inputs; ++i) to[i] += from[part * count + i];
      }
    }
  }
}

}  // namespace trispike::train::kernels

#else

namespace trispike::train::kernels {

bool has_tile_gradient(const TileGradientShape&) { return false; }
void tile_gradient(const TileGradientShape&, const BFloat16*, const BFloat16*, float*, float*,
                   BFloat16*, int) {}
std::int64_t tile_gradient_parts(const TileGradientShape&) { return 0; }
std::int64_t tile_gradient_sums(const TileGradientShape&) { return 0; }
std::int64_t tile_gradient_space(const TileGradientShape&) { return 0; }

}  // namespace trispike::train::kernels

#endif
