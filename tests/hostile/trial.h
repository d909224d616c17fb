// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The rules for files from outside (docs/robustness.md), put to one parser and one file at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "hostile/parsers.h"

namespace trispike::hostile {

/// The most memory that reading a file of `file_bytes` may take.
constexpr std::size_t memory_limit(std::size_t file_bytes) {
  return 4 * file_bytes + (std::size_t{64} << 20);
}

struct Outcome {
  bool accepted = false;
  std::string message;         ///< of the exception, if not accepted
  std::string broken_rule;     ///< empty if the parser kept to the rules
  std::size_t peak_bytes = 0;  ///< of heap memory
};

/// A parser in a folder of its own, which goes away with the object.
class Trial {
 public:
  explicit Trial(const Parser& parser);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  /// Lets the parser read a file. Whatever it throws ends here.
  Outcome run(const Bytes& bytes) const;

 private:
  const Parser& parser_;
  std::filesystem::path folder_;
};

}  // namespace trispike::hostile
