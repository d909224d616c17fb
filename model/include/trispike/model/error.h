// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The exceptions of trispike. Every message names the thing, the value found and what was expected.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace trispike {

/// Base of all errors a user can cause. Internal bugs are `std::logic_error`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A setting, option or recipe key has a value that cannot be used. The CLI exits with 2.
class ConfigError : public Error {
 public:
  ConfigError(std::string key, const std::string& message)
      : Error(key + ": " + message), key_(std::move(key)) {}
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};

/// A network's layers do not fit together. The CLI exits with 1.
class ShapeError : public Error {
 public:
  ShapeError(std::string layer, const std::string& message)
      : Error("layer '" + layer + "': " + message), layer_(std::move(layer)) {}
  const std::string& layer() const { return layer_; }

 private:
  std::string layer_;
};

/// A file is not what it should be. `offset` is the byte at which reading stopped making sense.
class FormatError : public Error {
 public:
  FormatError(const std::string& file, std::uint64_t offset, const std::string& message)
      : Error(file + ": byte " + std::to_string(offset) + ": " + message), offset_(offset) {}
  std::uint64_t offset() const { return offset_; }

 private:
  std::uint64_t offset_;
};

/// A file cannot be opened, read or written.
class IoError : public Error {
 public:
  using Error::Error;
};

}  // namespace trispike
