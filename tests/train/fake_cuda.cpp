// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Stands for libtrispike_cuda.so where tests need a certain number of GPUs: FAKE_CUDA_DEVICES. They
// compute nothing.
#include <cstdlib>

#include "cuda/api.h"

namespace {

int device_count(std::string& reason) {
  const char* count = std::getenv("FAKE_CUDA_DEVICES");
  reason = "none here, says the fake";
  return count != nullptr ? std::atoi(count) : 0;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const trispike::train::cuda::Api*
trispike_cuda_api() {
  static trispike::train::cuda::Api api{};
  api.device_count = device_count;
  return &api;
}
