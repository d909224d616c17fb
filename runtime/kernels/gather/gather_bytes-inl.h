// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Gathering events in integers, vectorised across output channels. Two bytes of a row share a
// 16-bit lane: one addition sums both, one more the upper byte alone, and what the lower byte's
// sum carried into the upper one is taken out at the end. All of it is modulo 2^16, so only the
// final sums must fit: hence EventInput::rows_in_16_bits.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
#endif

#include <algorithm>
#include <optional>

#include "hwy/highway.h"
#include "kernels/gather/gather-inl.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Strides of integer maps are whole vectors of bytes.
inline constexpr std::int64_t kByteLanes = HWY_MAX_BYTES;
inline constexpr std::int64_t kCheckedChannels = 512;

/// Rows that are added and subtracted, no more than fit 16 bits: weights + positive[i].
struct RowSlice {
  const std::uint8_t* weights;
  const std::uint32_t* positive;
  std::int64_t positives;
  const std::uint32_t* negative;
  std::int64_t negatives;

  /// What the sums of biased bytes have too much.
  std::uint16_t excess() const {
    return static_cast<std::uint16_t>(BiasedByte::kBias * (positives - negatives));
  }
};

HWY_INLINE void add_to_sums(const std::uint16_t* narrow, std::int64_t count, std::int32_t* sums) {
  for (std::int64_t c = 0; c < count; ++c) sums[c] += static_cast<std::int16_t>(narrow[c]);
}

using ByteTag = hn::ScalableTag<std::uint8_t>;
using PairTag = hn::Repartition<std::uint16_t, ByteTag>;
using PairVector = hn::Vec<PairTag>;

/// The sums of one vector of bytes. (Arrays of such sums would be kept in memory.)
struct ByteSums {
  PairVector both;
  PairVector upper;

  /// Four rows at a time: their sum is found before the accumulators are needed.
  template <bool kAdd>
  HWY_INLINE void add(const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                      const std::uint8_t* d) {
    const PairVector pa = load(a);
    const PairVector pb = load(b);
    const PairVector pc = load(c);
    const PairVector pd = load(d);
    const auto sum = hn::Add(hn::Add(pa, pb), hn::Add(pc, pd));
    const auto sum_upper = hn::Add(hn::Add(hn::ShiftRight<8>(pa), hn::ShiftRight<8>(pb)),
                                   hn::Add(hn::ShiftRight<8>(pc), hn::ShiftRight<8>(pd)));
    both = kAdd ? hn::Add(both, sum) : hn::Sub(both, sum);
    upper = kAdd ? hn::Add(upper, sum_upper) : hn::Sub(upper, sum_upper);
  }

  template <bool kAdd>
  HWY_INLINE void store(PairVector excess, std::int16_t* sums) const {
    auto even = hn::Sub(hn::Sub(both, hn::ShiftLeft<8>(upper)), excess);
    auto odd = hn::Sub(upper, excess);
    auto* to = reinterpret_cast<std::uint16_t*>(sums);
    if constexpr (kAdd) {
      PairVector even_before, odd_before;
      hn::LoadInterleaved2(PairTag(), to, even_before, odd_before);
      even = hn::Add(even, even_before);
      odd = hn::Add(odd, odd_before);
    }
    hn::StoreInterleaved2(even, odd, PairTag(), to);
  }

  HWY_INLINE void add_to(PairVector excess, std::int32_t* sums) const {
    HWY_ALIGN std::uint16_t narrow[HWY_MAX_BYTES];
    const auto even = hn::Sub(hn::Sub(both, hn::ShiftLeft<8>(upper)), excess);
    hn::StoreInterleaved2(even, hn::Sub(upper, excess), PairTag(), narrow);
    add_to_sums(narrow, static_cast<std::int64_t>(hn::Lanes(ByteTag())), sums);
  }

 private:
  static HWY_INLINE PairVector load(const std::uint8_t* row) {
    return hn::BitCast(PairTag(), hn::LoadU(ByteTag(), row));
  }
};

/// Stands for the rows that a list of less than four lacks.
alignas(64) inline constexpr std::uint8_t kNoRow[4 * HWY_MAX_BYTES] = {};

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::int64_t kPrefetchDistance = 32;
static_assert(kPrefetchDistance + 4 <= kListSlack);

template <int kVectors, bool kAdd>
HWY_INLINE void add_list(const std::uint8_t* weights, const std::uint32_t* list, std::int64_t count,
                         ByteSums& s0, ByteSums& s1, ByteSums& s2, ByteSums& s3) {
  const std::size_t lanes = hn::Lanes(ByteTag());
  const auto add = [&](const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                       const std::uint8_t* d) HWY_ATTR {
    s0.add<kAdd>(a, b, c, d);
    if constexpr (kVectors > 1) s1.add<kAdd>(a + lanes, b + lanes, c + lanes, d + lanes);
    if constexpr (kVectors > 2) {
      s2.add<kAdd>(a + 2 * lanes, b + 2 * lanes, c + 2 * lanes, d + 2 * lanes);
      s3.add<kAdd>(a + 3 * lanes, b + 3 * lanes, c + 3 * lanes, d + 3 * lanes);
    }
  };
  for (; count >= 4; count -= 4, list += 4) {
    if constexpr (kVectors > 2) {
      // Wide rows lie in a cache far away, and their order is chance. What lies behind the list's
      // end is fetched in vain.
      for (int i = 0; i < 4; ++i) {
        for (std::size_t line = 0; line < kVectors * lanes; line += kCacheLine) {
          __builtin_prefetch(weights + list[kPrefetchDistance + i] + line);
        }
      }
    }
    add(weights + list[0], weights + list[1], weights + list[2], weights + list[3]);
  }
  if (count == 0) return;
  add(weights + list[0], count > 1 ? weights + list[1] : kNoRow,
      count > 2 ? weights + list[2] : kNoRow, kNoRow);
}

/// What becomes of the sums of a slice of rows.
enum class Sums { kSet16, kAdd16, kAdd32 };

template <Sums kSums, class Current>
HWY_INLINE void finish(const ByteSums& sum, PairVector excess, Current* sums) {
  if constexpr (kSums == Sums::kAdd32) {
    sum.add_to(excess, sums);
  } else {
    sum.store<kSums == Sums::kAdd16>(excess, sums);
  }
}

/// kVectors (1, 2 or 4) whole vectors of bytes from `channel` on.
template <int kVectors, Sums kSums, class Current>
HWY_NOINLINE void add_whole_vectors(const RowSlice& rows, std::int64_t channel, Current* sums) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(ByteTag()));
  const ByteSums zero{hn::Zero(PairTag()), hn::Zero(PairTag())};
  ByteSums s0 = zero, s1 = zero, s2 = zero, s3 = zero;
  add_list<kVectors, true>(rows.weights + channel, rows.positive, rows.positives, s0, s1, s2, s3);
  add_list<kVectors, false>(rows.weights + channel, rows.negative, rows.negatives, s0, s1, s2, s3);
  const auto excess = hn::Set(PairTag(), rows.excess());
  sums += channel;
  finish<kSums>(s0, excess, sums);
  if constexpr (kVectors > 1) finish<kSums>(s1, excess, sums + lanes);
  if constexpr (kVectors > 2) {
    finish<kSums>(s2, excess, sums + 2 * lanes);
    finish<kSums>(s3, excess, sums + 3 * lanes);
  }
}

template <Sums kSums, class Current>
HWY_INLINE void add_slice(const RowSlice& rows, std::int64_t stride, Current* sums) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<std::uint8_t>()));
  std::int64_t c = 0;
  for (; c + 4 * lanes <= stride; c += 4 * lanes) add_whole_vectors<4, kSums>(rows, c, sums);
  for (; c + 2 * lanes <= stride; c += 2 * lanes) add_whole_vectors<2, kSums>(rows, c, sums);
  for (; c + lanes <= stride; c += lanes) add_whole_vectors<1, kSums>(rows, c, sums);
}

/// All rows that a destination sees, in slices that fit 16 bits.
HWY_INLINE void add_slices(const EventInput<BiasedByte>& input,
                           const scalar::SeenEvents<BiasedByte>& seen, std::int32_t* sums) {
  const auto* weights = reinterpret_cast<const std::uint8_t*>(seen.weights);
  SpikeCount done;
  while (done.positive < seen.count.positive || done.negative < seen.count.negative) {
    const std::int64_t positives =
        std::min(input.rows_in_16_bits, seen.count.positive - done.positive);
    const std::int64_t negatives =
        std::min(input.rows_in_16_bits - positives, seen.count.negative - done.negative);
    add_slice<Sums::kAdd32>({weights, seen.positive + done.positive, positives,
                             seen.negative + done.negative, negatives},
                            input.stride, sums);
    done.positive += positives;
    done.negative += negatives;
  }
}

inline std::int64_t gather_bytes(const EventInput<BiasedByte>& input, std::int64_t y,
                                 std::int32_t* sums) {
  list_strip(input, y);
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const scalar::SeenEvents<BiasedByte> seen = scalar::seen_from(input, x);
    add_slices(input, seen, sums);
    rows += seen.count.positive + seen.count.negative;
  }
  return rows;
}

/// More rows than surely fit: whether their sums do. In parts of as many channels as fit the stack.
HWY_INLINE bool add_checked(const EventInput<BiasedByte>& input,
                            const scalar::SeenEvents<BiasedByte>& seen, bool add,
                            std::int16_t* sums) {
  HWY_ALIGN std::int32_t wide[kCheckedChannels];
  EventInput<BiasedByte> part = input;
  scalar::SeenEvents<BiasedByte> of_part = seen;
  for (std::int64_t c = 0; c < input.stride; c += kCheckedChannels) {
    part.stride = std::min(kCheckedChannels, input.stride - c);
    of_part.weights = seen.weights + c;
    std::fill_n(wide, part.stride, 0);
    add_slices(part, of_part, wide);
    std::int32_t largest = 0;
    for (std::int64_t i = 0; i < part.stride; ++i) {
      largest = std::max(largest, wide[i] < 0 ? -wide[i] : wide[i]);
      const std::int32_t before = add ? sums[c + i] : 0;
      sums[c + i] = static_cast<std::int16_t>(before + wide[i]);
    }
    if (largest > input.narrow_share) return false;
  }
  return true;
}

inline std::optional<std::int64_t> gather_narrow(const EventInput<BiasedByte>& input,
                                                 std::int64_t y, bool add, std::int16_t* sums) {
  list_strip(input, y);
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const scalar::SeenEvents<BiasedByte> seen = scalar::seen_from(input, x);
    const std::int64_t count = seen.count.positive + seen.count.negative;
    if (count > input.narrow_rows) {
      if (!add_checked(input, seen, add, sums)) return std::nullopt;
    } else {
      const RowSlice slice{reinterpret_cast<const std::uint8_t*>(seen.weights), seen.positive,
                           seen.count.positive, seen.negative, seen.count.negative};
      if (add) {
        add_slice<Sums::kAdd16>(slice, input.stride, sums);
      } else {
        add_slice<Sums::kSet16>(slice, input.stride, sums);
      }
    }
    rows += count;
  }
  return rows;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
