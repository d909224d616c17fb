// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trispike/interop/state_dict.h"

namespace trispike::interop {

/// Drops what wrappers of a whole module put before every name, and notes it in `prefix`.
void drop_prefix(StateDict& dict);

}  // namespace trispike::interop
