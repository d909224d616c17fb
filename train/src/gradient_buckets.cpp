// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/gradient_buckets.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace trispike::train {

GradientBuckets::GradientBuckets(std::vector<Parameter>& parameters, Communicator& group,
                                 std::int64_t bucket_bytes)
    : parameters_(parameters),
      group_(group),
      bucket_of_(parameters.size()),
      places_(parameters.size()),
      sums_(parameters.size()),
      taken_(parameters.size(), false) {
  std::int64_t bytes = 0;
  for (std::size_t i = parameters.size(); i-- > 0;) {  // backward goes from the last to the first
    const auto size = static_cast<std::int64_t>(parameters[i].tensor.nbytes());
    if (buckets_.empty() || bytes + size > bucket_bytes) {
      buckets_.emplace_back();
      bytes = 0;
    }
    bytes += size;
    buckets_.back().parameters.push_back(i);
    bucket_of_[i] = buckets_.size() - 1;
  }
  for (Bucket& bucket : buckets_) {
    std::int64_t count = 0;
    for (const std::size_t i : bucket.parameters) count += parameters[i].tensor.numel();
    bucket.buffer =
        group.make_sum_buffer(count, parameters.front().tensor.options().requires_grad(false));
    bucket.missing = bucket.parameters.size();
    std::int64_t offset = 0;
    for (const std::size_t i : bucket.parameters) {
      const at::Tensor& p = parameters[i].tensor;
      places_[i] = bucket.buffer.own.as_strided(p.sizes(), p.strides(), offset);
      sums_[i] = bucket.buffer.sum.as_strided(p.sizes(), p.strides(), offset);
      offset += p.numel();
    }
  }
}

void GradientBuckets::take(std::size_t i) {
  c10::NoGradGuard no_grad;
  places_[i].copy_(parameters_[i].tensor.grad());
  parameters_[i].tensor.mutable_grad() = at::Tensor();
  taken_[i] = true;
  --buckets_[bucket_of_[i]].missing;
  set_off_full_buckets();
}

void GradientBuckets::set_off_full_buckets() {
  for (; next_ < buckets_.size() && buckets_[next_].missing == 0; ++next_) {
    buckets_[next_].wait = group_.start_all_reduce(buckets_[next_].buffer);
  }
}

void GradientBuckets::finish(const std::function<void(std::size_t)>& then) {
  c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (!taken_[i]) places_[i].zero_();
  }
  for (Bucket& bucket : buckets_) bucket.missing = 0;
  set_off_full_buckets();
  for (Bucket& bucket : buckets_) {
    bucket.wait();
    for (const std::size_t i : bucket.parameters) {
      parameters_[i].tensor.mutable_grad() = sums_[i];
      then(i);
    }
    bucket.missing = bucket.parameters.size();
    bucket.wait = nullptr;
  }
  taken_.assign(taken_.size(), false);
  next_ = 0;
}

}  // namespace trispike::train
