// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The option --arithmetic of the commands that run a model.
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

/// Throws ConfigError for an unknown name.
inline runtime::ModelOptions model_options(const std::string& arithmetic) {
  runtime::ModelOptions options;
  if (!arithmetic.empty()) options.arithmetic = runtime::arithmetic_from_string(arithmetic);
  return options;
}

}  // namespace trispike::cli
