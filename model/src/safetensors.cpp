// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// The container format, see docs/file-format.md.
#include "trispike/model/safetensors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "src/atomic_file.h"
#include "src/json_text.h"
#include "src/text.h"
#include "trispike/model/error.h"

namespace trispike::model {
namespace {

using nlohmann::json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // as in the reference implementation
constexpr int kMaxDepth = 8;
constexpr std::size_t kMaxRank = 16;
constexpr std::array kDTypes{DType::kF64, DType::kF32, DType::kBF16, DType::kI64,
                             DType::kI32, DType::kI16, DType::kI8,   DType::kU8};

// What the header says about one tensor, checked as far as one tensor goes.
struct Entry {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class HeaderReader {
 public:
  HeaderReader(const std::string& file, std::string_view text, std::uint64_t data_bytes)
      : file_(file), text_(text), data_bytes_(data_bytes) {}

  // Tensors in the order of their data.
  std::vector<Entry> read(std::map<std::string, std::string, std::less<>>& metadata) const {
    const json header = parse_json(text_, file_, kLengthBytes, kMaxDepth);
    if (!header.is_object()) fail("", "the header is not a JSON object");
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(value, metadata);
      } else {
        entries.push_back(read_entry(name, value));
      }
    }
    check_layout(entries);
    return entries;
  }

 private:
  void read_metadata(const json& value,
                     std::map<std::string, std::string, std::less<>>& metadata) const {
    if (!value.is_object()) fail("__metadata__", "is not a JSON object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(key, "is metadata, but not a string");
      metadata.emplace(key, text.get<std::string>());
    }
  }

  Entry read_entry(const std::string& name, const json& value) const {
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets")) {
      fail(name, "is not an object of dtype, shape and data_offsets");
    }
    Entry entry;
    entry.name = name;
    entry.dtype = read_dtype(name, value["dtype"]);
    const std::uint64_t bytes = read_shape(entry, value["shape"]);
    const json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
        !offsets[1].is_number_unsigned()) {
      fail(name, "has data_offsets that are not two whole numbers");
    }
    entry.begin = offsets[0].get<std::uint64_t>();
    entry.end = offsets[1].get<std::uint64_t>();
    const std::string range = std::to_string(entry.begin) + " to " + std::to_string(entry.end);
    if (entry.begin > entry.end || entry.end > data_bytes_) {
      fail(name, "has its data at " + range + ", but the file holds " +
                     std::to_string(data_bytes_) + " bytes of data");
    }
    if (entry.end - entry.begin != bytes) {
      fail(name, "has its data at " + range + ", but " + std::string(to_string(entry.dtype)) + " " +
                     shape_string(entry.shape) + " takes " + std::to_string(bytes) + " bytes");
    }
    return entry;
  }

  DType read_dtype(const std::string& name, const json& value) const {
    std::vector<std::string_view> names;
    for (const DType dtype : kDTypes) {
      if (value.is_string() && value.get_ref<const std::string&>() == to_string(dtype))
        return dtype;
      names.push_back(to_string(dtype));
    }
    fail(name, "has dtype " + in_quotes(value.dump(-1, ' ', true)) + ", expected one of " +
                   joined(names));
  }

  // Returns the size in bytes; refuses what could not be counted in 63 bits.
  std::uint64_t read_shape(Entry& entry, const json& shape) const {
    if (!shape.is_array() || shape.size() > kMaxRank) {
      fail(entry.name,
           "has a shape that is not an array of at most " + std::to_string(kMaxRank) + " sizes");
    }
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    std::uint64_t bytes = size_bytes(entry.dtype);
    for (const json& size : shape) {
      if (!size.is_number_unsigned() || size.get<std::uint64_t>() > kMax) {
        fail(entry.name, "has " + in_quotes(size.dump(-1, ' ', true)) + " in its shape");
      }
      const auto extent = size.get<std::uint64_t>();
      if (extent > 0 && bytes > kMax / extent) {
        fail(entry.name, "has a shape of more than 2^63 bytes");
      }
      bytes *= extent;
      entry.shape.push_back(static_cast<std::int64_t>(extent));
    }
    return bytes;
  }

  // Sorts; every byte of data must belong to exactly one tensor.
  void check_layout(std::vector<Entry>& entries) const {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    std::uint64_t position = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != position) {
        fail(entry.name, "has its data at " + std::to_string(entry.begin) + ", expected " +
                             std::to_string(position) + ": tensors overlap or leave a gap");
      }
      position = entry.end;
    }
    if (position != data_bytes_) {
      throw FormatError(file_, kLengthBytes + text_.size() + position,
                        "the tensors end here, but the file goes on for " +
                            std::to_string(data_bytes_ - position) + " bytes");
    }
  }

  [[noreturn]] void fail(const std::string& name, const std::string& message) const {
    const std::size_t found =
        text_.find(json(name).dump(-1, ' ', false, json::error_handler_t::replace));
    throw FormatError(file_, kLengthBytes + (found == std::string_view::npos ? 0 : found),
                      name.empty() ? message : in_quotes(name) + " " + message);
  }

  const std::string& file_;
  std::string_view text_;
  std::uint64_t data_bytes_;
};

std::uint64_t file_bytes(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw IoError(path + ": no such file");
  if (!std::filesystem::is_regular_file(status)) throw IoError(path + ": not a regular file");
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (error) throw IoError(path + ": " + error.message());
  return bytes;
}

void read_bytes(std::ifstream& stream, const std::string& path, void* to, std::uint64_t count) {
  if (!stream.read(static_cast<char*>(to), static_cast<std::streamsize>(count))) {
    const std::string reason = stream.eof() ? "it became shorter meanwhile" : std::strerror(errno);
    throw IoError(path + ": cannot be read: " + reason);
  }
}

std::uint64_t header_bytes(const std::string& path, std::ifstream& stream, std::uint64_t total) {
  if (total < kLengthBytes) {
    throw FormatError(path, total, "the file ends before the 8 bytes of the header's length");
  }
  std::uint64_t length = 0;
  read_bytes(stream, path, &length, kLengthBytes);
  if (length > kMaxHeaderBytes || length > total - kLengthBytes) {
    throw FormatError(path, 0,
                      "the header's length is " + std::to_string(length) +
                          ", expected at most 100000000 and no more than the " +
                          std::to_string(total - kLengthBytes) +
                          " bytes that follow: not a safetensors file, or cut off");
  }
  return length;
}

// Largest elements first, then by name: so every tensor is aligned to its element size.
std::vector<TensorMap::const_pointer> in_file_order(const TensorMap& tensors) {
  std::vector<TensorMap::const_pointer> order;
  for (const auto& entry : tensors) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return size_bytes(a->second.dtype) > size_bytes(b->second.dtype);
  });
  return order;
}

}  // namespace

Safetensors read_safetensors(const std::string& path) {
  const std::uint64_t total = file_bytes(path);
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw IoError(path + ": cannot be opened: " + std::strerror(errno));
  const std::uint64_t length = header_bytes(path, stream, total);
  std::string header(length, '\0');
  read_bytes(stream, path, header.data(), length);

  Safetensors contents;
  const HeaderReader reader(path, header, total - kLengthBytes - length);
  for (Entry& entry : reader.read(contents.metadata)) {
    Tensor tensor{entry.dtype, std::move(entry.shape), {}};
    tensor.data.resize(entry.end - entry.begin);
    read_bytes(stream, path, tensor.data.data(), tensor.data.size());
    contents.tensors.emplace(std::move(entry.name), std::move(tensor));
  }
  return contents;
}

void write_safetensors(const std::string& path, const Safetensors& contents) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!contents.metadata.empty()) header["__metadata__"] = contents.metadata;
  const auto order = in_file_order(contents.tensors);
  std::uint64_t position = 0;
  for (const auto* entry : order) {
    const Tensor& tensor = entry->second;
    header[entry->first] = {{"dtype", to_string(tensor.dtype)},
                            {"shape", tensor.shape},
                            {"data_offsets", {position, position + tensor.data.size()}}};
    position += tensor.data.size();
  }
  std::string text = dump_json(header, path + ": the header");
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();

  AtomicFile file(path);
  file.write(&length, kLengthBytes);
  file.write(text.data(), text.size());
  for (const auto* entry : order) file.write(entry->second.data.data(), entry->second.data.size());
  file.commit();
}

void write_text_atomically(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace trispike::model
