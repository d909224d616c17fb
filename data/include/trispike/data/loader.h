// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Batches of normalised pictures, prepared ahead of their use on threads of the loader's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "trispike/data/augment.h"
#include "trispike/data/dataset.h"
#include "trispike/data/sample.h"

namespace trispike::data {

struct LoaderOptions {
  std::int64_t batch_size = 128;
  int workers = 1;   ///< threads, >= 1; the batches do not depend on it
  int prefetch = 4;  ///< batches held ready, >= 1
  bool shuffle = false;
  std::uint64_t seed =
      0;  ///< of the order (with `epoch`) and of augmentation (also with the index)
  std::uint64_t epoch = 0;
  std::int64_t first_batch = 0;  ///< start here, as after so many calls of next()
  /// Of `shards` loaders with the same other options, this one gives part `shard` of each batch:
  /// samples [size * shard / shards, size * (shard + 1) / shards) of it. A batch of fewer samples
  /// than shards is given whole by each.
  int shard = 0;
  int shards = 1;
  bool drop_last = false;  ///< leave out a last batch that is not full
  Augmentation augmentation = {};
  SampleForm form = {};                                   ///< default: the data set's
  std::optional<std::vector<std::int64_t>> indices = {};  ///< use these pictures only; none: all
};

struct Batch {
  std::vector<float> images;          ///< [size, C, H, W], or [size, H, W, C] if channels last
  std::vector<std::int64_t> labels;   ///< [size]
  std::vector<std::int64_t> indices;  ///< [size], into the data set
  std::int64_t size = 0;
  std::int64_t total = 0;  ///< samples of the batch in all shards
};

/// One pass over the data. Destroying it stops its threads at once.
class Loader {
 public:
  /// Throws DataError if an option is out of range, or if the pictures vary in size and no size is
  /// given.
  Loader(std::shared_ptr<const Dataset> dataset, LoaderOptions options);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Fills `batch` (whose memory is used again) with the next batch; false if there is none. Throws
  /// what reading a picture of that batch threw; every later call then throws the same.
  bool next(Batch& batch);

  std::int64_t num_batches() const;  ///< in the whole epoch, whatever `first_batch` is
  std::int64_t num_samples() const;  ///< in all those batches
  const SampleForm& form() const;    ///< complete
  double seconds_waited() const;     ///< how long next() has blocked so far

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trispike::data
