// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike data check|info: what a file or folder of images, or an event recording, is, and whether
// all of it can be read.
#include <algorithm>
#include <memory>
#include <optional>

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
         "picture, an event recording")
      ->required();
  app.add_flag("--json", options.json, "Answer in JSON");
}

Json recording_json(const std::optional<data::EventSummary>& recording) {
  if (!recording) return nullptr;
  const auto share = static_cast<double>(recording->on_events) /
                     static_cast<double>(std::max<std::uint64_t>(recording->events, 1));
  return {{"format", recording->format},
          {"width", recording->width},
          {"height", recording->height},
          {"header_bytes", recording->header_bytes},
          {"records", recording->records},
          {"events", recording->events},
          {"on_events", recording->on_events},
          {"on_share", share},
          {"first_us", recording->first_us},
          {"last_us", recording->last_us},
          {"backward_steps", recording->backward_steps},
          {"max_x", recording->max_x},
          {"max_y", recording->max_y}};
}

int answer(const Options& options, const data::CheckReport& report) {
  if (options.json) {
    print_json({{"path", options.path},
                {"ok", report.ok},
                {"kind", report.kind},
                {"summary", report.summary},
                {"problems", report.problems},
                {"recording", recording_json(report.recording)}});
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
  CLI::App* app = program.add_subcommand("data", "Look at images, event recordings and data sets");
  app->require_subcommand(1);
  app->footer(
      "Examples:\n"
      "  trispike data info cifar-10-images.tar\n"
      "  trispike data check /usr/share/datasets/fashion-mnist\n"
      "  trispike data info recording.aedat4 --json\n"
      "  trispike data events recording.aedat4 --limit 10");
  CLI::App* check = app->add_subcommand(
      "check", "Read everything; exit with 0 and a summary, or with 1 and the reasons");
  CLI::App* info = app->add_subcommand(
      "info", "Tell what is there from headers and names alone; event recordings are read");
  const auto options = std::make_shared<Options>();
  add_options(*check, *options);
  add_options(*info, *options);
  const Command events = add_data_events(*app);
  return {app, [options, check, events] {
            if (events.app->parsed()) return events.run();
            return answer(*options,
                          check->parsed() ? data::check(options->path) : data::info(options->path));
          }};
}

}  // namespace trispike::cli
