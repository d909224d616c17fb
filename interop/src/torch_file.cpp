// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
//
// Files of torch.save: a zip archive with a pickle (data.pkl) and one entry per storage (data/0,
// ...).
#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "src/memory_budget.h"
#include "src/pickle.h"
#include "src/state_dict_prefix.h"
#include "src/text.h"
#include "src/torch_tensor.h"
#include "src/zip_archive.h"
#include "trispike/interop/state_dict.h"
#include "trispike/model/error.h"

namespace trispike::interop {
namespace {

using Kind = PickleValue::Kind;

constexpr std::string_view kPickle = "data.pkl";

bool starts_with(std::span<const std::byte> bytes, std::string_view text) {
  return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

void check_container(std::span<const std::byte> bytes, const std::string& name) {
  // PyTorch before 1.6 wrote several pickles in a row, the first of them a fixed number.
  if (starts_with(bytes, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) {
    throw FormatError(name, 0,
                      "this is the format of PyTorch before 1.6 (not a zip archive), which is not "
                      "read; load the file with PyTorch and save it again with torch.save");
  }
  if (!starts_with(bytes, "PK\x03\x04")) {
    throw FormatError(name, 0, "not a file of torch.save: it does not begin as a zip archive");
  }
}

class TorchFile {
 public:
  TorchFile(std::span<const std::byte> bytes, const std::string& name)
      : name_(name), budget_(name, bytes.size()), archive_(bytes, name, budget_) {
    folder_ = find_folder();
    check_byte_order();
    const ZipEntry& entry = *find(std::string(kPickle));
    pickle_bytes_ = archive_.read(entry);
    // Its errors count bytes from the pickle's own start: it may be deflated.
    document_ =
        read_pickle(pickle_bytes_.bytes, name_ + " (" + std::string(entry.name) + ")", budget_);
  }

  StateDict read(const std::string& key) {
    StateDict result;
    const PickleValue dict = choose(key, result.entry);
    for_each_entry(dict, [&](std::string_view key_text, const PickleValue& value) {
      const std::string name = copy(key_text);
      if (value.kind != Kind::kTensor) {
        result.not_tensors.push_back(name);
        return;
      }
      if (result.tensors.contains(name)) fail("holds " + in_quotes(name) + " twice");
      result.tensors.emplace(name, tensor(name, document_.tensors[value.integer]));
    });
    drop_prefix(result);
    return result;
  }

 private:
  // The folder of the archive that everything lies in, "archive/"; it may have any name.
  std::string find_folder() const {
    std::vector<std::string> found;
    for (const auto& [name, entry] : archive_.entries()) {
      const std::size_t folder = name.size() - std::min(name.size(), kPickle.size());
      const bool whole = folder == 0 || name[folder - 1] == '/';
      if (whole && name.substr(folder) == kPickle) found.emplace_back(name.substr(0, folder));
    }
    if (found.size() != 1) {
      fail("is a zip archive with " + std::to_string(found.size()) +
           " entries called data.pkl, expected one: not a file of torch.save");
    }
    if (archive_.entries().contains(found[0] + "constants.pkl")) {
      fail("is a TorchScript program, expected a state dict; save model.state_dict() instead");
    }
    return found[0];
  }

  // Without the entry the numbers are little-endian.
  void check_byte_order() {
    const ZipEntry* entry = find("byteorder");
    if (entry == nullptr) return;
    const ZipContent content = archive_.read(*entry);
    if (content.bytes.size() != 6 || !starts_with(content.bytes, "little")) {
      throw FormatError(name_, entry->offset,
                        "the byte order of the numbers is not 'little', the only one that is read");
    }
  }

  PickleValue choose(const std::string& key, std::string& chosen) {
    if (document_.root.kind != Kind::kDict) fail("holds no dict, expected a state dict");
    std::vector<std::string> names, dicts;
    PickleValue found = document_.root;
    for_each_entry(document_.root, [&](std::string_view name, const PickleValue& value) {
      names.push_back(copy(name));
      if (key.empty() ? !holds_tensors(value) : name != key) return;
      dicts.push_back(names.back());
      found = value;
    });
    if (!key.empty() && (dicts.empty() || found.kind != Kind::kDict)) {
      fail("holds no dict called " + in_quotes(key) + "; it holds " + first_few(names));
    }
    if (dicts.size() > 1) {
      fail("holds several state dicts (" + first_few(dicts) + "): say which one");
    }
    if (!dicts.empty()) chosen = dicts.front();
    return found;
  }

  bool holds_tensors(const PickleValue& value) const {
    if (value.kind != Kind::kDict) return false;
    const PickleDocument::Values& items = document_.items(value);
    for (std::size_t i = 1; i < items.size(); i += 2) {
      if (items[i].kind == Kind::kTensor) return true;
    }
    return false;
  }

  template <class Visit>
  void for_each_entry(const PickleValue& dict, const Visit& visit) const {
    const PickleDocument::Values& items = document_.items(dict);
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      if (items[i].kind == Kind::kText) {
        visit(document_.text(items[i]), items[i + 1]);
      } else if (items[i + 1].kind == Kind::kTensor) {
        fail("holds a tensor whose name is not a text");
      }
    }
  }

  // A short pickle may name one long text many times.
  std::string copy(std::string_view text) {
    budget_.take(2 * (text.size() + sizeof(model::TensorMap::value_type)));
    return std::string(text);
  }

  model::Tensor tensor(const std::string& name, const TensorReference& reference) {
    const std::string place = name_ + ": " + in_quotes(name);
    return read_tensor(reference, storage(reference.storage, place), place, budget_);
  }

  std::span<const std::byte> storage(const StorageReference& reference, const std::string& place) {
    const ZipEntry* entry = find("data/" + std::string(reference.key));
    if (entry == nullptr) {
      throw FormatError(place, 0,
                        "the archive has no data for its storage " + in_quotes(reference.key));
    }
    const std::uint64_t width = size_bytes(reference.type);
    if (entry->bytes % width != 0 ||
        entry->bytes / width != static_cast<std::uint64_t>(reference.elements)) {
      throw FormatError(place, entry->offset,
                        "its storage " + in_quotes(reference.key) + " has " +
                            std::to_string(entry->bytes) + " bytes, expected " +
                            std::to_string(reference.elements) + " numbers of " +
                            std::to_string(width) + " bytes each");
    }
    auto read = storages_.find(entry);
    if (read == storages_.end()) read = storages_.emplace(entry, archive_.read(*entry)).first;
    return read->second.bytes;
  }

  const ZipEntry* find(const std::string& name) const {
    const auto found = archive_.entries().find(folder_ + name);
    return found == archive_.entries().end() ? nullptr : &found->second;
  }

  [[noreturn]] void fail(const std::string& message) const { throw FormatError(name_, 0, message); }

  const std::string& name_;
  MemoryBudget budget_;
  ZipArchive archive_;
  std::string folder_;
  ZipContent pickle_bytes_;
  PickleDocument document_;
  std::map<const ZipEntry*, ZipContent> storages_;  // each is checked and unpacked once
};

}  // namespace

StateDict read_torch(std::span<const std::byte> bytes, const std::string& name,
                     const std::string& entry) {
  check_container(bytes, name);
  return TorchFile(bytes, name).read(entry);
}

}  // namespace trispike::interop
