// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/process.h"

#include <ATen/Parallel.h>
#include <malloc.h>

#include <algorithm>
#include <thread>

#include "src/map_allocator.h"
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

bool has_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

bool use_bfloat16(Precision precision) {
  return precision == Precision::kBFloat16 || (precision == Precision::kAuto && has_bfloat16());
}

int use_threads(int threads, int processes) {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / processes);
  const int count = threads > 0 ? threads : all;
  if (at::get_num_threads() != count) at::set_num_threads(count);
  return count;
}

}  // namespace trispike::train
