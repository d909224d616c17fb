// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Functions of the AVX-512 target that use VNNI and VBMI2 too stand between these. (Highway 1.0.3
// has a target with both, but allows the compiler AVX-VNNI in it, which processors with AVX-512
// VNNI need not have.) No include guard: what it says changes with the target.

#undef TRISPIKE_HAS_VNNI
#if HWY_TARGET == HWY_AVX3
#define TRISPIKE_HAS_VNNI 1
#include <immintrin.h>
#else
#define TRISPIKE_HAS_VNNI 0
#endif

#undef TRISPIKE_BEFORE_VNNI
#undef TRISPIKE_AFTER_VNNI
#define TRISPIKE_BEFORE_VNNI()                                         \
  HWY_PUSH_ATTRIBUTES(HWY_TARGET_STR ",popcnt,avx512vnni,avx512vbmi2") \
  static_assert(true, "needs a semicolon")
#define TRISPIKE_AFTER_VNNI() HWY_POP_ATTRIBUTES static_assert(true, "needs a semicolon")
