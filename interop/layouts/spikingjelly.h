// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/interop/layouts.h"

namespace trispike::interop {

std::vector<ForeignTensor> spikingjelly_tensors(const model::NetworkSpec& network);

}  // namespace trispike::interop
