// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Compiles the vector kernels once per target. Highway is used as headers only: which target runs
// is decided in dispatch.cpp, so nothing of its library is linked.
#include "kernels/highway.h"

// Debug checks of Highway would call into its library.
#define HWY_IS_DEBUG_BUILD 0
// Neither compiled nor tested: x86 without AVX2 takes the scalar kernels, SVE machines those of
// NEON.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
// AVX2 machines need not have these, and the kernels do not use them.
#define HWY_DISABLE_PCLMUL_AES
#define HWY_DISABLE_BMI2_FMA
#define HWY_DISABLE_F16C

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/highway.cpp"
#include "hwy/foreach_target.h"  // re-includes this file
#include "hwy/highway.h"

#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
#include "kernels/dense/dense-inl.h"
#include "kernels/dense/pairs-inl.h"
#include "kernels/dense/scalar.h"
#include "kernels/dense/spikes-inl.h"
#include "kernels/dense/spikes_amx-inl.h"
#include "kernels/dense/spikes_dot-inl.h"
#include "kernels/dense/spikes_vnni-inl.h"
#include "kernels/gather/gather-inl.h"
#include "kernels/gather/gather_bytes-inl.h"
#include "kernels/gather/scalar.h"
#include "kernels/lif/lif-inl.h"
#include "kernels/lif/lif_narrow-inl.h"
#include "kernels/lif/list_vbmi2-inl.h"

HWY_BEFORE_NAMESPACE();
namespace trispike::runtime::HWY_NAMESPACE {

template <class Number>
constexpr Kernels<Number> kernels() {
  return {.lanes = HWY_LANES(Number),
          .gather = gather<Number>,
          // An event changes one number here: there is nothing to vectorise.
          .gather_diagonal = scalar::gather_diagonal<Number, Number>,
          .dense = dense<Number>,
          .dense_diagonal = scalar::dense_diagonal<Number>,
          .lif = lif<Number>};
}

#if HWY_ARCH_X86
inline constexpr DenseCost kPairsCost = HWY_TARGET == HWY_AVX2
                                            ? DenseCost{1.0, 0.95, 1.2, 0.95, 14, 7}
                                            : DenseCost{0.68, 0.45, 0.6, 0.72, 30, 11};
#endif

inline constexpr NarrowKernels kNarrow {
  .gather = gather_narrow, .gather_diagonal = gather_diagonal_narrow, .lif = lif_narrow<list_row>,
#if HWY_ARCH_X86
  .list = list_row, .write_spike_map = write_spike_map, .dense_spikes = dense_spikes<PairTile>,
  .dense_cost = kPairsCost,
#endif
};

template <ListRow kListRow>
constexpr Kernels<Integer> integer_kernels(const NarrowKernels* narrow) {
  return {.lanes = kByteLanes,
          .gather = gather_bytes,
          .gather_diagonal = scalar::gather_diagonal<std::int32_t, std::int32_t>,
          .dense = dense_integer,
          .dense_diagonal = scalar::dense_diagonal<Integer>,
          .lif = lif_integer<kListRow>,
          .narrow = narrow};
}

template <ListRow kListRow = list_row>
constexpr VectorKernels vector_kernels_named(std::string_view target,
                                             const NarrowKernels* narrow = &kNarrow) {
  return {target, {kernels<float>(), kernels<double>(), integer_kernels<kListRow>(narrow)}};
}

#if TRISPIKE_HAS_VNNI
inline constexpr NarrowKernels kNarrowVnni{.gather = gather_narrow,
                                           .gather_diagonal = gather_diagonal_narrow,
                                           .lif = lif_narrow<list_row_vbmi2>,
                                           .list = list_row_vbmi2,
                                           .write_spike_map = write_spike_map,
                                           .dense_spikes = dense_spikes<VnniTile>,
                                           .dense_cost = {0.37, 0.27, 0.4, 0.47, 30, 11}};
#endif

#if TRISPIKE_HAS_AMX
/// `far` was measured with 4 destinations, which take as long as 16.
inline constexpr NarrowKernels kNarrowAmx{.gather = gather_narrow,
                                          .gather_diagonal = gather_diagonal_narrow,
                                          .lif = lif_narrow<list_row_vbmi2>,
                                          .list = list_row_vbmi2,
                                          .write_spike_map = write_spike_map,
                                          .dense_spikes = dense_spikes_amx,
                                          .copies_windows = true,
                                          .dense_cost = {0.07, 0.06, 0.2, 0.07, 20, 9, 16}};
#endif

#if TRISPIKE_HAS_DOT
/// Costs are counts of instructions, not measured: a row adds 16 weights with four, dot products
/// take 1.2 for them.
inline constexpr NarrowKernels kNarrowDot{.gather = gather_narrow,
                                          .gather_diagonal = gather_diagonal_narrow,
                                          .lif = lif_narrow<list_row>,
                                          .write_spike_map = write_spike_map,
                                          .dense_spikes = dense_spikes<DotTile>,
                                          .dense_cost = {0.4, 0.4, 0.5, 0.3, 0, 0}};
#endif

}  // namespace trispike::runtime::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace trispike::runtime {

std::span<const VectorKernels> vector_kernels() {
#if HWY_ARCH_X86
  static constexpr VectorKernels kAll[] = {
#if defined(__x86_64__) && defined(__linux__)
    N_AVX3::vector_kernels_named<N_AVX3::list_row_vbmi2>("avx512amx", &N_AVX3::kNarrowAmx),
#endif
    N_AVX3::vector_kernels_named<N_AVX3::list_row_vbmi2>("avx512vnni", &N_AVX3::kNarrowVnni),
    N_AVX3::vector_kernels_named("avx512"),
    N_AVX2::vector_kernels_named("avx2")
  };
  return kAll;
#elif HWY_ARCH_ARM_A64
  static constexpr VectorKernels kAll[] = {
      N_NEON::vector_kernels_named("neondot", &N_NEON::kNarrowDot),
      N_NEON::vector_kernels_named("neon")};
  return kAll;
#else
  return {};
#endif
}

}  // namespace trispike::runtime
#endif
