// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// TRISPIKE_HD: an inlined function for the CPU and, where CUDA's compiler reads it, for the GPU.
#pragma once

#if defined(__CUDACC__)
#define TRISPIKE_HD __host__ __device__ __forceinline__
#else
#define TRISPIKE_HD inline __attribute__((always_inline))
#endif
