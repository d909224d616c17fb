// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Functions of the AVX-512 target that use tiles (AMX) too stand under TRISPIKE_HAS_AMX. Tiles are
// named in assembler: the intrinsics of GCC 12 do not say that loading one reads memory. No include
// guard: what it says changes with the target.

#undef TRISPIKE_HAS_AMX
#if HWY_TARGET == HWY_AVX3 && defined(__x86_64__) && defined(__linux__)
#define TRISPIKE_HAS_AMX 1
#else
#define TRISPIKE_HAS_AMX 0
#endif
