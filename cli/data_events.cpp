// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// trispike data events: the events of a recording as text, or their digest.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <memory>
#include <span>

#include "commands.h"
#include "console.h"
#include "trispike/data/events.h"
#include "trispike/model/sha256.h"

namespace trispike::cli {
namespace {

struct Options {
  std::string file;
  std::string format = "auto";
  std::int64_t limit = -1;  ///< all
  bool digest = false;
  bool without_times = false;
};

/// Takes the events one part after the other.
class Output {
 public:
  virtual ~Output() = default;
  virtual void add(std::span<const data::Event> events) = 0;
  virtual void finish() {}
};

class TextOutput final : public Output {
 public:
  void add(std::span<const data::Event> events) override {
    std::string text;
    for (const data::Event& event : events) {
      fmt::format_to(std::back_inserter(text), "{} {} {} {}\n", event.t, event.x, event.y, event.p);
    }
    print(text);
  }
};

/// Of t (8 bytes), x (2), y (2), p (1) of each event, little-endian.
class DigestOutput final : public Output {
 public:
  void add(std::span<const data::Event> events) override {
    for (const data::Event& event : events) {
      std::array<std::byte, 13> packed;
      std::memcpy(packed.data(), &event.t, 8);
      std::memcpy(packed.data() + 8, &event.x, 2);
      std::memcpy(packed.data() + 10, &event.y, 2);
      std::memcpy(packed.data() + 12, &event.p, 1);
      hash_.update(packed.data(), packed.size());
    }
  }
  void finish() override { print(hash_.finish() + "\n"); }

 private:
  model::Sha256 hash_;
};

int run(const Options& options) {
  const auto reader = data::open_events(std::filesystem::path(options.file), options.format);
  std::unique_ptr<Output> output;
  if (options.digest) {
    output = std::make_unique<DigestOutput>();
  } else {
    output = std::make_unique<TextOutput>();
  }
  std::array<data::Event, 4096> chunk;
  std::int64_t left = options.limit;
  while (left != 0) {
    const std::size_t wanted =
        left < 0 ? chunk.size() : std::min<std::size_t>(chunk.size(), std::size_t(left));
    const std::size_t count = reader->read(std::span(chunk).first(wanted));
    if (count == 0) break;
    const std::span<data::Event> events = std::span(chunk).first(count);
    if (options.without_times) {
      for (data::Event& event : events) event.t = 0;
    }
    output->add(events);
    if (left > 0) left -= static_cast<std::int64_t>(count);
  }
  output->finish();
  return kSuccess;
}

}  // namespace

Command add_data_events(CLI::App& parent) {
  CLI::App* app = parent.add_subcommand(
      "events", "Print the events of a recording, one line 't x y p' each, t in microseconds");
  std::string formats;
  std::vector<std::string> names = {"auto"};
  for (const data::EventFormat& format : data::event_formats()) {
    names.emplace_back(format.name);
    formats += "\n  " + names.back() + std::string(16 - names.back().size(), ' ') +
               std::string(format.summary);
  }
  app->footer("Formats:" + formats +
              "\n\nExamples:\n"
              "  trispike data events recording.aedat4 --limit 10\n"
              "  trispike data events recording.raw --digest");
  const auto options = std::make_shared<Options>();
  app->add_option("FILE", options->file, "An event recording")->required();
  app->add_option("--format", options->format, "One of the formats below, or auto")
      ->check(CLI::IsMember(names));
  app->add_option("--limit", options->limit, "The first N events only")
      ->check(CLI::NonNegativeNumber);
  app->add_flag("--digest", options->digest,
                "Print the SHA-256 of the events instead (13 bytes each: t, x, y, p)");
  app->add_flag("--without-times", options->without_times, "Take 0 for the time of every event");
  return {app, [options] { return run(*options); }};
}

}  // namespace trispike::cli
