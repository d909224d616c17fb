// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "src/recorder.h"

namespace trispike::runtime {

/// What a Session needs of an executor, whatever its number type.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  virtual void reset() = 0;
  /// The input map [C, H, W] of the next step and, if it is static, of those after it.
  virtual void set_input(std::span<const float> map) = 0;
  virtual void set_input(std::span<const double> map) = 0;
  virtual void step() = 0;
  /// Of the last step, [classes].
  virtual void read_logits(std::span<double> logits) const = 0;
  virtual Recorder& recorder() = 0;
};

}  // namespace trispike::runtime
