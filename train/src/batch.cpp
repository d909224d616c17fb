// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/batch.h"

#include <ATen/ATen.h>

namespace trispike::train {

at::Tensor images_of(data::Batch& batch, const model::MapShape& shape) {
  return at::from_blob(batch.images.data(), {batch.size, shape.height, shape.width, shape.channels},
                       at::kFloat)
      .permute({0, 3, 1, 2});
}

at::Tensor labels_of(data::Batch& batch) {
  return at::from_blob(batch.labels.data(), {batch.size}, at::kLong);
}

data::LoaderOptions loader_for(const model::NetworkSpec& network,
                               const model::Preprocessing& preprocessing) {
  const model::MapShape& shape = network.input().shape;
  data::LoaderOptions options;
  options.channels = static_cast<int>(shape.channels);
  options.height = static_cast<int>(shape.height);
  options.width = static_cast<int>(shape.width);
  options.channels_last = true;
  if (!preprocessing.mean.empty()) {
    options.normalisation = data::Normalisation{preprocessing.mean, preprocessing.std};
  }
  return options;
}

}  // namespace trispike::train
