// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The subcommands of `trispike`: one file each, one line each here and in the list in main.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace trispike::cli {

struct Command {
  CLI::App* app;             ///< the subcommand with its options, for parsing and help
  std::function<int()> run;  ///< called after parsing if the subcommand was named; an ExitCode
};

/// Each adds its subcommand and options to the program. What the options are parsed into lives in
/// `run`.
Command add_train(CLI::App& program);
Command add_export(CLI::App& program);
Command add_import(CLI::App& program);
Command add_show(CLI::App& program);
Command add_predict(CLI::App& program);
Command add_eval(CLI::App& program);
Command add_count(CLI::App& program);
Command add_analyze(CLI::App& program);
Command add_reproduce(CLI::App& program);
Command add_bench(CLI::App& program);
Command add_data(CLI::App& program);
Command add_cpu(CLI::App& program);

/// trispike data events.
Command add_data_events(CLI::App& parent);

}  // namespace trispike::cli
