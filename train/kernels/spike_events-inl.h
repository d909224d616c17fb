// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of spike_events.h. Included after neuron_layer-inl.h, once per instruction set; the
// same rules hold.
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/spike_events.h"
#include "kernels/spikes.h"

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

/// What a register holds. Backward keeps so many of them for each of the nine taps, so that a
/// spike's place is found once; forward adds every fourth (second) spike to the same sum, so that
/// additions need not wait for each other.
#if defined(__AVX512F__)
constexpr int kEventLanes = 16, kForwardSums = 4, kBackwardVectors = 2;
#elif defined(__AVX2__)
constexpr int kEventLanes = 8, kForwardSums = 4, kBackwardVectors = 1;
#else
constexpr int kEventLanes = 4, kForwardSums = 2, kBackwardVectors = 1;
#endif
typedef float EventVector __attribute__((vector_size(4 * kEventLanes)));
typedef float LooseVector __attribute__((vector_size(4 * kEventLanes), aligned(4)));

TRISPIKE_INLINE EventVector load_vector(const float* p) {
  return *reinterpret_cast<const LooseVector*>(p);
}
TRISPIKE_INLINE void store_vector(float* p, EventVector v) {
  *reinterpret_cast<LooseVector*>(p) = v;
}

struct SpikeMasks {
  std::uint64_t positive, negative;  ///< bit i: of element 64 * group + i
};

TRISPIKE_INLINE SpikeMasks spike_masks(const std::uint8_t* spikes, std::int64_t group) {
  static_assert(kSpikeBlock == 256);
  const std::uint8_t* bytes = spikes + group / 4 * 64;
  const int shift = static_cast<int>(group % 4) * 2;
  SpikeMasks masks{0, 0};
#if defined(__AVX512BW__)
  const __m512i all = _mm512_loadu_si512(bytes);
  masks.positive = _mm512_test_epi8_mask(all, _mm512_set1_epi8(static_cast<char>(1 << shift)));
  masks.negative = _mm512_test_epi8_mask(all, _mm512_set1_epi8(static_cast<char>(2 << shift)));
#elif defined(__SSE2__)
  for (int i = 0; i < 4; ++i) {
    const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    const auto bits = [part](int bit) __attribute__((always_inline)) {
      const __m128i top = _mm_sll_epi16(part, _mm_cvtsi32_si128(7 - bit));
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(top)));
    };
    masks.positive |= bits(shift) << 16 * i;
    masks.negative |= bits(shift + 1) << 16 * i;
  }
#else
  for (int i = 0; i < 64; ++i) {
    masks.positive |= static_cast<std::uint64_t>(bytes[i] >> shift & 1) << i;
    masks.negative |= static_cast<std::uint64_t>(bytes[i] >> (shift + 1) & 1) << i;
  }
#endif
  return masks;
}

/// Calls f(i, negative) for the spikes among elements first + i, i < count; both in 16s.
template <class F>
TRISPIKE_INLINE void for_spikes(const std::uint8_t* spikes, std::int64_t first, std::int64_t count,
                                F&& f) {
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t skipped = (first + done) % 64;
    const std::int64_t left = count - done, here = 64 - skipped < left ? 64 - skipped : left;
    const SpikeMasks masks = spike_masks(spikes, (first + done) / 64);
    const std::uint64_t wanted = here == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << here) - 1;
    for (std::uint64_t m = masks.positive >> skipped & wanted; m != 0; m &= m - 1) {
      f(done + __builtin_ctzll(m), false);
    }
    for (std::uint64_t m = masks.negative >> skipped & wanted; m != 0; m &= m - 1) {
      f(done + __builtin_ctzll(m), true);
    }
    done += here;
  }
}

/// The spikes of a group of channels under the windows of one row of outputs, column by column, so
/// that each window's are one run. An entry is a place in the weights of a block.
struct EventLists {
  std::uint32_t *positive, *negative;              ///< [3 * width * kEventGroup]
  std::uint32_t *positive_start, *negative_start;  ///< [width + 1]
  EventLists(const EventShape& s, std::uint32_t* space) {
    positive = space;
    negative = positive + 3 * s.width * kEventGroup;
    positive_start = negative + 3 * s.width * kEventGroup;
    negative_start = positive_start + s.width + 1;
  }
};

/// Channels [first, first + count) of the windows of row y.
TRISPIKE_INLINE void list_events(const EventShape& s, const std::uint8_t* spikes,
                                 std::int64_t sample, std::int64_t y, std::int64_t first,
                                 std::int64_t count, const EventLists& lists) {
  std::uint32_t positives = 0, negatives = 0;
  for (std::int64_t x = 0; x < s.width; ++x) {
    lists.positive_start[x] = positives;
    lists.negative_start[x] = negatives;
    for (std::int64_t ky = 0; ky < 3; ++ky) {
      const std::int64_t from = y + ky - 1;
      if (from < 0 || from >= s.height) continue;
      const std::int64_t row = (x * 3 + ky) * s.inputs + first;
      const std::int64_t position = (sample * s.height + from) * s.width + x;
      for_spikes(
          spikes, position * s.inputs + first,
          count, [&](std::int64_t i, bool negative) __attribute__((always_inline)) {
            const auto entry = static_cast<std::uint32_t>((row + i) * kEventBlock);
            if (negative) {
              lists.negative[negatives++] = entry;
            } else {
              lists.positive[positives++] = entry;
            }
          });
    }
  }
  lists.positive_start[s.width] = positives;
  lists.negative_start[s.width] = negatives;
}

/// A block of outputs of one position.
struct EventSums {
  static constexpr int kVectors = kEventBlock / kEventLanes;
  EventVector sum[kForwardSums][kVectors];

  template <bool kNegative>
  TRISPIKE_INLINE void add(int k, const float* row) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const EventVector weight = load_vector(row + v * kEventLanes);
      if constexpr (kNegative) {
        sum[k][v] -= weight;
      } else {
        sum[k][v] += weight;
      }
    }
  }

  template <bool kNegative>
  TRISPIKE_INLINE void add(const float* rows, const std::uint32_t* list, std::uint32_t count) {
    std::uint32_t i = 0;
    for (; i + kForwardSums <= count; i += kForwardSums) {
#pragma GCC unroll 4
      for (int k = 0; k < kForwardSums; ++k) add<kNegative>(k, rows + list[i + k]);
    }
    for (; i < count; ++i) add<kNegative>(0, rows + list[i]);
  }
};

/// A block of outputs of one row of them; a later group of channels adds to what is there.
TRISPIKE_INLINE void sum_events(const EventShape& s, const EventLists& lists, float magnitude,
                                const float* weights, bool more, float* out) {
  for (std::int64_t x = 0; x < s.width; ++x) {
    const std::int64_t first = x > 0 ? x - 1 : 0, last = x + 2 < s.width ? x + 2 : s.width;
    // Column x - 1 is under the first taps.
    const float* rows = weights - (x - 1) * 3 * s.inputs * kEventBlock;
    EventSums sums;
#pragma GCC unroll 4
    for (int k = 0; k < kForwardSums; ++k) {
#pragma GCC unroll 4
      for (int v = 0; v < EventSums::kVectors; ++v) sums.sum[k][v] = EventVector{};
    }
    const std::uint32_t positive = lists.positive_start[first],
                        negative = lists.negative_start[first];
    sums.add<false>(rows, lists.positive + positive, lists.positive_start[last] - positive);
    sums.add<true>(rows, lists.negative + negative, lists.negative_start[last] - negative);
    float* to = out + x * s.outputs;
#pragma GCC unroll 4
    for (int v = 0; v < EventSums::kVectors; ++v) {
      EventVector sum = sums.sum[0][v] + sums.sum[1][v];
      if constexpr (kForwardSums == 4) sum += sums.sum[2][v] + sums.sum[3][v];
      sum *= magnitude;
      if (more) sum += load_vector(to + v * kEventLanes);
      store_vector(to + v * kEventLanes, sum);
    }
  }
}

inline void event_forward(const EventShape& s, const std::uint8_t* spikes, float magnitude,
                          const float* weights, float* out, std::uint32_t* workspace, int threads) {
  const std::int64_t lines = s.samples * s.height;
#pragma omp parallel for schedule(dynamic, 8) num_threads(threads)
  for (std::int64_t line = 0; line < lines; ++line) {
    const EventLists lists(s, workspace + omp_get_thread_num() * event_workspace(s));
    float* to = out + line * s.width * s.outputs;
    for (std::int64_t first = 0; first < s.inputs; first += kEventGroup) {
      const std::int64_t left = s.inputs - first, count = left < kEventGroup ? left : kEventGroup;
      list_events(s, spikes, line / s.height, line % s.height, first, count, lists);
      for (std::int64_t o = 0; o < s.outputs; o += kEventBlock) {
        sum_events(s, lists, magnitude, weights + o * 9 * s.inputs, first > 0, to + o);
      }
    }
  }
}

/// A strip of rows of one map, small enough that the gradients beside it stay near the processor.
struct EventStrip {
  std::int64_t rows, line, capacity;
  std::uint16_t *positive, *negative;              ///< [inputs][capacity]: places in `gradient`
  std::uint32_t *positive_count, *negative_count;  ///< [inputs]
  float* gradient;                                 ///< [rows + 2][line][outputs of a block]
  EventStrip(const EventShape& s, std::uint32_t* space) {
    constexpr std::int64_t kBytes = 28 << 10;
    line = s.width + 2;
    const std::int64_t fitting = kBytes / (4 * kBackwardVectors * kEventLanes * line) - 2;
    rows = fitting < 1 ? 1 : fitting < s.height ? fitting : s.height;
    capacity = rows * s.width;
    positive_count = space;
    negative_count = positive_count + s.inputs;
    gradient = reinterpret_cast<float*>(negative_count + s.inputs);
    positive = reinterpret_cast<std::uint16_t*>(gradient +
                                                (rows + 2) * line * kBackwardVectors * kEventLanes);
    negative = positive + s.inputs * capacity;
  }
};

TRISPIKE_INLINE void list_places(const EventShape& s, const std::uint8_t* spikes,
                                 std::int64_t first_position, std::int64_t rows,
                                 const EventStrip& strip) {
  for (std::int64_t i = 0; i < s.inputs; ++i) strip.positive_count[i] = strip.negative_count[i] = 0;
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < s.width; ++x) {
      const auto place = static_cast<std::uint16_t>((y + 1) * strip.line + x + 1);
      for_spikes(
          spikes, (first_position + y * s.width + x) * s.inputs,
          s.inputs, [&](std::int64_t channel, bool negative) __attribute__((always_inline)) {
            if (negative) {
              strip.negative[channel * strip.capacity + strip.negative_count[channel]++] = place;
            } else {
              strip.positive[channel * strip.capacity + strip.positive_count[channel]++] = place;
            }
          });
    }
  }
}

/// The gradients of a block of outputs in and around the strip, zeros beyond the map.
template <int kVectors>
TRISPIKE_INLINE void copy_gradient(const EventShape& s, const float* gradient, std::int64_t y,
                                   std::int64_t rows, const EventStrip& strip) {
  constexpr int kBlock = kVectors * kEventLanes;
  for (std::int64_t row = 0; row < rows + 2; ++row) {
    const std::int64_t from = y + row - 1;
    float* to = strip.gradient + row * strip.line * kBlock;
    const bool inside = from >= 0 && from < s.height;
    for (std::int64_t x = 0; x < strip.line; ++x, to += kBlock) {
      const bool here = inside && x > 0 && x <= s.width;
      const float* at = gradient + (from * s.width + x - 1) * s.outputs;
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) {
        store_vector(to + v * kEventLanes,
                     here ? load_vector(at + v * kEventLanes) : EventVector{});
      }
    }
  }
}

/// sums[tap][output of a block, s.outputs apart] += those of one channel.
template <int kVectors>
TRISPIKE_INLINE void add_channel(const EventShape& s, const EventStrip& strip, std::int64_t channel,
                                 float* sums) {
  constexpr int kBlock = kVectors * kEventLanes;
  EventVector sum[9][kVectors];
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sum[tap][v] = EventVector{};
  }
  // An output sees the spike through tap (ky, kx) that lies as much behind as the tap is before.
  const std::int64_t line = strip.line * kBlock;
  const std::uint16_t* list = strip.positive + channel * strip.capacity;
  for (std::uint32_t i = 0; i < strip.positive_count[channel]; ++i) {
    const float* at = strip.gradient + list[i] * kBlock;
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) {
      const float* from = at + (1 - tap / 3) * line + (1 - tap % 3) * kBlock;
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[tap][v] += load_vector(from + v * kEventLanes);
    }
  }
  list = strip.negative + channel * strip.capacity;
  for (std::uint32_t i = 0; i < strip.negative_count[channel]; ++i) {
    const float* at = strip.gradient + list[i] * kBlock;
#pragma GCC unroll 9
    for (int tap = 0; tap < 9; ++tap) {
      const float* from = at + (1 - tap / 3) * line + (1 - tap % 3) * kBlock;
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sum[tap][v] -= load_vector(from + v * kEventLanes);
    }
  }
#pragma GCC unroll 9
  for (int tap = 0; tap < 9; ++tap) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) {
      float* to = sums + tap * s.outputs + v * kEventLanes;
      store_vector(to, load_vector(to) + sum[tap][v]);
    }
  }
}

/// Outputs [first, last) of a strip, in blocks of so many registers; where the next block begins.
template <int kVectors>
TRISPIKE_INLINE std::int64_t add_blocks(const EventShape& s, const float* map, std::int64_t y,
                                        std::int64_t rows, const EventStrip& strip,
                                        std::int64_t first, float* sums) {
  constexpr int kBlock = kVectors * kEventLanes;
  for (; first + kBlock <= s.outputs; first += kBlock) {
    copy_gradient<kVectors>(s, map + first, y, rows, strip);
    for (std::int64_t channel = 0; channel < s.inputs; ++channel) {
      add_channel<kVectors>(s, strip, channel, sums + channel * 9 * s.outputs + first);
    }
  }
  return first;
}

inline void event_weight_gradient(const EventShape& s, const std::uint8_t* spikes, float magnitude,
                                  const float* gradient, float* weights, float* sums,
                                  std::uint32_t* workspace, int threads) {
  const std::int64_t parts = event_parts(s), count = 9 * s.inputs * s.outputs;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t part = 0; part < parts; ++part) {
    const EventStrip strip(s, workspace + omp_get_thread_num() * event_workspace(s));
    float* mine = sums + part * count;
    for (std::int64_t i = 0; i < count; ++i) mine[i] = 0.0f;
    const std::int64_t last = (part + 1) * s.samples / parts;
    for (std::int64_t sample = part * s.samples / parts; sample < last; ++sample) {
      const float* map = gradient + sample * s.height * s.width * s.outputs;
      for (std::int64_t y = 0; y < s.height; y += strip.rows) {
        const std::int64_t rows = s.height - y < strip.rows ? s.height - y : strip.rows;
        list_places(s, spikes, (sample * s.height + y) * s.width, rows, strip);
        const std::int64_t done = add_blocks<kBackwardVectors>(s, map, y, rows, strip, 0, mine);
        if (done < s.outputs) add_blocks<1>(s, map, y, rows, strip, done, mine);
      }
    }
  }
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t row = 0; row < 9 * s.inputs; ++row) {
    float* to = weights + row * s.outputs;
    for (std::int64_t o = 0; o < s.outputs; ++o) to[o] = sums[row * s.outputs + o];
    for (std::int64_t part = 1; part < parts; ++part) {
      for (std::int64_t o = 0; o < s.outputs; ++o)
        to[o] += sums[part * count + row * s.outputs + o];
    }
    for (std::int64_t o = 0; o < s.outputs; ++o) to[o] *= magnitude;
  }
}

constexpr EventTable event_kernels() { return {event_forward, event_weight_gradient}; }

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
