// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// What training gets from libtrispike_cuda.so, the one library that is linked against CUDA. It is
// loaded when a run asks for a GPU (src/cuda_plugin.h). No header of CUDA here.
#pragma once

#include <c10/util/intrusive_ptr.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "cuda/neuron_layer.h"

namespace c10d {
class Backend;
class Store;
}  // namespace c10d

namespace trispike::train::cuda {

/// Training and plugin are built together: there is no version.
struct Api {
  /// How many GPUs CUDA finds; if none, `reason` says why.
  int (*device_count)(std::string& reason);
  /// Makes a GPU that of this thread. Throws Error.
  void (*use_device)(int index);
  std::string (*device_name)(int index);
  bool (*has_bfloat16)(int index);  ///< multiplies bfloat16 in hardware
  std::int64_t (*peak_bytes)();     ///< most memory that tensors of the GPU in use had at a time
  Stream (*current_stream)();       ///< of this thread
  const NeuronLayerTable* kernels;
  /// Processes with a GPU each, joined by NCCL; they meet at `store`.
  c10::intrusive_ptr<c10d::Backend> (*join_nccl)(const c10::intrusive_ptr<c10d::Store>& store,
                                                 int rank, int size, int device,
                                                 std::chrono::milliseconds patience);
};

/// The one symbol that the plugin exports: `const Api* trispike_cuda_api()`.
inline constexpr const char* kApiSymbol = "trispike_cuda_api";

}  // namespace trispike::train::cuda
