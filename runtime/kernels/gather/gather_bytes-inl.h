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
/// A saturated sum within this was not cut off.
inline constexpr std::int32_t kNotCutOff = 32766;
/// So many rows of bytes fit 16 bits, whatever they are.
inline constexpr std::int64_t kRowsThatFit = 32767 / 127;

/// Rows that are added and subtracted, no more than fit 16 bits: weights + positive[i].
struct RowSlice {
  const std::uint8_t* weights;
  const std::uint32_t* positive;
  std::int64_t positives;
  const std::uint32_t* negative;
  std::int64_t negatives;
  std::int32_t bias;
  int per_byte;  // EventInput::rows_per_byte

  /// What the sums of biased bytes have too much.
  std::uint16_t excess() const {
    return static_cast<std::uint16_t>(bias * (positives - negatives));
  }
};

/// What becomes of the sums of a slice of rows.
enum class Sums { kSet, kAdd, kAddSaturated };

using ByteTag = hn::ScalableTag<std::uint8_t>;
using PairTag = hn::Repartition<std::uint16_t, ByteTag>;
using PairVector = hn::Vec<PairTag>;

/// The sums of one vector of bytes. (Arrays of such sums would be kept in memory.)
struct ByteSums {
  PairVector both;
  PairVector upper;

  /// Four rows at a time: their sum is found before the accumulators are needed. `kPerByte` of them
  /// are added in bytes.
  template <bool kAdd, int kPerByte>
  HWY_INLINE void add(const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                      const std::uint8_t* d) {
    const ByteTag tag;
    const auto ra = hn::LoadU(tag, a);
    const auto rb = hn::LoadU(tag, b);
    const auto rc = hn::LoadU(tag, c);
    const auto rd = hn::LoadU(tag, d);
    if constexpr (kPerByte == 4) {
      const auto all = pairs(hn::Add(hn::Add(ra, rb), hn::Add(rc, rd)));
      accumulate<kAdd>(all, hn::ShiftRight<8>(all));
    } else if constexpr (kPerByte == 2) {
      const auto first = pairs(hn::Add(ra, rb));
      const auto second = pairs(hn::Add(rc, rd));
      accumulate<kAdd>(hn::Add(first, second),
                       hn::Add(hn::ShiftRight<8>(first), hn::ShiftRight<8>(second)));
    } else {
      const auto pa = pairs(ra), pb = pairs(rb), pc = pairs(rc), pd = pairs(rd);
      accumulate<kAdd>(hn::Add(hn::Add(pa, pb), hn::Add(pc, pd)),
                       hn::Add(hn::Add(hn::ShiftRight<8>(pa), hn::ShiftRight<8>(pb)),
                               hn::Add(hn::ShiftRight<8>(pc), hn::ShiftRight<8>(pd))));
    }
  }

  template <Sums kSums>
  HWY_INLINE void store(PairVector excess, std::int16_t* sums) const {
    const hn::RebindToSigned<PairTag> tag;
    auto even = hn::BitCast(tag, hn::Sub(hn::Sub(both, hn::ShiftLeft<8>(upper)), excess));
    auto odd = hn::BitCast(tag, hn::Sub(upper, excess));
    if constexpr (kSums != Sums::kSet) {
      hn::Vec<decltype(tag)> even_before, odd_before;
      hn::LoadInterleaved2(tag, sums, even_before, odd_before);
      if constexpr (kSums == Sums::kAdd) {
        even = hn::Add(even, even_before);
        odd = hn::Add(odd, odd_before);
      } else {
        even = hn::SaturatedAdd(even, even_before);
        odd = hn::SaturatedAdd(odd, odd_before);
      }
    }
    hn::StoreInterleaved2(even, odd, tag, sums);
  }

 private:
  static HWY_INLINE PairVector pairs(hn::Vec<ByteTag> bytes) {
    return hn::BitCast(PairTag(), bytes);
  }
  template <bool kAdd>
  HWY_INLINE void accumulate(PairVector sum, PairVector sum_upper) {
    both = kAdd ? hn::Add(both, sum) : hn::Sub(both, sum);
    upper = kAdd ? hn::Add(upper, sum_upper) : hn::Sub(upper, sum_upper);
  }
};

/// Of up to 8 vectors of bytes.
struct RowSums {
  ByteSums s0, s1, s2, s3, s4, s5, s6, s7;
};

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::int64_t kPrefetchDistance = 12;
static_assert(kPrefetchDistance + 4 <= kListSlack);

/// Wide rows lie in a cache far away, and their order is chance.
template <int kVectors>
HWY_INLINE void prefetch_row(const std::uint8_t* row) {
  for (std::size_t line = 0; line < kVectors * hn::Lanes(ByteTag()); line += kCacheLine) {
    __builtin_prefetch(row + line);
  }
}

template <int kVectors, bool kAdd, int kPerByte>
HWY_INLINE void add_list(const std::uint8_t* weights, const std::uint32_t* list, std::int64_t count,
                         RowSums& sums) {
  const std::size_t lanes = hn::Lanes(ByteTag());
  for (const std::uint32_t* end = list + count; list != end; list += kStripMultiple) {
    if constexpr (kVectors > 2) {
      // What lies behind the list's end is fetched in vain.
      for (int i = 0; i < kStripMultiple; ++i) {
        prefetch_row<kVectors>(weights + list[kPrefetchDistance + i]);
      }
    }
    const std::uint8_t* a = weights + list[0];
    const std::uint8_t* b = weights + list[1];
    const std::uint8_t* c = weights + list[2];
    const std::uint8_t* d = weights + list[3];
    const auto add = [&](ByteSums& sum, std::size_t v) HWY_ATTR {
      sum.template add<kAdd, kPerByte>(a + v * lanes, b + v * lanes, c + v * lanes, d + v * lanes);
    };
    add(sums.s0, 0);
    if constexpr (kVectors > 1) add(sums.s1, 1);
    if constexpr (kVectors > 2) {
      add(sums.s2, 2);
      add(sums.s3, 3);
    }
    if constexpr (kVectors > 4) {
      add(sums.s4, 4);
      add(sums.s5, 5);
      add(sums.s6, 6);
      add(sums.s7, 7);
    }
  }
}

HWY_INLINE void store(const ByteSums& sum, PairVector excess, Sums what, std::int16_t* sums) {
  if (what == Sums::kSet) {
    sum.store<Sums::kSet>(excess, sums);
  } else if (what == Sums::kAdd) {
    sum.store<Sums::kAdd>(excess, sums);
  } else {
    sum.store<Sums::kAddSaturated>(excess, sums);
  }
}

/// kVectors (1, 2, 4 or 8) whole vectors of bytes from `channel` on.
template <int kVectors, int kPerByte>
HWY_INLINE void add_vectors_here(const RowSlice& rows, std::int64_t channel, Sums what,
                                 std::int16_t* sums) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(ByteTag()));
  const std::uint8_t* weights = rows.weights + channel;
  const ByteSums zero{hn::Zero(PairTag()), hn::Zero(PairTag())};
  RowSums row{zero, zero, zero, zero, zero, zero, zero, zero};
  add_list<kVectors, true, kPerByte>(weights, rows.positive, rows.positives, row);
  add_list<kVectors, false, kPerByte>(weights, rows.negative, rows.negatives, row);
  const auto excess = hn::Set(PairTag(), rows.excess());
  sums += channel;
  store(row.s0, excess, what, sums);
  if constexpr (kVectors > 1) store(row.s1, excess, what, sums + lanes);
  if constexpr (kVectors > 2) {
    store(row.s2, excess, what, sums + 2 * lanes);
    store(row.s3, excess, what, sums + 3 * lanes);
  }
  if constexpr (kVectors > 4) {
    store(row.s4, excess, what, sums + 4 * lanes);
    store(row.s5, excess, what, sums + 5 * lanes);
    store(row.s6, excess, what, sums + 6 * lanes);
    store(row.s7, excess, what, sums + 7 * lanes);
  }
}

/// The same as a function of its own, for few and long calls.
template <int kVectors, int kPerByte>
HWY_NOINLINE void add_vectors(const RowSlice& rows, std::int64_t channel, Sums what,
                              std::int16_t* sums) {
  add_vectors_here<kVectors, kPerByte>(rows, channel, what, sums);
}

/// Whether the sums of 8 vectors of bytes fit the registers.
inline constexpr bool kManyRegisters = HWY_TARGET != HWY_AVX2;

template <int kPerByte>
HWY_INLINE void add_slice_of(const RowSlice& rows, std::int64_t stride, Sums what,
                             std::int16_t* sums) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(ByteTag()));
  std::int64_t c = 0;
  if constexpr (kManyRegisters) {
    for (; c + 8 * lanes <= stride; c += 8 * lanes) add_vectors<8, kPerByte>(rows, c, what, sums);
  }
  for (; c + 4 * lanes <= stride; c += 4 * lanes) add_vectors<4, kPerByte>(rows, c, what, sums);
  for (; c + 2 * lanes <= stride; c += 2 * lanes) add_vectors<2, kPerByte>(rows, c, what, sums);
  for (; c + lanes <= stride; c += lanes) add_vectors<1, kPerByte>(rows, c, what, sums);
}

HWY_INLINE void add_slice(const RowSlice& rows, std::int64_t stride, Sums what,
                          std::int16_t* sums) {
  if (rows.per_byte == 4) {
    add_slice_of<4>(rows, stride, what, sums);
  } else if (rows.per_byte == 2) {
    add_slice_of<2>(rows, stride, what, sums);
  } else {
    add_slice_of<1>(rows, stride, what, sums);
  }
}

/// Calls use(slice) for the rows that a destination sees in equal parts that fit 16 bits, until it
/// returns false; returns whether it never did.
template <class Use>
HWY_INLINE bool for_each_slice(const EventInput<BiasedByte>& input,
                               const scalar::SeenEvents<BiasedByte>& seen, const Use& use) {
  const auto* weights = reinterpret_cast<const std::uint8_t*>(seen.weights);
  // Both lists are cut at multiples, which adds less than that to each part. Where all rows that
  // there are fit, there may be few.
  const std::int64_t room = std::max(input.rows_in_16_bits, kRowsThatFit) - 2 * kStripMultiple;
  const std::int64_t slices = seen.events <= input.rows_in_16_bits
                                  ? 1
                                  : (seen.count.positive + seen.count.negative + room - 1) / room;
  const auto part = [&](std::int64_t count) {
    const std::int64_t least = (count + slices - 1) / slices;
    return (least + kStripMultiple - 1) / kStripMultiple * kStripMultiple;
  };
  const std::int64_t positives = part(seen.count.positive);
  const std::int64_t negatives = part(seen.count.negative);
  const auto begin = [&](std::int64_t i, std::int64_t size, std::int64_t count) {
    return std::min(i * size, count);
  };
  for (std::int64_t i = 0; i < slices; ++i) {
    const std::int64_t p = begin(i, positives, seen.count.positive);
    const std::int64_t n = begin(i, negatives, seen.count.negative);
    const RowSlice slice{weights,
                         seen.positive + p,
                         begin(i + 1, positives, seen.count.positive) - p,
                         seen.negative + n,
                         begin(i + 1, negatives, seen.count.negative) - n,
                         input.bias,
                         input.rows_per_byte};
    if (!use(slice)) return false;
  }
  return true;
}

inline std::int64_t gather_bytes(const EventInput<BiasedByte>& input, std::int64_t y,
                                 std::int32_t* sums) {
  StripWriter<kStripMultiple, BiasedByte>(input).write(y);
  HWY_ALIGN std::int16_t part[kCheckedChannels];
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    scalar::SeenEvents<BiasedByte> seen = scalar::seen_from(input, x);
    rows += seen.events;
    for (std::int64_t c = 0; c < input.stride; c += kCheckedChannels) {
      const std::int64_t channels = std::min(kCheckedChannels, input.stride - c);
      for_each_slice(input, seen, [&](const RowSlice& slice) HWY_ATTR {
        add_slice(slice, channels, Sums::kSet, part);
        for (std::int64_t i = 0; i < channels; ++i) sums[c + i] += part[i];
        return true;
      });
      seen.weights += channels;
    }
  }
  return rows;
}

/// Whether all are within +-limit.
HWY_INLINE bool are_within(const std::int16_t* numbers, std::int64_t count, std::int32_t limit) {
  const hn::ScalableTag<std::int16_t> tag;
  auto largest = hn::Zero(tag);
  for (std::int64_t i = 0; i < count; i += static_cast<std::int64_t>(hn::Lanes(tag))) {
    const auto number = hn::Load(tag, numbers + i);
    largest = hn::Max(largest, hn::Max(number, hn::SaturatedSub(hn::Zero(tag), number)));
  }
  const auto limits = hn::Set(tag, static_cast<std::int16_t>(limit));
  return hn::AllFalse(tag, hn::Gt(largest, limits));
}

/// More rows than surely fit: whether their sums do. In parts of as many channels as fit the stack.
/// A sum of two slices that does not fit is cut off at the end of 16 bits, beyond any share.
HWY_NOINLINE bool add_checked(const EventInput<BiasedByte>& input,
                              const scalar::SeenEvents<BiasedByte>& seen, bool add,
                              std::int16_t* sums) {
  HWY_ALIGN std::int16_t part[kCheckedChannels];
  scalar::SeenEvents<BiasedByte> of_part = seen;
  for (std::int64_t c = 0; c < input.stride; c += kCheckedChannels) {
    const std::int64_t channels = std::min(kCheckedChannels, input.stride - c);
    of_part.weights = seen.weights + c;
    int slices = 0;
    const bool fits = for_each_slice(input, of_part, [&](const RowSlice& slice) HWY_ATTR {
      if (slices == 0) {
        add_slice(slice, channels, Sums::kSet, part);
      } else {
        if (slices > 1 && !are_within(part, channels, kNotCutOff)) return false;
        add_slice(slice, channels, Sums::kAddSaturated, part);
      }
      ++slices;
      return true;
    });
    if (!fits || !are_within(part, channels, input.narrow_share)) return false;
    for (std::int64_t i = 0; i < channels; ++i) {
      sums[c + i] = static_cast<std::int16_t>(add ? sums[c + i] + part[i] : part[i]);
    }
  }
  return true;
}

/// Of a row of destinations whose strip is written. `kPerByte`: rows of weights are one vector, and
/// so many of them are added in bytes; 0: any width.
template <int kPerByte>
std::optional<std::int64_t> gather_strip(const EventInput<BiasedByte>& input, Sums what,
                                         std::int16_t* sums) {
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const scalar::SeenEvents<BiasedByte> seen = scalar::seen_from(input, x);
    rows += seen.events;
    if (HWY_UNLIKELY(seen.events > input.narrow_rows)) {
      if (!add_checked(input, seen, what == Sums::kAdd, sums)) return std::nullopt;
      continue;
    }
    const RowSlice slice{reinterpret_cast<const std::uint8_t*>(seen.weights),
                         seen.positive,
                         seen.count.positive,
                         seen.negative,
                         seen.count.negative,
                         input.bias,
                         input.rows_per_byte};
    if constexpr (kPerByte == 0) {
      add_slice(slice, input.stride, what, sums);
    } else {
      add_vectors_here<1, kPerByte>(slice, 0, what, sums);
    }
  }
  return rows;
}

inline std::optional<std::int64_t> gather_narrow(const EventInput<BiasedByte>& input,
                                                 std::int64_t y, bool add, std::int16_t* sums) {
  StripWriter<kStripMultiple, BiasedByte>(input).write(y);
  const Sums what = add ? Sums::kAdd : Sums::kSet;
  if (input.stride != static_cast<std::int64_t>(hn::Lanes(ByteTag()))) {
    return gather_strip<0>(input, what, sums);
  }
  if (input.rows_per_byte == 4) return gather_strip<4>(input, what, sums);
  if (input.rows_per_byte == 2) return gather_strip<2>(input, what, sums);
  return gather_strip<1>(input, what, sums);
}

/// Where events come with bits, whole vectors of constants are added where those are set.
inline std::int64_t gather_diagonal_narrow(const DiagonalInput<std::int32_t>& input,
                                           std::int64_t begin, std::int64_t end,
                                           std::int16_t* sums) {
  const hn::ScalableTag<std::int32_t> wide;
  const hn::Rebind<std::int16_t, decltype(wide)> tag;
  constexpr std::size_t kBitsOfByte = 8;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  if (input.events.bits == nullptr || hn::MaxLanes(tag) < kBitsOfByte) {
    return scalar::gather_diagonal(input, begin, end, sums);
  }
  std::int64_t additions = 0;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    for (std::uint32_t i = input.taps.first[d]; i < input.taps.first[d + 1]; ++i) {
      const Tap tap = input.taps.taps[i];
      const std::int32_t* weights = input.weights + tap.block * input.stride;
      const std::uint8_t* positive = input.events.bits + 2 * tap.source * input.events.bits_stride;
      const std::uint8_t* negative = positive + input.events.bits_stride;
      for (std::int64_t c = 0; c < input.stride; c += lanes) {
        const auto weight = hn::DemoteTo(tag, hn::Load(wide, weights + c));
        const auto up = hn::LoadMaskBits(tag, positive + c / 8);
        const auto down = hn::LoadMaskBits(tag, negative + c / 8);
        const auto change =
            hn::Sub(hn::IfThenElseZero(up, weight), hn::IfThenElseZero(down, weight));
        hn::Store(hn::Add(hn::Load(tag, sums + c), change), tag, sums + c);
      }
      additions += input.events.positive[tap.source] + input.events.negative[tap.source];
    }
  }
  return additions;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
