// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The processes (ranks) that train one network together. Everywhere else a null pointer stands for
// "this process alone".
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "trispike/train/processes.h"

namespace trispike::train {

/// How long ranks may be apart: rank 0 saves checkpoints, one may read slower than the others. A
/// rank that has ended is noticed at once.
constexpr std::chrono::minutes kPatience{10};

/// Where a large sum comes about: each rank writes `own`, all read `sum`. They may be one tensor.
struct SumBuffer {
  at::Tensor own, sum;  ///< [count]
};

class Communicator {
 public:
  virtual ~Communicator() = default;

  virtual int rank() const = 0;
  virtual int size() const = 0;
  /// "through Gloo": how the sums travel, for people.
  virtual std::string transport() const = 0;

  /// Replaces `values` (contiguous) by their sum over all ranks, bit for bit the same on each. All
  /// ranks must call it the same number of times, in the same order. Throws Error if one is gone.
  virtual void all_reduce(const at::Tensor& values) = 0;
  /// For start_all_reduce, zero at first. All ranks make the same ones in the same order.
  virtual SumBuffer make_sum_buffer(std::int64_t count, const at::TensorOptions& options);
  /// The same for large tensors, without waiting, beside all_reduce (which does not queue behind
  /// it): neither tensor must be touched before the function that is returned, which waits, has
  /// been called. Then `sum` can be read until the next start, and is not to be written: it may be
  /// memory of all ranks.
  virtual std::function<void()> start_all_reduce(const SumBuffer& buffer) = 0;
  /// Overwrites `values` with those of rank 0.
  virtual void broadcast(const at::Tensor& values) = 0;
};

/// What carries the sums.
enum class Transport {
  kAutomatic,  ///< memory that all ranks share if they can, else Gloo; between GPUs NCCL
  kGloo,       ///< over TCP
};

/// Meets the other processes, each with a device of its own. Null if there is one only. Throws
/// Error if they do not come in time, or if the address cannot be used.
std::unique_ptr<Communicator> connect(const Processes& processes,
                                      Transport transport = Transport::kAutomatic,
                                      at::Device device = at::kCPU);

/// Overwrites each tensor, of whatever layout, with that of rank 0.
void broadcast_all(const std::vector<at::Tensor>& tensors, Communicator& group);

/// This rank's share of a batch of `total` samples, as the loader cuts it: all of it if there are
/// fewer samples than ranks.
struct Share {
  std::int64_t size = 0;
  /// Of the sum over all ranks: size / total, or 1 / ranks if each has all samples.
  double weight = 1.0;
};
Share share_of(std::int64_t total, const Communicator* group);

}  // namespace trispike::train
