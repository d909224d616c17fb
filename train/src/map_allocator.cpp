// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Best fit over the free pieces of large regions; neighbours are joined when freed. Every iteration
// of training asks for the same sizes in the same order, so the pieces soon fit exactly.
#include "src/map_allocator.h"

#if defined(__linux__)

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

namespace trispike::train {
namespace {

constexpr std::size_t kLeast = std::size_t{256} << 10;  ///< smaller ones are the system's
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kRegion = std::size_t{1} << 30;  ///< of addresses; memory comes with use
/// Added to every piece, so that maps, whose sizes are powers of two, do not all start at the same
/// set of the caches.
constexpr std::size_t kStagger = 4096 + 64;

class MapAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* data = bytes < kLeast ? nullptr : take(bytes);
    // Also when no region can be had.
    if (data == nullptr) data = c10::alloc_cpu(bytes);
    return {data, data, &give_back, c10::Device(c10::DeviceType::CPU)};
  }
  // oneDNN frees by address alone: one deleter for both kinds of data.
  c10::DeleterFnPtr raw_deleter() const override { return &give_back; }
  void copy_data(void* to, const void* from, std::size_t count) const override {
    std::memcpy(to, from, count);
  }

 private:
  using Piece = std::pair<std::size_t, char*>;  ///< size, address

  static void give_back(void* data);

  void* take(std::size_t bytes) {
    const std::size_t size = (bytes + 63) / 64 * 64 + kStagger;
    const std::lock_guard lock(mutex_);
    auto fit = by_size_.lower_bound({size, nullptr});
    if (fit == by_size_.end()) {
      if (!add_region(size)) return nullptr;
      fit = by_size_.lower_bound({size, nullptr});
    }
    const auto [have, address] = *fit;
    remove(address, have);
    if (have > size) insert(address + size, have - size);
    used_[address] = size;
    return address;
  }

  /// False if the data is not in a region.
  bool free(char* address) {
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(address);
    if (found == used_.end()) return false;
    std::size_t size = found->second;
    used_.erase(found);
    const auto after = by_address_.find(address + size);
    if (after != by_address_.end()) {
      const std::size_t more = after->second;
      remove(address + size, more);
      size += more;
    }
    const auto behind = by_address_.lower_bound(address);
    if (behind != by_address_.begin()) {
      const auto [before, length] = *std::prev(behind);
      if (before + length == address) {
        remove(before, length);
        address = before;
        size += length;
      }
    }
    insert(address, size);
    return true;
  }

  bool add_region(std::size_t least) {
    const std::size_t size = (std::max(least, kRegion) + kHugePage - 1) / kHugePage * kHugePage;
    void* region = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return false;
    char* const first = static_cast<char*>(region);
    const std::size_t skip =
        (kHugePage - reinterpret_cast<std::uintptr_t>(first) % kHugePage) % kHugePage;
    madvise(first + skip, size, MADV_HUGEPAGE);  // a wish: without huge pages all works, too
    insert(first + skip, size);
    return true;
  }

  void insert(char* address, std::size_t size) {
    by_address_[address] = size;
    by_size_.insert({size, address});
  }

  void remove(char* address, std::size_t size) {
    by_address_.erase(address);
    by_size_.erase({size, address});
  }

  std::mutex mutex_;
  std::map<char*, std::size_t> by_address_;  ///< free pieces
  std::set<Piece> by_size_;                  ///< the same; of equals the lowest address first
  std::unordered_map<void*, std::size_t> used_;
};

/// Never destroyed: tensors in static storage may outlive everything.
MapAllocator& allocator() {
  static auto& instance = *new MapAllocator;
  return instance;
}

void MapAllocator::give_back(void* data) {
  if (!allocator().free(static_cast<char*>(data))) c10::free_cpu(data);
}

}  // namespace

void use_map_allocator() { c10::SetCPUAllocator(&allocator(), /*priority=*/1); }

}  // namespace trispike::train

#else

namespace trispike::train {

void use_map_allocator() {}

}  // namespace trispike::train

#endif
