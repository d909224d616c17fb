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

#include "hwy/highway.h"
#include "kernels/gather/gather-inl.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Strides of integer maps are multiples of this on every vector target.
inline constexpr std::int64_t kByteLanes = 16;

/// Rows that are added and subtracted, no more than fit 16 bits.
struct RowSlice {
  const std::uint8_t* weights;
  std::int64_t stride;
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

/// kVectors whole vectors of bytes from `channel` on.
template <int kVectors>
HWY_INLINE void add_whole_vectors(const RowSlice& rows, std::int64_t channel, std::int32_t* sums) {
  const hn::ScalableTag<std::uint8_t> bytes;
  const hn::Repartition<std::uint16_t, decltype(bytes)> pairs;
  const std::size_t lanes = hn::Lanes(bytes);
  const std::uint8_t* weights = rows.weights + channel;
  hn::Vec<decltype(pairs)> both[kVectors];
  hn::Vec<decltype(pairs)> upper[kVectors];
  for (int v = 0; v < kVectors; ++v) both[v] = upper[v] = hn::Zero(pairs);
  for (std::int64_t i = 0; i < rows.positives; ++i) {
    const std::uint8_t* row = weights + rows.positive[i] * rows.stride;
    for (int v = 0; v < kVectors; ++v) {
      const auto pair = hn::BitCast(pairs, hn::LoadU(bytes, row + v * lanes));
      both[v] = hn::Add(both[v], pair);
      upper[v] = hn::Add(upper[v], hn::ShiftRight<8>(pair));
    }
  }
  for (std::int64_t i = 0; i < rows.negatives; ++i) {
    const std::uint8_t* row = weights + rows.negative[i] * rows.stride;
    for (int v = 0; v < kVectors; ++v) {
      const auto pair = hn::BitCast(pairs, hn::LoadU(bytes, row + v * lanes));
      both[v] = hn::Sub(both[v], pair);
      upper[v] = hn::Sub(upper[v], hn::ShiftRight<8>(pair));
    }
  }
  const auto excess = hn::Set(pairs, rows.excess());
  HWY_ALIGN std::uint16_t narrow[HWY_MAX_BYTES];
  for (int v = 0; v < kVectors; ++v) {
    const auto even = hn::Sub(hn::Sub(both[v], hn::ShiftLeft<8>(upper[v])), excess);
    hn::StoreInterleaved2(even, hn::Sub(upper[v], excess), pairs, narrow);
    add_to_sums(narrow, static_cast<std::int64_t>(lanes), sums + channel + v * lanes);
  }
}

/// Fewer channels than a vector of bytes has, `kChannels`, each in 16 bits from the start.
template <int kChannels>
HWY_INLINE void add_part_vector(const RowSlice& rows, std::int64_t channel, std::int32_t* sums) {
  const hn::FixedTag<std::uint16_t, kChannels> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> bytes;
  const std::uint8_t* weights = rows.weights + channel;
  auto sum = hn::Zero(wide);
  for (std::int64_t i = 0; i < rows.positives; ++i) {
    const std::uint8_t* row = weights + rows.positive[i] * rows.stride;
    sum = hn::Add(sum, hn::PromoteTo(wide, hn::LoadU(bytes, row)));
  }
  for (std::int64_t i = 0; i < rows.negatives; ++i) {
    const std::uint8_t* row = weights + rows.negative[i] * rows.stride;
    sum = hn::Sub(sum, hn::PromoteTo(wide, hn::LoadU(bytes, row)));
  }
  HWY_ALIGN std::uint16_t narrow[kChannels];
  hn::Store(hn::Sub(sum, hn::Set(wide, rows.excess())), wide, narrow);
  add_to_sums(narrow, kChannels, sums + channel);
}

HWY_INLINE void add_slice(const RowSlice& rows, std::int32_t* sums) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<std::uint8_t>()));
  std::int64_t c = 0;
  for (; c + 4 * lanes <= rows.stride; c += 4 * lanes) add_whole_vectors<4>(rows, c, sums);
  for (; c + 2 * lanes <= rows.stride; c += 2 * lanes) add_whole_vectors<2>(rows, c, sums);
  for (; c + lanes <= rows.stride; c += lanes) add_whole_vectors<1>(rows, c, sums);
#if HWY_MAX_BYTES >= 64
  for (; c + 32 <= rows.stride; c += 32) add_part_vector<32>(rows, c, sums);
#endif
#if HWY_MAX_BYTES >= 32
  for (; c < rows.stride; c += kByteLanes) add_part_vector<kByteLanes>(rows, c, sums);
#endif
}

inline std::int64_t gather_bytes(const EventInput<BiasedByte>& input, std::int64_t begin,
                                 std::int64_t end, std::int32_t* sums) {
  const auto* weights = reinterpret_cast<const std::uint8_t*>(input.weights);
  std::int64_t rows = 0;
  for (std::int64_t d = begin; d < end; ++d, sums += input.stride) {
    const SpikeCount count = list_rows(input, d);
    SpikeCount done;
    while (done.positive < count.positive || done.negative < count.negative) {
      const std::int64_t positives =
          std::min(input.rows_in_16_bits, count.positive - done.positive);
      const std::int64_t negatives =
          std::min(input.rows_in_16_bits - positives, count.negative - done.negative);
      add_slice({weights, input.stride, input.positive_rows + done.positive, positives,
                 input.negative_rows + done.negative, negatives},
                sums);
      done.positive += positives;
      done.negative += negatives;
    }
    rows += count.positive + count.negative;
  }
  return rows;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_BYTES_INL_H
