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

inline void add_multiplication_free_option(CLI::App& app, bool& multiplication_free) {
  app.add_flag("--multiplication-free", multiplication_free,
               "Refuse a model in which a layer multiplies");
}

/// Throws ConfigError for an unknown name.
inline runtime::ModelOptions model_options(const std::string& arithmetic,
                                           bool multiplication_free = false) {
  runtime::ModelOptions options;
  options.multiplication_free = multiplication_free;
  if (!arithmetic.empty()) options.arithmetic = runtime::arithmetic_from_string(arithmetic);
  return options;
}

}  // namespace trispike::cli
