// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Sums through memory that the processes of one machine share.
#pragma once

#include <memory>

#include "src/communicator.h"

namespace c10d {
class Store;
}

namespace trispike::train {

/// Null, on all ranks, unless each of them can map the memory of rank 0: other machines, other
/// containers, and systems but Linux cannot. Ranks find it through `store`. Its sums are in the
/// order of the ranks. Waiting costs a core for a moment, then sleeps.
std::unique_ptr<Communicator> connect_by_shared_memory(const Processes& processes,
                                                       c10d::Store& store);

}  // namespace trispike::train
