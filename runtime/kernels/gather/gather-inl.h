// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Gathering events, vectorised across output channels.

// Included once per target: the guard flips with the target.
#if defined(TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#undef TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#else
#define TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
#endif

#include <algorithm>

#include "hwy/highway.h"
#include "kernels/gather/scalar.h"
#include "kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Writes the strip of one row of destinations, whole vectors at a time. Lists are filled up to a
/// multiple of `kMultiple`.
template <int kMultiple, class Weight>
class StripWriter {
 public:
  explicit StripWriter(const EventInput<Weight>& input)
      : input_(input), stride_(static_cast<std::uint32_t>(input.stride)) {}

  HWY_INLINE void write(std::int64_t y) {
    const StripWindow& window = input_.window;
    const std::int64_t cell_size = input_.in_channels * input_.stride;
    const std::int64_t column_size = input_.column_size();
    const std::int64_t first_row = y * window.stride - window.padding;
    const std::int64_t begin = std::clamp<std::int64_t>(-first_row, 0, window.kernel_height);
    const std::int64_t end =
        std::clamp<std::int64_t>(window.height - first_row, begin, window.kernel_height);
    std::int64_t column = 0;
    // Where column x lies in the first window that reaches it; in gaps it is listed nowhere.
    std::int64_t phase = window.padding % window.stride;
    for (std::int64_t x = 0; x < window.width; ++x, column += column_size) {
      input_.strip.columns[x] = {positive_, negative_, events_};
      const bool seen = phase < window.kernel_width;
      phase = phase + 1 == window.stride ? 0 : phase + 1;
      if (!seen) continue;
      std::int64_t position = (first_row + begin) * window.width + x;
      std::int64_t offset = column + begin * cell_size;
      for (std::int64_t ky = begin; ky < end; ++ky) {
        if (input_.sources.first == nullptr) {
          add(position, offset);
        } else {
          add_pooled(position, offset);
        }
        position += window.width;
        offset += cell_size;
      }
      fill_up(column + column_size - input_.stride);
    }
    input_.strip.columns[window.width] = {positive_, negative_, events_};
  }

 private:
  HWY_INLINE void add_pooled(std::int64_t position, std::int64_t offset) {
    const std::int64_t copy_size = input_.window.kernel_width * input_.column_size();
    const TapView& sources = input_.sources;
    for (std::uint32_t i = sources.first[position]; i < sources.first[position + 1]; ++i) {
      add(sources.taps[i].source, offset + sources.taps[i].block * copy_size);
    }
  }

  HWY_INLINE void add(std::int64_t source, std::int64_t offset) {
    const std::uint16_t* channels = input_.events.channels + source * input_.events.stride;
    const std::uint32_t positive = input_.events.positive[source];
    const std::uint32_t negative = input_.events.negative[source];
    append(channels, positive, offset, input_.strip.positive + positive_);
    append(channels + positive, negative, offset, input_.strip.negative + negative_);
    positive_ += positive;
    negative_ += negative;
    events_ += positive + negative;
  }

  /// At least 16 entries at once, so that most lists take one turn.
  HWY_INLINE void append(const std::uint16_t* channels, std::int64_t count, std::int64_t offset,
                         std::uint32_t* list) const {
    const hn::CappedTag<std::uint32_t, 16> wide;
    const hn::Rebind<std::uint16_t, decltype(wide)> narrow;
    const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(wide));
    static_assert(32 <= kListSlack);
    const auto begin = hn::Set(wide, static_cast<std::uint32_t>(offset));
    const auto stride = hn::Set(wide, stride_);
    std::int64_t i = 0;
    do {
      for (std::int64_t j = i; j < i + 16; j += lanes) {
        const auto channel = hn::PromoteTo(wide, hn::LoadU(narrow, channels + j));
        hn::StoreU(hn::Add(begin, hn::Mul(channel, stride)), wide, list + j);
      }
      i += 16;
    } while (i < count);
  }

  HWY_INLINE void fill_up(std::int64_t no_row) {
    for (std::uint32_t i = 0; i + 1 < kMultiple; ++i) {
      input_.strip.positive[positive_ + i] = static_cast<std::uint32_t>(no_row);
      input_.strip.negative[negative_ + i] = static_cast<std::uint32_t>(no_row);
    }
    positive_ = (positive_ + kMultiple - 1) / kMultiple * kMultiple;
    negative_ = (negative_ + kMultiple - 1) / kMultiple * kMultiple;
  }

  const EventInput<Weight> input_;
  const std::uint32_t stride_;
  std::uint32_t positive_ = 0;
  std::uint32_t negative_ = 0;
  std::uint32_t events_ = 0;
};

/// Sums of kVectors vectors of channels, held in registers.
template <int kVectors, class Number>
HWY_INLINE void add_rows(const scalar::SeenEvents<Number>& seen, std::int64_t channel,
                         Number* sums) {
  const hn::ScalableTag<Number> tag;
  const std::size_t lanes = hn::Lanes(tag);
  const Number* weights = seen.weights + channel;
  hn::Vec<decltype(tag)> sum[kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) sum[v] = hn::Load(tag, sums + channel + v * lanes);
  for (std::int64_t i = 0; i < seen.count.positive; ++i) {
    const Number* row = weights + seen.positive[i];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Add(sum[v], hn::Load(tag, row + v * lanes));
  }
  for (std::int64_t i = 0; i < seen.count.negative; ++i) {
    const Number* row = weights + seen.negative[i];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sum[v] = hn::Sub(sum[v], hn::Load(tag, row + v * lanes));
  }
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) hn::Store(sum[v], tag, sums + channel + v * lanes);
}

template <class Number>
std::int64_t gather(const EventInput<Number>& input, std::int64_t y, Number* sums) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<Number>()));
  StripWriter<1, Number>(input).write(y);
  std::int64_t rows = 0;
  for (std::int64_t x = 0; x < input.window.destination_width; ++x, sums += input.stride) {
    const scalar::SeenEvents<Number> seen = scalar::seen_from(input, x);
    std::int64_t c = 0;
    for (; c + 8 * lanes <= input.stride; c += 8 * lanes) add_rows<8>(seen, c, sums);
    for (; c + 4 * lanes <= input.stride; c += 4 * lanes) add_rows<4>(seen, c, sums);
    for (; c < input.stride; c += lanes) add_rows<1>(seen, c, sums);
    rows += seen.events;
  }
  return rows;
}

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // TRISPIKE_RUNTIME_KERNELS_GATHER_INL_H
