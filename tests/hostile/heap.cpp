// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/heap.h"

#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include "hostile/sanitized.h"

#ifdef TRISPIKE_SANITIZED
// Of the sanitizers' run-time library. GCC has them, but not the header that declares them,
// <sanitizer/allocator_interface.h>.
extern "C" {
std::size_t __sanitizer_get_allocated_size(const volatile void* block);
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                              void (*on_free)(const volatile void*));
}
#endif

namespace trispike::hostile {
namespace {

// Of the whole process. A block freed while another thread raises the peak may be counted a moment
// too long, never too short.
constinit std::atomic<std::size_t> live_bytes{0};
constinit std::atomic<std::size_t> peak_bytes_of_all{0};

void count_block(std::size_t bytes) {
  const std::size_t now = live_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  std::size_t peak = peak_bytes_of_all.load(std::memory_order_relaxed);
  while (peak < now &&
         !peak_bytes_of_all.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

void discount_block(std::size_t bytes) { live_bytes.fetch_sub(bytes, std::memory_order_relaxed); }

#ifdef TRISPIKE_SANITIZED

void on_malloc(const volatile void* block, std::size_t) {
  if (block != nullptr) count_block(__sanitizer_get_allocated_size(const_cast<void*>(block)));
}

void on_free(const volatile void* block) {
  if (block != nullptr) discount_block(__sanitizer_get_allocated_size(const_cast<void*>(block)));
}

[[maybe_unused]] const int hooks = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

#endif

}  // namespace

HeapWatch::HeapWatch() : start_(live_bytes.load()) { peak_bytes_of_all.store(start_); }

std::size_t HeapWatch::peak_bytes() const { return peak_bytes_of_all.load() - start_; }

}  // namespace trispike::hostile

#ifndef TRISPIKE_SANITIZED

// glibc's allocator under its other names. Every other function that gives memory, operator new
// among them, calls one of these.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

static void* counted(void* block) {
  if (block != nullptr) trispike::hostile::count_block(::malloc_usable_size(block));
  return block;
}

void* malloc(std::size_t bytes) { return counted(__libc_malloc(bytes)); }

void* calloc(std::size_t count, std::size_t bytes) { return counted(__libc_calloc(count, bytes)); }

// The old block lives until the new one is there.
void* realloc(void* block, std::size_t bytes) {
  const std::size_t before = block != nullptr ? ::malloc_usable_size(block) : 0;
  void* moved = __libc_realloc(block, bytes);
  if (moved != nullptr || bytes == 0) {
    counted(moved);
    trispike::hostile::discount_block(before);
  }
  return moved;
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  return counted(__libc_memalign(alignment, bytes));
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  return counted(__libc_memalign(alignment, bytes));
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  *block = counted(__libc_memalign(alignment, bytes));
  return *block != nullptr || bytes == 0 ? 0 : ENOMEM;
}

void free(void* block) {
  if (block != nullptr) trispike::hostile::discount_block(::malloc_usable_size(block));
  __libc_free(block);
}
}

#endif
