// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What a kernel's body sees of the GPU: a block of threads that run phase after phase. CUDA's
// compiler makes a kernel of it. Any other compiler makes loops over blocks and threads, by which
// tests run the same bodies on the CPU.
//
// A body is the call operator of a struct of arguments. It may keep numbers per thread over several
// phases in PerThread, and share `Kernel::Shared` among the threads of a block. Between two phases
// comes wait(): then no thread reads what another has not written yet. Within a phase no thread may
// read what another writes. Tests find a body that breaks either rule.
#pragma once

#include <cstdint>

#include "cuda/neuron_layer.h"

#if !defined(__CUDACC__)
#include <cstring>
#include <memory>
#include <stdexcept>
#endif

namespace trispike::train::cuda {

struct Grid {
  std::int64_t parts, tiles;
};

#if defined(__CUDACC__)

#define TRISPIKE_BODY __device__ __forceinline__
#define TRISPIKE_UNROLL _Pragma("unroll")

struct Block {
  std::int64_t part, parts, tile, tiles;
  TRISPIKE_BODY Block() : part(blockIdx.x), parts(gridDim.x), tile(blockIdx.y), tiles(gridDim.y) {}
  template <class F>
  TRISPIKE_BODY void each_thread(F&& f) {
    f(static_cast<int>(threadIdx.x));
  }
  TRISPIKE_BODY void wait() { __syncthreads(); }
};

template <class State>
struct PerThread {
  State own;
  TRISPIKE_BODY State& operator[](int) { return own; }
};

template <class Kernel>
__global__ void __launch_bounds__(kThreads) run(const Kernel kernel) {
  __shared__ typename Kernel::Shared shared;
  Block block;
  kernel(block, shared);
}

/// Throws Error if the kernel before could not be queued.
void check_launch();

template <class Kernel>
void launch(const Kernel& kernel, const Grid& grid, Stream stream) {
  if (grid.parts == 0) return;
  run<<<dim3(static_cast<unsigned>(grid.parts), static_cast<unsigned>(grid.tiles)), kThreads, 0,
        static_cast<cudaStream_t>(stream)>>>(kernel);
  check_launch();
}

#else

#define TRISPIKE_BODY inline
#define TRISPIKE_UNROLL

/// Blocks, and threads within a phase, may come in any order. Tests take the opposite one, too: a
/// phase in which a thread reads what another one writes then has another result.
inline bool backwards = false;

struct Block {
  std::int64_t part, parts, tile, tiles;
  bool waited = true;
  template <class F>
  void each_thread(F&& f) {
    if (!waited)
      throw std::logic_error("a phase begins before the one in front has been waited for");
    waited = false;
    for (int i = 0; i < kThreads; ++i) f(backwards ? kThreads - 1 - i : i);
  }
  void wait() { waited = true; }
};

template <class State>
struct PerThread {
  std::unique_ptr<State[]> all{new State[kThreads]};
  State& operator[](int thread) { return all[static_cast<std::size_t>(thread)]; }
};

template <class Kernel>
void launch(const Kernel& kernel, const Grid& grid, Stream) {
  const auto shared = std::make_unique<typename Kernel::Shared>();
  for (std::int64_t tile = 0; tile < grid.tiles; ++tile) {
    for (std::int64_t part = 0; part < grid.parts; ++part) {
      std::memset(shared.get(), 0xff, sizeof(typename Kernel::Shared));  // NaN, as a trap
      Block block{backwards ? grid.parts - 1 - part : part, grid.parts, tile, grid.tiles};
      kernel(block, *shared);
    }
  }
}

#endif

}  // namespace trispike::train::cuda
