// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// libFuzzer on the parsers of tests/hostile/parsers.cpp, under the same rules:
//
//   trispike_fuzz --list                          names of the targets
//   trispike_fuzz --parser=NAME --seeds=FOLDER    writes good files to start from
//   trispike_fuzz --parser=NAME [libFuzzer's options] [FOLDERS]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hostile/parsers.h"
#include "hostile/trial.h"
#include "kernels.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using trispike::data::Bytes;
using trispike::hostile::Outcome;
using trispike::hostile::Parser;
using trispike::hostile::Trial;

constexpr std::string_view kKernels = "kernels";

const Parser* parser = nullptr;  // null: the comparison of kernels
std::unique_ptr<Trial> trial;

[[noreturn]] void fail(const std::string& message) {
  std::cerr << "trispike_fuzz: " << message << "\n";
  std::exit(2);
}

std::optional<std::string_view> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(name)) return argument.substr(name.size());
  }
  return std::nullopt;
}

void choose(std::string_view name) {
  if (name == kKernels) return;
  const auto found = std::ranges::find(trispike::hostile::parsers(), name, &Parser::name);
  if (found == trispike::hostile::parsers().end()) {
    fail("no parser '" + std::string(name) + "', see --list");
  }
  parser = &*found;
  trial = std::make_unique<Trial>(*parser);
}

void write_seeds(const std::filesystem::path& folder) {
  const std::vector<Bytes> seeds =
      parser != nullptr ? parser->seeds() : std::vector<Bytes>{Bytes(64)};
  for (std::size_t k = 0; k < seeds.size(); ++k) {
    trispike::data::save(folder / ("seed-" + std::to_string(k)), seeds[k]);
  }
}

Bytes to_bytes(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (option(*argc, *argv, "--list")) {
    for (const Parser& row : trispike::hostile::parsers()) std::cout << row.name << "\n";
    std::cout << kKernels << "\n";
    std::exit(0);
  }
  const auto name = option(*argc, *argv, "--parser=");
  if (!name) fail("expected --parser=NAME, see --list");
  choose(*name);
  if (const auto folder = option(*argc, *argv, "--seeds=")) {
    write_seeds(*folder);
    trial.reset();
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = to_bytes(data, size);
  if (parser == nullptr) {
    trispike::fuzz::compare_kernels(bytes);
    return 0;
  }
  const Outcome outcome = trial->run(bytes);
  if (!outcome.broken_rule.empty()) {
    std::cerr << "broken rule: " << outcome.broken_rule << "\n" << outcome.message << "\n";
    std::abort();
  }
  return 0;
}

// Every second file gets its checksums made right.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (parser == nullptr || parser->repair == nullptr || seed % 2 == 0) return size;
  Bytes bytes = to_bytes(data, size);
  parser->repair(bytes);
  if (bytes.size() > max_size) return size;
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
