// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The inside of libtrispike_cuda.so besides the kernels.
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "cuda/api.h"
#include "cuda/gpu_kernels.h"
#include "trispike/model/error.h"

namespace trispike::train::cuda {
namespace {

void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw Error(std::string(what) + ": " + cudaGetErrorString(status));
}

int device_count(std::string& reason) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess) return count;
  reason = cudaGetErrorString(status);
  return 0;
}

cudaDeviceProp properties(int index) {
  cudaDeviceProp found;
  check(cudaGetDeviceProperties(&found, index), "the GPU cannot be asked for its properties");
  return found;
}

void use_device(int index) { check(cudaSetDevice(index), "the GPU cannot be used"); }
std::string device_name(int index) { return properties(index).name; }
bool has_bfloat16(int index) { return properties(index).major >= 8; }

std::int64_t peak_bytes() {
  int device = 0;
  check(cudaGetDevice(&device), "the GPU in use is not known");
  const auto stats =
      c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
  return stats.allocated_bytes[0].peak;  // 0: of large and small blocks together
}

Stream current_stream() { return c10::cuda::getCurrentCUDAStream().stream(); }

c10::intrusive_ptr<c10d::Backend> join_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                            int size, int device,
                                            std::chrono::milliseconds patience) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = patience;
  auto group = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size, options);
  group->setBoundDeviceId(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device)));
  return group;
}

}  // namespace
}  // namespace trispike::train::cuda

extern "C" __attribute__((visibility("default"))) const trispike::train::cuda::Api*
trispike_cuda_api() {
  using namespace trispike::train::cuda;
  static const Api kApi = {device_count, use_device,     device_name,    has_bfloat16,
                           peak_bytes,   current_stream, &gpu_kernels(), join_nccl};
  return &kApi;
}
