// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Normalisation by table: a sample has only 256 values.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "trispike/data/image.h"

namespace trispike::data {

class Normaliser {
 public:
  /// Throws DataError if the lists are empty or of different lengths, or a number cannot be used.
  explicit Normaliser(const Normalisation& normalisation);

  int channels() const { return static_cast<int>(tables_.size()); }

  /// As normalise_into().
  void apply(const Image& image, bool channels_last, std::span<float> out) const;

 private:
  std::vector<std::array<float, 256>> tables_;  // one per channel
};

}  // namespace trispike::data
