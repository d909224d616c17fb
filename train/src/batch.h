// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "trispike/data/loader.h"
#include "trispike/model/model_data.h"

namespace trispike::train {

/// A loader's batch ([N, H, W, C] memory) as a channels-last tensor [N, C, H, W], or for frames
/// [N, T, C, H, W], over the same memory.
at::Tensor images_of(data::Batch& batch, const model::NetworkSpec& network);
at::Tensor labels_of(data::Batch& batch);
/// The tensor itself on the CPU, else a copy on the GPU, through pinned memory and without waiting.
at::Tensor on_device(const at::Tensor& tensor, const at::Device& device);

/// Options of a loader that feeds `network`: its input's form, channels-last.
data::LoaderOptions loader_for(const model::NetworkSpec& network,
                               const model::Preprocessing& preprocessing);

}  // namespace trispike::train
