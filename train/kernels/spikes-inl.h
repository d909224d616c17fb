// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of spikes.h. Included after neuron_layer-inl.h, once per instruction set; the same
// rules hold.
#include "kernels/spikes.h"

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

constexpr std::int64_t kSpikeBytes = kSpikeBlock / 4;

template <class Store, class Real>
Real pack_spikes(std::int64_t count, const Store* x, std::uint8_t* packed, int threads) {
  const std::int64_t blocks = count / kSpikeBlock, rest = count % kSpikeBlock;
  Real largest = Real(0);
  const auto code = [](Real value) {
    return static_cast<int>(value > Real(0)) + 2 * static_cast<int>(value < Real(0));
  };
#pragma omp parallel for schedule(static) num_threads(threads) reduction(max : largest)
  for (std::int64_t block = 0; block < blocks; ++block) {
    const Store* from = x + block * kSpikeBlock;
    std::uint8_t* to = packed + block * kSpikeBytes;
    Real most = Real(0);
#pragma omp simd reduction(max : most)
    for (std::int64_t j = 0; j < kSpikeBytes; ++j) {
      const Real a = load(from + j), b = load(from + j + kSpikeBytes),
                 c = load(from + j + 2 * kSpikeBytes), d = load(from + j + 3 * kSpikeBytes);
      to[j] = static_cast<std::uint8_t>(code(a) | code(b) << 2 | code(c) << 4 | code(d) << 6);
      const Real ab = a > b ? a : b, cd = c > d ? c : d, up = ab > cd ? ab : cd;
      const Real low_ab = a < b ? a : b, low_cd = c < d ? c : d,
                 down = low_ab < low_cd ? low_ab : low_cd;
      const Real here = up > -down ? up : -down;
      most = most > here ? most : here;
    }
    largest = largest > most ? largest : most;
  }
  if (rest > 0) {
    const Store* from = x + blocks * kSpikeBlock;
    std::uint8_t* to = packed + blocks * kSpikeBytes;
    for (std::int64_t j = 0; j < kSpikeBytes; ++j) to[j] = 0;
    for (std::int64_t i = 0; i < rest; ++i) {
      const Real value = load(from + i), size = value < Real(0) ? -value : value;
      to[i % kSpikeBytes] =
          static_cast<std::uint8_t>(to[i % kSpikeBytes] | code(value) << 2 * (i / kSpikeBytes));
      largest = largest > size ? largest : size;
    }
  }
  return largest;
}

template <class Store, class Real>
void unpack_spikes(std::int64_t count, const std::uint8_t* packed, Real magnitude, Store* x,
                   int threads) {
  const std::int64_t blocks = count / kSpikeBlock, rest = count % kSpikeBlock;
  const auto value = [magnitude](int byte, int shift) {
    const int code = byte >> shift & 3;
    return static_cast<Real>((code & 1) - (code >> 1)) * magnitude;
  };
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::uint8_t* from = packed + block * kSpikeBytes;
    Store* to = x + block * kSpikeBlock;
#pragma omp simd
    for (std::int64_t j = 0; j < kSpikeBytes; ++j) {
      const int byte = from[j];
      store(to + j, value(byte, 0));
      store(to + j + kSpikeBytes, value(byte, 2));
      store(to + j + 2 * kSpikeBytes, value(byte, 4));
      store(to + j + 3 * kSpikeBytes, value(byte, 6));
    }
  }
  for (std::int64_t i = 0; i < rest; ++i) {
    store(x + blocks * kSpikeBlock + i, value(packed[blocks * kSpikeBytes + i % kSpikeBytes],
                                              static_cast<int>(2 * (i / kSpikeBytes))));
  }
}

template <class Store, class Real>
constexpr SpikeKernels<Store, Real> spikes_of() {
  return {pack_spikes<Store, Real>, unpack_spikes<Store, Real>};
}

constexpr SpikeTable spike_kernels() {
  return {spikes_of<float, float>(), spikes_of<BFloat16, float>(), spikes_of<double, double>()};
}

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
