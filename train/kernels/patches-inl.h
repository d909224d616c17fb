// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of patches.h. Included after neuron_layer-inl.h, once per instruction set; the same
// rules hold.
#include "kernels/patches.h"

namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE {

template <class Store>
void gather_patches(const PatchShape& s, const Store* map, Store* matrix, int threads) {
  const std::int64_t out_height = s.out_height(), out_width = s.out_width();
  const std::int64_t run = s.kernel * s.channels, lines = s.samples * out_height;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t line = 0; line < lines; ++line) {
    const std::int64_t sample = line / out_height, top = line % out_height * s.stride - s.padding;
    for (std::int64_t column = 0; column < out_width; ++column) {
      const std::int64_t left = column * s.stride - s.padding;
      // Taps of one row lie side by side in the map, too.
      const std::int64_t begin = left < 0 ? -left * s.channels : 0;
      const std::int64_t over = left + s.kernel - s.width;
      const std::int64_t end = over > 0 ? run - over * s.channels : run;
      Store* to = matrix + (line * out_width + column) * s.columns();
      for (std::int64_t ky = 0; ky < s.kernel; ++ky, to += run) {
        const std::int64_t y = top + ky;
        const bool inside = y >= 0 && y < s.height && begin < end;
        const std::int64_t first = inside ? begin : run, last = inside ? end : run;
        const Store* from = map + ((sample * s.height + y) * s.width + left) * s.channels;
        for (std::int64_t i = 0; i < first; ++i) to[i] = Store{};
#pragma omp simd
        for (std::int64_t i = first; i < last; ++i) to[i] = from[i];
        for (std::int64_t i = last; i < run; ++i) to[i] = Store{};
      }
    }
  }
}

/// Adds the tap of every window that covers the position.
template <class Store, class Real>
void scatter_patches(const PatchShape& s, const Store* matrix, Store* map, int threads) {
  constexpr std::int64_t kPart = 128;  // channels at a time, summed near the processor
  const std::int64_t out_height = s.out_height(), out_width = s.out_width();
  const std::int64_t columns = s.columns(), lines = s.samples * s.height;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (std::int64_t line = 0; line < lines; ++line) {
    const std::int64_t sample = line / s.height, y = line % s.height + s.padding;
    for (std::int64_t column = 0; column < s.width; ++column) {
      const std::int64_t x = column + s.padding;
      Store* to = map + (line * s.width + column) * s.channels;
      for (std::int64_t part = 0; part < s.channels; part += kPart) {
        const std::int64_t n = s.channels - part < kPart ? s.channels - part : kPart;
        Real sums[kPart];
        for (std::int64_t i = 0; i < n; ++i) sums[i] = Real(0);
        for (std::int64_t ky = y % s.stride; ky < s.kernel && ky <= y; ky += s.stride) {
          const std::int64_t oy = (y - ky) / s.stride;
          if (oy >= out_height) continue;
          for (std::int64_t kx = x % s.stride; kx < s.kernel && kx <= x; kx += s.stride) {
            const std::int64_t ox = (x - kx) / s.stride;
            if (ox >= out_width) continue;
            const Store* from = matrix + ((sample * out_height + oy) * out_width + ox) * columns +
                                (ky * s.kernel + kx) * s.channels + part;
#pragma omp simd
            for (std::int64_t i = 0; i < n; ++i) sums[i] += load(from + i);
          }
        }
#pragma omp simd
        for (std::int64_t i = 0; i < n; ++i) store(to + part + i, sums[i]);
      }
    }
  }
}

template <class Store, class Real>
constexpr PatchKernels<Store> patches_of() {
  return {gather_patches<Store>, scatter_patches<Store, Real>};
}

constexpr PatchTable patch_kernels() {
  return {patches_of<float, float>(), patches_of<BFloat16, float>(), patches_of<double, double>()};
}

}  // namespace trispike::train::kernels::TRISPIKE_KERNEL_NAMESPACE
