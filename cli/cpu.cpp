// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike cpu: which kernels this machine can run and which it will.
#include <fmt/format.h>

#include <memory>
#include <thread>

#include "commands.h"
#include "json.h"
#include "table.h"
#include "trispike/runtime/runtime.h"

namespace trispike::cli {
namespace {

int run_cpu(bool as_json) {
  const std::string_view chosen = runtime::default_target();
  const unsigned threads = std::thread::hardware_concurrency();
  if (as_json) {
    Json targets = Json::array();
    for (const runtime::TargetInfo& target : runtime::targets()) {
      targets.push_back(
          {{"name", target.name}, {"summary", target.summary}, {"supported", target.supported}});
    }
    print_json({{"targets", targets}, {"chosen", chosen}, {"threads", threads}});
    return kSuccess;
  }
  Table table({{"target", Align::kLeft}, {"here", Align::kLeft}, {"needs", Align::kLeft}});
  for (const runtime::TargetInfo& target : runtime::targets()) {
    const bool in_use = target.name == chosen;
    table.add_row({std::string(target.name),
                   in_use             ? "in use"
                   : target.supported ? "yes"
                                      : "no",
                   std::string(target.summary)});
  }
  print(table.text());
  print(fmt::format("\n{} hardware threads. TRISPIKE_TARGET=<target> chooses another.\n", threads));
  return kSuccess;
}

}  // namespace

Command add_cpu(CLI::App& program) {
  CLI::App* app = program.add_subcommand("cpu", "Show the kernels this machine can run");
  const auto as_json = std::make_shared<bool>(false);
  app->add_flag("--json", *as_json, "Answer in JSON");
  return {app, [as_json] { return run_cpu(*as_json); }};
}

}  // namespace trispike::cli
