// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike data check|info: what a file or folder of images is, and whether all of it can be read.
#include <memory>

#include "commands.h"
#include "format.h"
#include "json.h"
#include "trispike/data/check.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string path;
  bool json = false;
};

void add_options(CLI::App& app, Options& options) {
  app.add_option(
         "PATH", options.path,
         "A data set (folder, tar, IDX or CIFAR files), an IDX or CIFAR file, a JPEG or PNG "
         "picture")
      ->required();
  app.add_flag("--json", options.json, "Answer in JSON");
}

int answer(const Options& options, const data::CheckReport& report) {
  if (options.json) {
    print_json({{"path", options.path},
                {"ok", report.ok},
                {"kind", report.kind},
                {"summary", report.summary},
                {"problems", report.problems}});
  } else if (report.ok) {
    for (const std::string& line : report.summary) {
      print(printable(line) + "\n");
    }
  }
  for (const std::string& problem : report.problems) {
    print_error(problem);
  }
  return report.ok ? kSuccess : kFailure;
}

}  // namespace

Command add_data(CLI::App& program) {
  CLI::App* app = program.add_subcommand("data", "Look at images and data sets");
  app->require_subcommand(1);
  app->footer(
      "Examples:\n"
      "  trispike data info cifar-10-images.tar\n"
      "  trispike data check /usr/share/datasets/fashion-mnist");
  CLI::App* check = app->add_subcommand(
      "check", "Read everything; exit with 0 and a summary, or with 1 and the reasons");
  CLI::App* info = app->add_subcommand("info", "Tell what is there from headers and names alone");
  const auto options = std::make_shared<Options>();
  add_options(*check, *options);
  add_options(*info, *options);
  return {app, [options, check] {
            return answer(*options,
                          check->parsed() ? data::check(options->path) : data::info(options->path));
          }};
}

}  // namespace trispike::cli
