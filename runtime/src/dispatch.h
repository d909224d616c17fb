// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Which kernels this machine can run, and which of them are used.
#pragma once

#include <string>

#include "kernels/kernels.h"
#include "trispike/runtime/runtime.h"

namespace trispike::runtime {

/// The name of the target to use: `requested`, or default_target() if that is empty. Throws
/// ConfigError if it is unknown, not supported here, or Linux refuses the permission it needs.
std::string_view resolve_target(const std::string& requested);

/// The kernels of a supported target of targets(). Number is float, double or Integer. Throws
/// ConfigError if Linux refuses the permission that they need.
template <class Number>
Kernels<Number> kernels_for(std::string_view target);

}  // namespace trispike::runtime
