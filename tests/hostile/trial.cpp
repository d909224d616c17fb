// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "hostile/trial.h"

#include <stdlib.h>

#include <system_error>
#include <typeinfo>

#include "hostile/heap.h"
#include "trispike/data/error.h"
#include "trispike/model/error.h"

namespace trispike::hostile {
namespace {

namespace fs = std::filesystem;

// In memory where the system has such a place: thousands of files are written.
fs::path new_folder() {
  std::error_code error;
  const fs::path in_memory = "/dev/shm";
  const fs::path parent =
      fs::is_directory(in_memory, error) ? in_memory : fs::temp_directory_path();
  std::string name = (parent / "trispike-hostile-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot create " + name);
  }
  return name;
}

// What a message lacks: the file, and something beyond the file.
std::string missing_in(const std::string& message, const std::string& file) {
  const std::size_t found = message.find(file);
  if (found == std::string::npos) return "the message does not name the file";
  constexpr std::size_t kReason = 8;
  return message.size() < file.size() + kReason ? "the message gives no reason" : "";
}

}  // namespace

Trial::Trial(const Parser& parser) : parser_(parser), folder_(new_folder()) {
  if (parser.surroundings != nullptr) parser.surroundings(folder_);
}

Trial::~Trial() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Outcome Trial::run(const Bytes& bytes) const {
  const Input input(bytes, folder_ / parser_.file);
  Outcome outcome;
  const HeapWatch heap;
  try {
    parser_.parse(input);
    outcome.accepted = true;
  } catch (const Error& error) {
    outcome.message = error.what();
  } catch (const data::DataError& error) {
    outcome.message = error.what();
  } catch (const std::exception& error) {
    outcome.message = error.what();
    outcome.broken_rule = std::string("threw ") + typeid(error).name();
  }
  outcome.peak_bytes = heap.peak_bytes();
  if (outcome.peak_bytes > memory_limit(bytes.size())) {
    outcome.broken_rule = "took " + std::to_string(outcome.peak_bytes) +
                          " bytes of memory for a file of " + std::to_string(bytes.size());
  } else if (outcome.broken_rule.empty() && !outcome.accepted) {
    outcome.broken_rule = missing_in(outcome.message, parser_.file);
  }
  return outcome;
}

}  // namespace trispike::hostile
