// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "trispike/data/frames.h"

namespace trispike::data {

/// Maps [n, height, width] to maps [n, to_height, to_width]; `how` is kNearest or kBilinear.
void resize_maps(FrameResize how, std::span<const float> maps, int height, int width,
                 std::span<float> out, int to_height, int to_width);

}  // namespace trispike::data
