// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Weights and inputs that any program can generate again, on any machine.
#pragma once

#include <cstdint>
#include <vector>

#include "trispike/model/model_data.h"

namespace trispike::test {

/// Number i of stream k, in [-1, 1), a multiple of 2^-23: SplitMix64 of (k + 1) 2^32 + i. The
/// generator of tests/golden/official-parity.
double uniform(std::uint64_t k, std::uint64_t i);

/// A batch of the parity cases: 1.5 uniform(k, i).
std::vector<double> parity_input(std::uint64_t k, std::size_t elements);

/// A trained model with the weights of the parity cases: tensor number k, in the order of the
/// layers, is filled from stream k. F32.
model::ModelData parity_weights(const model::NetworkSpec& network);

/// A trained model for the hard cases of folding, F32: amplitudes of either sign with 0.3 <= |a| <=
/// 3, random running means and variances, norm weights of either sign, biases that make neurons
/// fire.
model::ModelData random_weights(const model::NetworkSpec& network, std::uint64_t seed);

}  // namespace trispike::test
