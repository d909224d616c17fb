// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Decoded pictures of one size, kept in one block of memory and filled as they are asked for.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "trispike/data/image.h"

namespace trispike::data {

class PictureCache {
 public:
  /// Room for `count` pictures; the system gives the memory as it is filled.
  PictureCache(std::int64_t count, int channels, int height, int width)
      : shape_(channels, height, width),
        ready_(std::make_unique<std::atomic<bool>[]>(count)),
        samples_(std::make_unique_for_overwrite<std::uint8_t[]>(std::size_t(count) *
                                                                shape_.pixels.size())) {}

  /// Picture `i`, made by `decode` if it is not there yet. A picture of another size is not kept.
  template <typename Decode>
  Image get(std::int64_t i, const Decode& decode) {
    const std::size_t size = shape_.pixels.size();
    std::uint8_t* slot = samples_.get() + std::size_t(i) * size;
    if (ready_[i].load(std::memory_order_acquire)) {
      Image image;
      image.channels = shape_.channels;
      image.height = shape_.height;
      image.width = shape_.width;
      image.pixels.assign(slot, slot + size);
      return image;
    }
    Image image = decode();
    if (image.channels == shape_.channels && image.height == shape_.height &&
        image.width == shape_.width) {
      const std::lock_guard lock(mutex_);
      if (!ready_[i].load(std::memory_order_relaxed)) {
        std::ranges::copy(image.pixels, slot);
        ready_[i].store(true, std::memory_order_release);
      }
    }
    return image;
  }

 private:
  Image shape_;
  std::mutex mutex_;  // one writer at a time
  std::unique_ptr<std::atomic<bool>[]> ready_;
  std::unique_ptr<std::uint8_t[]> samples_;
};

}  // namespace trispike::data
