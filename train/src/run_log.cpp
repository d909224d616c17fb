// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/run_log.h"

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "trispike/model/error.h"

namespace trispike::train {
namespace {

using nlohmann::json;

/// The iteration of a line; that of a result, which a resumed run writes anew, is the last of all.
std::int64_t iteration_of(const std::string& line, const std::string& path, std::uint64_t offset) {
  const json entry = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!entry.is_object() || !entry.contains("iteration") ||
      !entry["iteration"].is_number_integer()) {
    throw FormatError(path, offset, "expected a JSON object with an integer \"iteration\"");
  }
  if (entry.value("event", json()) == "result") return std::numeric_limits<std::int64_t>::max();
  return entry["iteration"].get<std::int64_t>();
}

/// Bytes at the start of the log that tell about the first `iteration` iterations.
std::uint64_t bytes_to_keep(const std::string& path, std::int64_t iteration) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(path + ": cannot be read");
  std::uint64_t kept = 0;
  std::string line;
  while (std::getline(file, line)) {
    const bool cut_off = file.eof();
    if (cut_off || iteration_of(line, path, kept) > iteration) break;
    kept += line.size() + 1;
  }
  return kept;
}

}  // namespace

RunLog::RunLog(const std::string& path, std::int64_t iteration) : path_(path) {
  if (std::filesystem::exists(path)) {
    const std::uint64_t kept = iteration == 0 ? 0 : bytes_to_keep(path, iteration);
    std::error_code error;
    std::filesystem::resize_file(path, kept, error);
    if (error) throw IoError(path + ": cannot be shortened: " + error.message());
  }
  file_.open(path, std::ios::binary | std::ios::app);
  if (!file_) throw IoError(path + ": cannot be opened for writing");
}

void RunLog::write(std::string_view event, std::int64_t iteration, const LogFields& fields) {
  nlohmann::ordered_json entry;
  entry["event"] = event;
  entry["iteration"] = iteration;
  for (const auto& [name, value] : fields) {
    std::visit([&entry, &name = name](const auto& v) { entry[name] = v; }, value);
  }
  // A stray byte in a name (a file's, say) must not cost the run.
  constexpr auto kReplaceBadUtf8 = json::error_handler_t::replace;
  file_ << entry.dump(-1, ' ', false, kReplaceBadUtf8) + "\n" << std::flush;
  if (!file_) throw IoError(path_ + ": cannot be written");
}

}  // namespace trispike::train
