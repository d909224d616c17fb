// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Random numbers that depend on a key only: every sample of every epoch has its own stream, so that
// no result depends on which thread drew first, and a run can continue anywhere.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace trispike::data {

/// Splitmix64 started at a mix of the key's parts.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t epoch = 0, std::uint64_t stream = 0)
      : state_(mix(mix(mix(seed) ^ epoch) ^ stream)) {}

  /// 64 random bits.
  std::uint64_t next() {
    state_ += kIncrement;
    return finish(state_);
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  /// Uniform in [0, bound), without bias. `bound` must be > 0.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t rest =
        (0 - bound) % bound;  // 2^64 mod bound: that many values are one too many
    std::uint64_t bits = next();
    while (bits < rest) bits = next();
    return bits % bound;
  }

 private:
  static constexpr std::uint64_t kIncrement = 0x9e3779b97f4a7c15u;

  static std::uint64_t finish(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  static std::uint64_t mix(std::uint64_t x) { return finish(x + kIncrement); }

  std::uint64_t state_;
};

/// All orders are equally likely.
template <typename T>
void shuffle(std::vector<T>& values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.below(i)]);
}

}  // namespace trispike::data
