// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// A real-valued input as the kernels read it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>

#include "src/aligned.h"
#include "src/integer_bounds.h"
#include "trispike/model/network.h"

namespace trispike::runtime {

/// [positions][channels].
template <class Value>
class InputMap {
 public:
  InputMap() = default;
  /// `fraction_bits`: integers only, of the fixed point.
  InputMap(const model::MapShape& shape, int fraction_bits)
      : channels_(shape.channels),
        unit_(std::ldexp(1.0, fraction_bits)),
        values_(static_cast<std::size_t>(shape.elements())) {}

  const Value* data() const { return values_.data(); }

  /// `map`: [C, H, W].
  template <class T>
  void set(std::span<const T> map) {
    const std::int64_t positions = std::ssize(values_) / channels_;
    for (std::int64_t c = 0; c < channels_; ++c) {
      const T* from = map.data() + c * positions;
      Value* to = values_.data() + c;
      for (std::int64_t p = 0; p < positions; ++p) to[p * channels_] = to_value(from[p]);
    }
  }

 private:
  /// In integers: fixed point, to nearest (ties to even), saturated; what is no number counts as
  /// the lowest.
  template <class T>
  Value to_value(T number) const {
    if constexpr (std::is_integral_v<Value>) {
      constexpr double kLimit = double(kLargestInput);
      // So large that a sum with it has no bits behind the point: it is rounded, and no function
      // need be called for it, as for std::nearbyint on processors without SSE 4.1.
      constexpr double kWhole = 0x1.8p52;
      const double scaled = static_cast<double>(number) * unit_;
      const double limited = scaled >= -kLimit ? std::min(scaled, kLimit) : -kLimit;
      return static_cast<Value>((limited + kWhole) - kWhole);
    } else {
      return static_cast<Value>(number);
    }
  }

  std::int64_t channels_ = 1;
  double unit_ = 1;  // integers per 1
  AlignedVector<Value> values_;
};

}  // namespace trispike::runtime
