// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include "trispike/model/network.h"
#include "trispike/train/recipe.h"

namespace trispike::train {

/// The recipe's network; where it is left open, for pictures of 3x32x32 in 10 classes.
model::NetworkSpec network_to_measure(const Recipe& recipe);

/// Channels-last like the loader's batches, [N, C, H, W] or [N, T, C, H, W].
at::Tensor random_images(const model::NetworkSpec& network, std::int64_t batch,
                         at::Generator& generator);

}  // namespace trispike::train
