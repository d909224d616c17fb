// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "src/memory_budget.h"
#include "src/pickle.h"
#include "trispike/model/tensor.h"

namespace trispike::interop {

/// Bytes of one number in a storage.
std::uint64_t size_bytes(ScalarType type);

/// The numbers of a window on a storage, row-major. Float16 becomes F32 (exactly), bool U8, all
/// others stay as they are. `storage` are the bytes of the whole storage, as many as the reference
/// says. Throws FormatError(place, 0, ...) if the window reaches beyond it.
model::Tensor read_tensor(const TensorReference& tensor, std::span<const std::byte> storage,
                          const std::string& place, MemoryBudget& budget);

}  // namespace trispike::interop
