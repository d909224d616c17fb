// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Best fit over the free pieces of large regions; neighbours are joined when freed. Every iteration
// of training asks for the same sizes in the same order, so the pieces soon fit exactly. Where
// large ones do not, free pieces would add up beside new ones: their memory goes back to the system
// before more is taken from it.
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
/// Free memory that is kept when more is needed: so much, or this part of what is in use. Memory
/// that comes back from the system must be cleared by it, at every iteration.
constexpr std::size_t kKept = std::size_t{32} << 20;
constexpr std::size_t kKeptPart = 8;

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
  struct Free {
    std::size_t size = 0;
    /// Of it, in memory: what has been used since it last went back. Where pieces of both kinds
    /// were joined, it counts as the first part of the piece.
    std::size_t resident = 0;
  };

  static void give_back(void* data);

  void* take(std::size_t bytes) {
    const std::size_t size = (bytes + 63) / 64 * 64 + kStagger;
    const std::lock_guard lock(mutex_);
    auto fit = by_size_.lower_bound({size, nullptr});
    if (fit == by_size_.end()) {
      if (!add_region(size)) return nullptr;
      fit = by_size_.lower_bound({size, nullptr});
    }
    char* const address = fit->second;
    const Free have = remove(address);
    const std::size_t resident = std::min(have.resident, size);
    if (have.size > size) insert(address + size, {have.size - size, have.resident - resident});
    if (resident < size) make_room(size - resident);
    used_[address] = size;
    used_bytes_ += size;
    return address;
  }

  /// False if the data is not in a region.
  bool free(char* address) {
    const std::lock_guard lock(mutex_);
    const auto found = used_.find(address);
    if (found == used_.end()) return false;
    Free piece{found->second, found->second};
    used_bytes_ -= found->second;
    used_.erase(found);
    if (by_address_.contains(address + piece.size)) {
      const Free after = remove(address + piece.size);
      piece.size += after.size;
      piece.resident += after.resident;
    }
    const auto behind = by_address_.lower_bound(address);
    if (behind != by_address_.begin()) {
      char* const before = std::prev(behind)->first;
      if (before + std::prev(behind)->second.size == address) {
        const Free first = remove(before);
        address = before;
        piece.size += first.size;
        piece.resident += first.resident;
      }
    }
    insert(address, piece);
    return true;
  }

  /// Before `more` bytes come from the system: as many of the largest free pieces go back, as long
  /// as more than a part remains.
  void make_room(std::size_t more) {
    const std::size_t keep = std::max(kKept, used_bytes_ / kKeptPart);
    more = (more + kHugePage - 1) / kHugePage * kHugePage;
    for (auto piece = by_size_.rbegin(); piece != by_size_.rend(); ++piece) {
      if (more == 0 || free_resident_ <= keep || piece->first < kHugePage) return;
      Free& free = by_address_[piece->second];
      const std::size_t part = std::min(free.resident, more);
      // Of its end, whole huge pages.
      const auto begin = reinterpret_cast<std::uintptr_t>(piece->second);
      const std::uintptr_t first = (begin + free.resident - part + kHugePage - 1) / kHugePage *
                                   kHugePage,
                           last = (begin + free.size) / kHugePage * kHugePage;
      if (part == 0 || first >= last) continue;
      madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
      free_resident_ -= part;
      free.resident -= part;
      more -= part;
    }
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
    insert(first + skip, {size, 0});
    return true;
  }

  void insert(char* address, Free piece) {
    by_address_[address] = piece;
    by_size_.insert({piece.size, address});
    free_resident_ += piece.resident;
  }

  Free remove(char* address) {
    const auto found = by_address_.find(address);
    const Free piece = found->second;
    by_address_.erase(found);
    by_size_.erase({piece.size, address});
    free_resident_ -= piece.resident;
    return piece;
  }

  std::mutex mutex_;
  std::map<char*, Free> by_address_;  ///< free pieces
  std::set<Piece> by_size_;           ///< the same; of equals the lowest address first
  std::size_t free_resident_ = 0;     ///< their memory
  std::size_t used_bytes_ = 0;
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
