// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trispike::train {

/// Makes LibTorch take the memory of its large tensors from regions that the process keeps, in huge
/// pages where the system has them. The system's allocator would give each map back when it is
/// freed and have it page-faulted anew in every iteration; and maps are read as a few streams that
/// lie megabytes apart, so that with pages of 4 KiB every block costs look-ups of addresses.
/// Call before the first tensor; later calls do nothing.
void use_map_allocator();

}  // namespace trispike::train
