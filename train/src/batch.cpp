// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/batch.h"

#include <ATen/ATen.h>

#include "trispike/train/sample_form.h"

namespace trispike::train {

at::Tensor images_of(data::Batch& batch, const model::NetworkSpec& network) {
  const model::MapShape& shape = network.input().shape;
  if (network.input().kind == model::InputKind::kStatic) {
    return at::from_blob(batch.images.data(),
                         {batch.size, shape.height, shape.width, shape.channels}, at::kFloat)
        .permute({0, 3, 1, 2});
  }
  return at::from_blob(batch.images.data(),
                       {batch.size, network.time_steps, shape.height, shape.width, shape.channels},
                       at::kFloat)
      .permute({0, 1, 4, 2, 3});
}

at::Tensor labels_of(data::Batch& batch) {
  return at::from_blob(batch.labels.data(), {batch.size}, at::kLong);
}

at::Tensor on_device(const at::Tensor& tensor, const at::Device& device) {
  if (device.is_cpu()) return tensor;
  return tensor.pin_memory().to(device, tensor.scalar_type(), /*non_blocking=*/true);
}

data::LoaderOptions loader_for(const model::NetworkSpec& network,
                               const model::Preprocessing& preprocessing) {
  data::LoaderOptions options;
  options.form = sample_form(network, preprocessing);
  options.form.channels_last = true;
  return options;
}

}  // namespace trispike::train
