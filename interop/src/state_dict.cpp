// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "trispike/interop/state_dict.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "src/state_dict_prefix.h"
#include "trispike/model/error.h"
#include "trispike/model/safetensors.h"

namespace trispike::interop {
namespace {

// Of DataParallel and DistributedDataParallel, and of torch.compile.
constexpr std::array<std::string_view, 2> kWrappers{"module.", "_orig_mod."};
constexpr int kMostWrappers = 4;  // one around the other; more is no use of theirs

std::ifstream open(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw IoError(path + ": no such file");
  if (!std::filesystem::is_regular_file(status)) throw IoError(path + ": not a regular file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw IoError(path + ": cannot be opened: " + std::strerror(errno));
  return stream;
}

std::vector<std::byte> read_bytes(const std::string& path) {
  std::ifstream stream = open(path);
  std::vector<std::byte> bytes(std::filesystem::file_size(path));
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) throw IoError(path + ": cannot be read");
  return bytes;
}

// A safetensors file begins with the length of its header, at most 100 MB, so that byte 7 is 0.
bool is_torch(const std::string& path) {
  std::ifstream stream = open(path);
  std::array<char, 4> first{};
  stream.read(first.data(), first.size());
  const std::string_view start(first.data(), static_cast<std::size_t>(stream.gcount()));
  return start.starts_with("PK\x03\x04") || start.starts_with("\x80\x02\x8a\x0a");
}

bool all_begin_with(const model::TensorMap& tensors, std::string_view prefix) {
  return !tensors.empty() && std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) {
    return tensor.first.starts_with(prefix);
  });
}

}  // namespace

void drop_prefix(StateDict& dict) {
  for (int i = 0; i < kMostWrappers; ++i) {
    const auto wrapper =
        std::find_if(kWrappers.begin(), kWrappers.end(),
                     [&](std::string_view name) { return all_begin_with(dict.tensors, name); });
    if (wrapper == kWrappers.end()) return;
    model::TensorMap shorter;
    while (!dict.tensors.empty()) {
      auto node = dict.tensors.extract(dict.tensors.begin());
      node.key().erase(0, wrapper->size());
      shorter.insert(std::move(node));
    }
    dict.tensors = std::move(shorter);
    dict.prefix += *wrapper;
  }
}

StateDict read_state_dict(const std::string& path, const std::string& entry) {
  if (is_torch(path)) return read_torch(read_bytes(path), path, entry);
  if (!entry.empty()) {
    throw ConfigError("--key", path + " is a safetensors file, which holds one set of tensors");
  }
  StateDict dict;
  dict.tensors = model::read_safetensors(path).tensors;
  drop_prefix(dict);
  return dict;
}

}  // namespace trispike::interop
