// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Samples for a network as a file: what `trispike predict --tensor` takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trispike/model/network.h"

namespace trispike::model {

/// The shape of one sample: [C, H, W], for frames and events [T, C, H, W].
std::vector<std::int64_t> sample_shape(const NetworkSpec& network);

/// The numbers of a safetensors file with one tensor `input` (F32 or F64), already normalised: N
/// samples, one after the other. Throws IoError or FormatError if the file cannot be read, Error
/// naming it if the tensor is another one, does not fit the network or holds a number that is not
/// finite.
std::vector<double> read_input_tensor(const std::string& path, const NetworkSpec& network);

}  // namespace trispike::model
