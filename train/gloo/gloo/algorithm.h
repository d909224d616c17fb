// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// LibTorch holds Gloo, but not its headers: what c10d/ProcessGroupGloo.hpp names of it. Nothing
// here is called by us.
#pragma once

namespace gloo {
class Algorithm;
}
