// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/interop/layouts.h"

namespace trispike::interop {

std::vector<ForeignTensor> official_tensors(const model::NetworkSpec& network);
bool official_accepts_extra(const std::string& name, const model::Tensor& tensor);

}  // namespace trispike::interop
