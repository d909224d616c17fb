// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Sums gradients over the ranks while backward still computes others: they are copied into flat
// buckets in the order in which they come, and a full bucket sets off.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "src/communicator.h"
#include "src/network.h"

namespace trispike::train {

class GradientBuckets {
 public:
  /// Works on `parameters` and `group`, which must outlive it. A bucket holds up to `bucket_bytes`,
  /// or one parameter that is larger.
  GradientBuckets(std::vector<Parameter>& parameters, Communicator& group,
                  std::int64_t bucket_bytes = std::int64_t{4} << 20);

  /// The gradient of parameter number i is complete: takes it away.
  void take(std::size_t i);
  /// Waits for all sums, gives each parameter its own as gradient, which is not to be written, and
  /// calls `then(i)`. A parameter without a gradient on this rank counts as zero.
  void finish(const std::function<void(std::size_t)>& then);

 private:
  struct Bucket {
    SumBuffer buffer;
    std::vector<std::size_t> parameters;
    std::size_t missing = 0;     ///< gradients that have not come yet
    std::function<void()> wait;  ///< once it has set off
  };
  void set_off_full_buckets();

  std::vector<Parameter>& parameters_;
  Communicator& group_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> bucket_of_;  ///< per parameter
  std::vector<at::Tensor> places_;      ///< per parameter: its part of the bucket, in its layout
  std::vector<at::Tensor> sums_;        ///< likewise of the sum
  std::vector<bool> taken_;
  std::size_t next_ = 0;  ///< the first bucket that has not set off; the order is that of all ranks
};

}  // namespace trispike::train
