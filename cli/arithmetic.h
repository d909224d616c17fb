// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The options --arithmetic and --multiplication-free of the commands that run a model.
#pragma once

#include <string>

#include "commands.h"
#include "trispike/runtime/runtime.h"

namespace trispike::cli {

/// `name` stays empty unless the option is given.
inline void add_arithmetic_option(CLI::App& app, std::string& name) {
  app.add_option("--arithmetic", name,
                 "float32, float64 or integer (default: integer for a quantised model, else "
                 "float32)");
}

inline void add_multiplication_options(CLI::App& app, runtime::ModelOptions& options) {
  app.add_flag("--event-driven", options.event_driven,
               "Only ever add spikes, also where so many fire that multiplying them is faster");
  app.add_flag("--multiplication-free", options.multiplication_free,
               "That, and refuse a model in which a layer multiplies");
}

/// Throws ConfigError for an unknown name.
inline runtime::ModelOptions model_options(const std::string& arithmetic,
                                           runtime::ModelOptions options = {}) {
  if (!arithmetic.empty()) options.arithmetic = runtime::arithmetic_from_string(arithmetic);
  return options;
}

}  // namespace trispike::cli
