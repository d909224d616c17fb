// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Functions of the NEON target that use the dot products of ARMv8.2, too, stand between these
// (Highway 1.0.3 has no target with them). No include guard: what it says changes with the target.

#undef TRISPIKE_HAS_DOT
#if HWY_TARGET == HWY_NEON && HWY_ARCH_ARM_A64
#define TRISPIKE_HAS_DOT 1
#include <arm_neon.h>
#else
#define TRISPIKE_HAS_DOT 0
#endif

#undef TRISPIKE_BEFORE_DOT
#undef TRISPIKE_AFTER_DOT
#define TRISPIKE_BEFORE_DOT()                   \
  HWY_PUSH_ATTRIBUTES("arch=armv8.2-a+dotprod") \
  static_assert(true, "needs a semicolon")
#define TRISPIKE_AFTER_DOT() HWY_POP_ATTRIBUTES static_assert(true, "needs a semicolon")
