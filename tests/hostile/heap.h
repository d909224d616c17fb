// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// How much heap memory a piece of work takes, whoever asks for it: ours, the standard library's,
// libjpeg's. Counted by a replaced malloc, in sanitized programs by the sanitizer's hooks.
#pragma once

#include <cstddef>

namespace trispike::hostile {

class HeapWatch {
 public:
  /// Starts to watch; one at a time.
  HeapWatch();
  /// By how much more than at the start was taken at once, at the worst moment up to now.
  std::size_t peak_bytes() const;

 private:
  std::size_t start_;
};

}  // namespace trispike::hostile
