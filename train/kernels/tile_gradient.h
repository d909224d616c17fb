// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution's weights in bfloat16 on processors with tiles (AMX). It is a sum
// over positions: products of matrices whose rows are transposed, pairs of positions side by side,
// and shifted by each tap. Written so once per sample, tiles are then loaded without any shuffles.
#pragma once

#include <cstdint>

#include "kernels/element.h"

namespace trispike::train::kernels {

/// Maps of [samples, height, width] positions; windows of 3x3 taps, stride 1, one zero around.
struct TileGradientShape {
  std::int64_t samples, height, width, inputs, outputs;  ///< the last two: channels
};

/// Whether tile_gradient takes such maps: channels in 32s, rows that fill or divide 32 positions;
/// and this processor has tiles, which the system lets this process use and TRISPIKE_TARGET does
/// not hold back: they count as part of "avx512". Throws ConfigError as neuron_layer_target().
bool has_tile_gradient(const TileGradientShape& shape);

/// weights[output][tap][input], from the layer's input x and the gradient of its output, both
/// channels-last. Exact products summed in float32 in an order that does not depend on `threads`.
/// `sums`: room for tile_gradient_sums numbers; `space`: for tile_gradient_space per thread, on a
/// cache line.
void tile_gradient(const TileGradientShape& shape, const BFloat16* x, const BFloat16* gradient,
                   float* weights, float* sums, BFloat16* space, int threads);
/// Parts of the samples that are summed apart: no more threads than these have work. As many sums
/// as fit in 4 MiB, from 2 (for wide layers, more than that) to 32.
std::int64_t tile_gradient_parts(const TileGradientShape& shape);
std::int64_t tile_gradient_sums(const TileGradientShape& shape);
std::int64_t tile_gradient_space(const TileGradientShape& shape);

}  // namespace trispike::train::kernels
