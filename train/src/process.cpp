// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/process.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <malloc.h>

#include <algorithm>
#include <thread>

#include "src/cuda_plugin.h"
#include "src/map_allocator.h"
#include "trispike/model/error.h"
#include "trispike/train/trainer.h"

namespace trispike::train {

void configure_process() {
  use_map_allocator();
#if defined(__GLIBC__)
  // glibc gives every block above 32 MiB back to the system when it is freed, and a large map would
  // be page-faulted anew in each iteration.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

namespace {

/// True if the CPU multiplies bfloat16 in hardware (AVX512_BF16).
bool has_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

}  // namespace

at::Device use_device(Device device, const Processes& processes) {
  if (device == Device::kCpu) return at::kCPU;
  const cuda::Api& cuda = cuda_plugin();
  std::string reason;
  const int count = cuda.device_count(reason), index = processes.rank_on_this_machine;
  if (count == 0) {
    throw ConfigError("--device",
                      "cuda needs an NVIDIA GPU and its driver, and CUDA finds none: " + reason);
  }
  if (index >= count) {
    throw ConfigError("--device", "cuda needs a GPU for each process; this machine has " +
                                      std::to_string(count) + ", and this is process " +
                                      std::to_string(index) + " on it, counted from 0");
  }
  cuda.use_device(index);
  // The same sums in the same order in every run, and float32 is float32: by default cuDNN chooses
  // its kernels by their speed and rounds their operands to 10 bits.
  at::Context& context = at::globalContext();
  context.setDeterministicCuDNN(true);
  context.setBenchmarkCuDNN(false);
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
  return {at::kCUDA, static_cast<c10::DeviceIndex>(index)};
}

at::ScalarType map_type(Precision precision, const at::Device& device) {
  if (precision == Precision::kFloat16 && device.is_cpu()) {
    throw ConfigError("train.precision",
                      "\"float16\" is for GPUs (--device cuda); on a processor "
                      "choose \"bfloat16\", \"float32\" or \"auto\"");
  }
  switch (precision) {
    case Precision::kFloat32:
      return at::kFloat;
    case Precision::kBFloat16:
      return at::kBFloat16;
    case Precision::kFloat16:
      return at::kHalf;
    case Precision::kAuto:
      break;
  }
  const bool has = device.is_cpu() ? has_bfloat16() : cuda_plugin().has_bfloat16(device.index());
  return has ? at::kBFloat16 : at::kFloat;
}

std::string precision_name(at::ScalarType map_type) {
  return map_type == at::kHalf ? "float16" : map_type == at::kBFloat16 ? "bfloat16" : "float32";
}

int use_threads(int threads, int processes) {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / processes);
  const int count = threads > 0 ? threads : all;
  if (at::get_num_threads() != count) at::set_num_threads(count);
  return count;
}

}  // namespace trispike::train
