// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/cuda_plugin.h"

#include <dlfcn.h>

#include <string>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

constexpr std::string_view kLibrary = "libtrispike_cuda.so";

[[noreturn]] void refuse(const std::string& reason) {
  // The name of the library that is missing comes first: ours, or one that ours needs.
  if (reason.starts_with(kLibrary)) {
    throw ConfigError("--device", "cuda needs " + std::string(kLibrary) +
                                      ", which this trispike was built without; with CUDA's "
                                      "compiler, nvcc, installed, run scripts/setup --cuda and "
                                      "scripts/build (docs/gpu.md)");
  }
  throw ConfigError("--device", "cuda needs " + std::string(kLibrary) +
                                    ", which cannot be loaded: " + reason +
                                    "; scripts/setup --cuda installs the libraries of CUDA that "
                                    "LibTorch needs (docs/gpu.md)");
}

const cuda::Api& load() {
  // Looked for where the run path of the library or program that holds this code says: beside it.
  void* library = dlopen(kLibrary.data(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) refuse(dlerror());
  const auto get = reinterpret_cast<const cuda::Api* (*)()>(dlsym(library, cuda::kApiSymbol));
  if (get == nullptr) refuse(dlerror());
  return *get();
}

}  // namespace

const cuda::Api& cuda_plugin() {
  static const cuda::Api& loaded = load();
  return loaded;
}

DeviceKernels cuda_kernels() { return {cuda_plugin().kernels, cuda_plugin().current_stream()}; }

}  // namespace trispike::train
